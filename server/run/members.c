#include "run/members.h"

#include <string.h>

#include "base/mem.h"
#include "ot/op.h"
#include "ot/utf.h"

int
members_read(const char *text, size_t len, const char *const *names,
    struct json_slice *out, size_t n, struct ot_err *err)
{
	struct json_slice key, value;
	struct json_reader r;
	int rc, more;
	size_t i;

	for (i = 0; i < n; i++)
		out[i] = (struct json_slice){ NULL, 0, JSON_NONE };
	json_reader_init(&r, text, len, err);
	if ((rc = json_enter(&r, JSON_OBJECT)) != 0)
		return rc;
	while ((more = json_next_member(&r, &key)) > 0) {
		if ((rc = json_skip(&r, &value)) != 0)
			return rc;
		for (i = 0; i < n; i++)
			if (json_slice_is(&key, names[i]))
				out[i] = value;
	}
	return more < 0 ? more : json_finish(&r);
}

char *
members_text(const struct json_slice *s)
{
	struct buf b = BUF_INIT;
	char *text = NULL;

	if (s->kind != JSON_STRING)
		return NULL;
	json_slice_string(s, &b);
	if (buf_failed(&b))
		bug("out of memory");
	if (b.len == 0)
		text = mem_copy("", 0);
	else if (memchr(b.data, '\0', b.len) == NULL &&
	    utf_is_utf8(b.data, b.len))
		text = mem_copy(b.data, b.len);
	buf_done(&b);
	return text;
}

bool
members_number(const struct json_slice *s, uint64_t *out)
{
	double number;

	if (s->kind != JSON_NUMBER)
		return false;
	number = json_slice_number(s);
	if (!(number >= 0) || number > (double)OP_NUMBER_MAX ||
	    number != (double)(uint64_t)number)
		return false;
	*out = (uint64_t)number;
	return true;
}
