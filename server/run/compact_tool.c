#include "run/compact_tool.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/mem.h"
#include "core/catalog.h"
#include "ot/json.h"
#include "run/asker.h"
#include "run/compact_doc.h"
#include "run/config.h"
#include "run/limits.h"
#include "run/progress.h"
#include "run/words.h"

#define RATE		10000	/* ops a second, unless it is said */
#define DOCUMENTS_EACH	500	/* looked at in one statement */
#define DAYS_MAX	36500	/* as raw_days */

/* What the words say. */
struct call {
	int64_t		 older_days;	/* -1: as the settings say */
	uint64_t	 rate;
	bool		 is_forecast;
	const char	**names;	/* of collections; heap */
	size_t		 n_names;
	struct catalog	*catalog;
	struct asker	 asker;
	FILE		*out;
};

static int
complain(int code, const char *what, const char *word)
{
	fprintf(stderr, "otd: %s%s%s%s\n", what, word == NULL ? "" : " \"",
	    word == NULL ? "" : word, word == NULL ? "" : "\"");
	return code;
}

/* The answer; NULL, told on stderr. */
static struct job *
ask(struct call *call, struct job *job)
{
	const char *why;

	if ((job = asker_ask(&call->asker, job, &why)) == NULL)
		complain(1, why, NULL);
	return job;
}

/* ---- words ---- */

/* A whole number up to max; -1: none. */
static int64_t
number(const char *text, int64_t max)
{
	size_t digits = strspn(text, "0123456789");
	int64_t n = strtoll(text, NULL, 10);

	return digits == 0 || digits > 12 || text[digits] != '\0' || n > max ?
	    -1 : n;
}

static int
take_words(struct call *call, char **words, int n)
{
	const char *value;
	int64_t rate;
	int i;

	for (i = 0; i < n; i++) {
		if ((value = words_value(words[i], "older-than")) != NULL) {
			call->older_days = number(value, DAYS_MAX);
			if (call->older_days < 0)
				return complain(EX_USAGE, "--older-than is a "
				    "number of days up to 36500, not", value);
		} else if ((value = words_value(words[i], "rate")) != NULL) {
			if ((rate = number(value, 1000000000)) < 0)
				return complain(EX_USAGE, "--rate is a number "
				    "of operations a second, 0 for no limit, "
				    "not", value);
			call->rate = (uint64_t)rate;
		} else if (words_value(words[i], "dry-run") != NULL) {
			call->is_forecast = true;
		} else {
			call->names[call->n_names++] = words[i];
		}
	}
	return 0;
}

/* ---- what there is ---- */

/* How many documents a collection has; 0 when that is not known. */
static uint64_t
documents(struct call *call, const char *collection)
{
	const char *why;
	struct job *job = asker_ask(&call->asker, rows_new(ROWS_COLLECTION_SIZE,
	    NULL, NULL, collection), &why);
	uint64_t n;

	if (job == NULL)
		return 0;	/* too many to be counted in time */
	n = (uint64_t)rows_number(job, 0, 0, 0);
	job_free(job);
	return n;
}

/* The time so many days ago by the store's clock; false: it does not answer. */
static bool
days_ago(struct call *call, int64_t days, int64_t *ms_out)
{
	struct job *job;
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, days);
	if ((job = ask(call, rows_new(ROWS_DAYS_AGO, NULL, NULL,
	    text))) == NULL)
		return false;
	*ms_out = rows_number(job, 0, 0, 0);
	job_free(job);
	return true;
}

/* ---- one collection ---- */

static void
put(struct buf *b, const char *name, uint64_t n)
{
	buf_puts(b, ",\"");
	buf_puts(b, name);
	buf_puts(b, "\":");
	buf_put_u64(b, n);
}

static void
report(const struct call *call, const struct compact *c, int64_t days)
{
	const struct compact_sum *sum = &c->sum;
	struct buf b = BUF_INIT;

	buf_puts(&b, "{\"collection\":");
	json_put_string(&b, c->collection, strlen(c->collection));
	buf_puts(&b, ",\"forecast\":");
	buf_puts(&b, c->is_forecast ? "true" : "false");
	put(&b, "days", (uint64_t)days);
	put(&b, "documents", sum->documents);
	put(&b, "left", sum->left);
	put(&b, "spans", sum->spans);
	put(&b, "spans_left", sum->spans_left);
	put(&b, "operations", sum->ops);
	put(&b, "emptied", sum->emptied);
	put(&b, "bytes_before", sum->bytes_before);
	put(&b, "bytes_after", sum->bytes_after);
	put(&b, "snapshots_dropped", sum->snapshots_dropped);
	put(&b, "snapshots_added", sum->snapshots_added);
	put(&b, "snapshot_bytes_dropped", sum->snapshot_bytes_dropped);
	put(&b, "snapshot_bytes_added", sum->snapshot_bytes_added);
	buf_puts(&b, "}\n");
	if (buf_failed(&b))
		bug("out of memory");
	fwrite(b.data, 1, b.len, call->out);
	fflush(call->out);
	buf_done(&b);
}

/* The documents of a page that have old ops. */
static bool
compact_page(struct compact *c, const struct job *page, struct progress *p,
    uint64_t *looked_at)
{
	size_t i;

	for (i = 0; i < page->rows.n_rows; i++) {
		if (rows_number(page, i, 3, 0) == 1 && !compact_doc(c,
		    rows_cell(page, i, 0), (uint64_t)rows_number(page, i, 1, 0),
		    (uint64_t)rows_number(page, i, 2, 0),
		    (uint64_t)rows_number(page, i, 4, 0)))
			return false;
		progress_show(p, ++*looked_at, c->sum.ops);
	}
	return true;
}

