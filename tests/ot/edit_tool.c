/*
 * edit-tool: diffs, patches and quotations on standard input and output, for
 * tests in JavaScript.  A request a line, an answer a line:
 *
 *	["diff","json0",FROM,TO]	["patch",DOC,PATCH]
 *	["quote","text",DOC,QUOTE]	["merge",DOC,PATCH]
 *
 *	{"out":...}	an edit; what the document is
 *	{"none":true}	nothing is to be done
 *	{"refused":"why","code":-98}
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ot/diff.h"
#include "ot/patch.h"
#include "ot/quote.h"

#define WORDS_MAX	4

struct request {
	struct json_slice	 word[WORDS_MAX];
	size_t			 n;
};

static int
read_request(const char *line, size_t len, struct request *q,
    struct ot_err *err)
{
	struct json_reader r;
	int rc;

	q->n = 0;
	json_reader_init(&r, line, len, err);
	if ((rc = json_enter(&r, JSON_LIST)) != 0)
		return rc;
	while ((rc = json_next_item(&r)) > 0) {
		if (q->n == WORDS_MAX)
			return ot_fail(err, OT_EBADLY, "too many words");
		if ((rc = json_skip(&r, &q->word[q->n++])) != 0)
			return rc;
	}
	return rc;
}

static const struct ot_type *
find_type(const struct json_slice *name)
{
	const struct ot_type *type;
	size_t i;

	for (i = 0; (type = ot_type_at(i)) != NULL; i++)
		if (json_slice_is(name, type->name))
			return type;
	return NULL;
}

static int
answer(const struct request *q, struct buf *out, struct ot_err *err)
{
	const struct ot_type *type = q->n == 4 ? find_type(&q->word[1]) : NULL;
	int rc;

	if (q->n == 3 && json_slice_is(&q->word[0], "patch"))
		rc = patch_json(&q->word[1], &q->word[2], out, err);
	else if (q->n == 3 && json_slice_is(&q->word[0], "merge"))
		rc = patch_merge(&q->word[1], &q->word[2], out, err);
	else if (type != NULL && json_slice_is(&q->word[0], "diff"))
		return diff_edit(type, &q->word[2], &q->word[3], out, err);
	else if (type != NULL && json_slice_is(&q->word[0], "quote"))
		return quote_edit(type, &q->word[2], &q->word[3], out, err);
	else
		return ot_fail(err, OT_EBADLY, "no such request");
	return rc == 0 ? 1 : rc;
}

static void
serve(const char *line, size_t len)
{
	struct buf out = BUF_INIT, said = BUF_INIT;
	struct request q;
	struct ot_err err;
	int rc;

	if ((rc = read_request(line, len, &q, &err)) == 0)
		rc = answer(&q, &out, &err);
	if (rc < 0) {
		buf_puts(&said, "{\"refused\":");
		json_put_string(&said, err.text, strlen(err.text));
		buf_puts(&said, ",\"code\":");
		json_put_number(&said, err.code);
	} else if (rc == 0) {
		buf_puts(&said, "{\"none\":true");
	} else {
		buf_puts(&said, "{\"out\":");
		buf_put(&said, out.data, out.len);
	}
	buf_puts(&said, "}\n");
	fwrite(said.data, 1, said.len, stdout);
	buf_done(&out);
	buf_done(&said);
}

int
main(void)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t len;

	while ((len = getline(&line, &room, stdin)) > 0)
		serve(line, (size_t)len);
	free(line);
	return 0;
}
