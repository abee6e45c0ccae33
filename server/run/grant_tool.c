#include "run/grant_tool.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "core/access.h"
#include "ot/json.h"
#include "run/asker.h"
#include "run/words.h"

static int
complain(const char *what, const char *word)
{
	fprintf(stderr, "otd: %s%s%s%s\n", what, word == NULL ? "" : " \"",
	    word == NULL ? "" : word, word == NULL ? "" : "\"");
	return 1;
}

/* The job's answer; NULL, told on stderr, when there is none. */
static struct job *
ask(const char *url, struct job *job)
{
	const char *why = "the store cannot be opened";
	struct asker a;

	if (!asker_open(&a, url, true)) {
		job_free(job);
		return NULL;
	}
	if ((job = asker_ask(&a, job, &why)) == NULL)
		complain(why, NULL);
	asker_close(&a);
	return job;
}

/* ---- times ---- */

static void
put_name(struct buf *b, const char *name)
{
	buf_puts(b, b->len > 0 && b->data[b->len - 1] != '\n' ? ",\"" : "{\"");
	buf_puts(b, name);
	buf_puts(b, "\":");
}

static void
put_text(struct buf *b, const char *name, const char *text)
{
	put_name(b, name);
	if (text == NULL)
		buf_puts(b, "null");
	else
		json_put_string(b, text, strlen(text));
}

/* As RFC 3339 has it; ms -1: null. */
static void
put_time(struct buf *b, const char *name, int64_t ms)
{
	time_t s = (time_t)(ms / 1000);
	char text[40] = "";
	struct tm tm;

	if (ms >= 0 && gmtime_r(&s, &tm) != NULL)
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	put_text(b, name, text[0] != '\0' ? text : NULL);
}

/* ---- the three ---- */

int
grant_tool_add(const char *url, const char *collection, const char *id,
    const char *subject, const char *role, const char *term)
{
	int64_t lasts_s = 0;
	char expires[24];
	struct job *job;

	if (access_role_named(role) <= ROLE_NONE)
		return complain("a role is viewer, commenter, editor or owner, "
		    "not", role);
	if (subject[0] == '\0')
		return complain("the subject is empty", NULL);
	if (term != NULL && (lasts_s = words_term_s(term)) < 0)
		return complain("a term is a number and s, m, h or d, not", term);
	snprintf(expires, sizeof(expires), "%" PRId64,
	    ((int64_t)time(NULL) + lasts_s) * 1000);
	job = ask(url, rows_new(ROWS_GRANT_PUT, NULL, NULL, collection, id,
	    subject, role, term != NULL ? expires : NULL, NULL));
	if (job == NULL)
		return 1;
	job_free(job);
	return 0;
}

int
grant_tool_remove(const char *url, const char *collection, const char *id,
    const char *subject)
{
	struct job *job = ask(url, rows_new(ROWS_GRANT_DROP, NULL, NULL,
	    collection, id, subject));
	int rc = 0;

	if (job == NULL)
		return 1;
	if (job->rows.n_rows == 0)
		rc = complain("nothing is granted there to", subject);
	job_free(job);
	return rc;
}

int
grant_tool_list(const char *url, const char *collection, const char *id,
    FILE *out)
{
	struct job *job = ask(url, rows_new(ROWS_GRANT_LIST, NULL, NULL,
	    collection, id));
	struct buf b = BUF_INIT;
	size_t i;

	if (job == NULL)
		return 1;
	for (i = 0; i < job->rows.n_rows; i++) {
		put_text(&b, "subject", rows_cell(job, i, 0));
		put_text(&b, "role", rows_cell(job, i, 1));
		put_time(&b, "expires", rows_number(job, i, 2, -1));
		put_text(&b, "by", rows_cell(job, i, 3));
		put_time(&b, "at", rows_number(job, i, 4, -1));
		buf_puts(&b, "}\n");
	}
	if (buf_failed(&b))
		bug("out of memory");
	if (b.len > 0)
		fwrite(b.data, 1, b.len, out);
	buf_done(&b);
	job_free(job);
	return 0;
}
