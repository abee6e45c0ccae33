#include "run/name_tool.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/mem.h"
#include "core/job.h"
#include "ot/json.h"
#include "ot/utf.h"
#include "proto/message.h"
#include "run/asker.h"
#include "run/words.h"

/* The document may be edited while a version of it is named. */
#define ATTEMPTS	100

static int
complain(const char *what, const char *word)
{
	fprintf(stderr, "otd: %s%s%s%s\n", what, word == NULL ? "" : " \"",
	    word == NULL ? "" : word, word == NULL ? "" : "\"");
	return 1;
}

static int
misused(const char *what, const char *word)
{
	complain(what, word);
	return EX_USAGE;
}

/* Can it be stored?  Otherwise it is told, without the bytes themselves. */
static bool
is_text(const char *what, const char *text)
{
	if (utf_is_utf8(text, strlen(text)))
		return true;
	fprintf(stderr, "otd: the %s is not UTF-8\n", what);
	return false;
}

/* As ROWS_NAME_PUT says it: nothing is done, and it may be asked again. */
static bool
is_late(const struct job *job)
{
	return job->rows.what == ROWS_NAME_PUT && job->rows.n_rows > 0 &&
	    rows_cell(job, 0, 0) == NULL;
}

/* The job's answer; NULL, told on stderr, when there is none. */
static struct job *
ask(const char *url, struct job *job, const char *clash)
{
	const char *why = "the store cannot be opened";
	struct asker a;
	int i;

	if (!asker_open(&a, url, true)) {
		job_free(job);
		return NULL;
	}
	job = asker_ask(&a, job, &why);
	for (i = 1; i < ATTEMPTS && job != NULL && is_late(job); i++)
		job = asker_ask(&a, job, &why);
	if (job == NULL)
		complain(why == err_text(ERR_ROWS_CLASH) ? clash : why, NULL);
	asker_close(&a);
	return job;
}

int
name_tool_add(const char *url, const char *collection, const char *id,
    const char *name, const char *version, FILE *out)
{
	struct job *job;
	int rc = 0;

	if (name[0] == '\0' || strlen(name) > NAME_MAX_BYTES)
		return misused("a name has 1 to 1024 bytes", NULL);
	if (!is_text("collection", collection) || !is_text("id", id) ||
	    !is_text("name", name))
		return EX_USAGE;
	if (version != NULL && (version[0] == '\0' || strlen(version) > 15 ||
	    version[strspn(version, "0123456789")] != '\0'))
		return misused("a version is a number, not", version);
	job = ask(url, rows_new(ROWS_NAME_PUT, NULL, NULL, collection, id, name,
	    version, words_login()), "the document has a version of that name");
	if (job == NULL)
		return 1;
	if (job->rows.n_rows == 0)
		rc = complain("there is no such document, or it was never at "
		    "this version, or it was compacted there", NULL);
	else if (is_late(job))
		rc = complain("the document is written too often; try again",
		    NULL);
	else
		fprintf(out, "%s\n", rows_cell(job, 0, 0));
	job_free(job);
	return rc;
}

int
name_tool_remove(const char *url, const char *collection, const char *id,
    const char *name)
{
	struct job *job;
	int rc = 0;

	if (!is_text("collection", collection) || !is_text("id", id) ||
	    !is_text("name", name))
		return EX_USAGE;
	job = ask(url, rows_new(ROWS_NAME_DROP, NULL, NULL, collection, id,
	    name), NULL);
	if (job == NULL)
		return 1;
	if (job->rows.n_rows == 0)
		rc = complain("the document has no version named", name);
	job_free(job);
	return rc;
}

int
name_tool_list(const char *url, const char *collection, const char *id,
    FILE *out)
{
	struct job *job;
	struct buf b = BUF_INIT;
	const char *by;
	size_t i;

	if (!is_text("collection", collection) || !is_text("id", id))
		return EX_USAGE;
	job = ask(url, rows_new(ROWS_NAMES, NULL, NULL, collection, id), NULL);
	if (job == NULL)
		return 1;
	for (i = 0; i < job->rows.n_rows; i++) {
		buf_puts(&b, "{\"name\":");
		json_put_string(&b, rows_cell(job, i, 0),
		    strlen(rows_cell(job, i, 0)));
		buf_puts(&b, ",\"version\":");
		buf_puts(&b, rows_cell(job, i, 1));
		buf_puts(&b, ",\"at\":");
		buf_puts(&b, rows_cell(job, i, 2));
		buf_puts(&b, ",\"by\":");
		if ((by = rows_cell(job, i, 3)) != NULL)
			json_put_string(&b, by, strlen(by));
		else
			buf_puts(&b, "null");
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