static bool
compact_pages(struct call *call, struct compact *c, struct progress *p)
{
	char old[24], each[24], *after = mem_copy("", 0);
	uint64_t looked_at = 0;
	bool ok = true;
	struct job *job;
	size_t n;

	snprintf(old, sizeof(old), "%" PRId64, c->old_ms);
	snprintf(each, sizeof(each), "%d", DOCUMENTS_EACH);
	do {
		if ((job = ask(call, rows_new(ROWS_OLD, NULL, NULL,
		    c->collection, after, old, each))) == NULL) {
			free(after);
			return false;
		}
		ok = compact_page(c, job, p, &looked_at);
		if ((n = job->rows.n_rows) > 0) {
			free(after);
			after = mem_copy(rows_cell(job, n - 1, 0),
			    strlen(rows_cell(job, n - 1, 0)));
		}
		job_free(job);
	} while (ok && n == DOCUMENTS_EACH);
	free(after);
	return ok;
}

static int
compact_collection(struct call *call, const char *name,
    const struct collection *settings, int64_t days)
{
	struct compact c = {
		.asker = &call->asker,
		.collection = name,
		.settings = settings,
		.is_forecast = call->is_forecast,
		.rate = call->rate,
	};
	struct progress p;
	bool ok;

	if (!days_ago(call, days, &c.old_ms))
		return 1;
	progress_init(&p, "compact", documents(call, name));
	ok = compact_pages(call, &c, &p);
	progress_clear(&p);
	report(call, &c, days);
	if (!ok)
		return complain(1, "broken off; run it again, and it goes on "
		    "from there", NULL);
	return c.sum.left > 0;
}

/*
 * How old its ops have to be; -1: for ever as they are.  The promise of the
 * settings is one to clients: no option goes behind it.
 */
static int
days_of(const struct call *call, const char *name,
    const struct collection *settings, int64_t *days_out)
{
	int64_t promised = (int64_t)settings->raw_days;

	if (call->older_days >= 0 && call->older_days < promised) {
		fprintf(stderr, "otd: operations of \"%s\" stay as they were "
		    "sent for %" PRId64 " days, its settings say (raw-days); "
		    "--older-than %" PRId64 " is less\n", name, promised,
		    call->older_days);
		return EX_USAGE;
	}
	*days_out = call->older_days >= 0 ? call->older_days :
	    promised > 0 ? promised : -1;
	return 0;
}

/* One that is named may not be without settings; of all some may. */
static int
compact_named(struct call *call, const char *name, bool is_named)
{
	const struct collection *settings = catalog_collection(call->catalog,
	    name);
	int64_t days;
	int rc;

	if (settings == NULL)
		return is_named ? complain(1, "the settings name no collection",
		    name) : 0;
	if ((rc = days_of(call, name, settings, &days)) != 0)
		return rc;
	if (days < 0)
		return is_named ? complain(1, "neither raw-days nor "
		    "--older-than says what is old in", name) : 0;
	return compact_collection(call, name, settings, days);
}

/* ---- all of it ---- */

/* May it be done as was said?  *n_out: one more that has something old. */
static int
check(const struct call *call, const char *name, size_t *n_out)
{
	const struct collection *settings = catalog_collection(call->catalog,
	    name);
	int64_t days = -1;
	int rc;

	if (settings != NULL &&
	    (rc = days_of(call, name, settings, &days)) != 0)
		return rc;
	*n_out += days >= 0;
	return 0;
}

/* The name of the collection behind *name, in its place; false: no more. */
static bool
next_collection(struct call *call, char **name, int *rc_out)
{
	struct job *job = ask(call, rows_new(ROWS_COLLECTION_NEXT, NULL, NULL,
	    *name));
	bool is_one = job != NULL && job->rows.n_rows > 0;

	if (job == NULL)
		*rc_out = 1;
	free(*name);
	*name = is_one ? mem_copy(rows_cell(job, 0, 0),
	    strlen(rows_cell(job, 0, 0))) : NULL;
	if (job != NULL)
		job_free(job);
	return is_one;
}

/* Nothing is done when one of them cannot be. */
static int
compact_all(struct call *call)
{
	char *name = mem_copy("", 0);
	size_t n = 0;
	int rc = 0, one;

	while (rc == 0 && next_collection(call, &name, &rc))
		rc = check(call, name, &n);
	free(name);
	if (rc != 0)
		return rc;
	if (n == 0)
		return complain(0, "nothing is done: no collection that there "
		    "is has raw-days in its settings (--config), and there is "
		    "no --older-than", NULL);
	name = mem_copy("", 0);
	while (next_collection(call, &name, &rc))
		if ((one = compact_named(call, name, false)) != 0)
			rc = one;
	free(name);
	return rc;
}

/* Nothing is done when one of them cannot be. */
static int
compact_these(struct call *call)
{
	size_t i, n = 0;
	int rc = 0, one;

	for (i = 0; i < call->n_names; i++)
		if ((one = check(call, call->names[i], &n)) != 0)
			return one;
	for (i = 0; i < call->n_names; i++)
		if ((one = compact_named(call, call->names[i], true)) != 0)
			rc = one;
	return rc;
}

int
compact_tool(const struct config *config, char **words, int n, FILE *out)
{
	struct call call = { .older_days = -1, .rate = RATE, .out = out };
	int rc;

	call.names = mem_grow(NULL, (size_t)n + 1, sizeof(*call.names));
	if ((rc = take_words(&call, words, n)) != 0)
		goto out;
	rc = 1;
	if (!asker_open(&call.asker, config->store, true))
		goto out;
	call.catalog = limits_of_catalog(config);
	rc = call.n_names > 0 ? compact_these(&call) : compact_all(&call);
	catalog_free(call.catalog);
	asker_close(&call.asker);
out:
	free(call.names);
	return rc;
}
