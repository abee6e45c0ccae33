#include "run/purge_tool.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/random.h>
#include <sysexits.h>
#include <time.h>

#include "base/mem.h"
#include "core/catalog.h"
#include "core/job.h"
#include "ot/json.h"
#include "run/asker.h"
#include "run/config.h"
#include "run/limits.h"
#include "run/words.h"
#include "store/store.h"

/* Edits may come in meanwhile; so often it is tried. */
#define ATTEMPTS	10

/* What servers had begun to write by then has been written after this. */
#define UNDER_WAY_MS	500

struct call {
	const char	*collection, *id, *reason, *by;
	bool		 has_events;	/* its collection, by the settings */
	struct asker	 asker;
	uint64_t	 v;		/* of the document afterwards */
	uint64_t	 n_ops, n_snapshots, n_events;	/* that are gone */
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

static char *
copy(const char *text)
{
	return mem_copy(text, strlen(text));
}

static struct job *
erase_job(const struct call *call)
{
	struct job *job = job_new(JOB_ERASE, NULL);
	struct job_erase *e = &job->erase;
	uint64_t chance;
	char src[32];

	if (getrandom(&chance, sizeof(chance), 0) != sizeof(chance))
		bug("the system has no random bytes");
	snprintf(src, sizeof(src), "purge:%016" PRIx64, chance);
	e->collection = copy(call->collection);
	e->id = copy(call->id);
	e->src = copy(src);
	e->by = copy(call->by);
	e->reason = copy(call->reason);
	e->has_event = call->has_events;
	return job;
}

/* Erase what there is; call->v 0: there never was such a document. */
static bool
erase(struct call *call)
{
	struct job *job = ask(call, erase_job(call));

	if (job == NULL)
		return false;
	call->v = job->erase.v;
	call->n_ops += job->erase.n_ops;
	call->n_snapshots += job->erase.n_snapshots;
	call->n_events += job->erase.n_events;
	job_free(job);
	return true;
}

/* Rows about it that are still there; -1: the store does not answer. */
static int64_t
traces(struct call *call)
{
	struct job *job;
	char v[24];
	int64_t n;

	snprintf(v, sizeof(v), "%" PRIu64, call->v);
	if ((job = ask(call, rows_new(ROWS_TRACES, NULL, NULL,
	    call->collection, call->id, v))) == NULL)
		return -1;
	n = rows_number(job, 0, 0, -1);
	job_free(job);
	return n;
}

static void
let_pass(void)
{
	const struct timespec ts = { .tv_nsec = UNDER_WAY_MS * 1000000l };

	nanosleep(&ts, NULL);
}

static int
erase_all(struct call *call)
{
	int64_t left;
	int i;

	for (i = 0; i < ATTEMPTS; i++) {
		if (!erase(call))
			return 1;
		if (call->v == 0)
			return complain(1, "there never was a document",
			    call->id);
		let_pass();
		if ((left = traces(call)) < 0)
			return 1;
		if (left == 0)
			return 0;
	}
	return complain(1, "the document is being written while it is erased; "
	    "keep its writers away, and run this again", NULL);
}

static void
report(const struct call *call, FILE *out)
{
	struct buf b = BUF_INIT;

	buf_puts(&b, "{\"collection\":");
	json_put_string(&b, call->collection, strlen(call->collection));
	buf_puts(&b, ",\"id\":");
	json_put_string(&b, call->id, strlen(call->id));
	buf_puts(&b, ",\"version\":");
	buf_put_u64(&b, call->v);
	buf_puts(&b, ",\"operations\":");
	buf_put_u64(&b, call->n_ops);
	buf_puts(&b, ",\"snapshots\":");
	buf_put_u64(&b, call->n_snapshots);
	buf_puts(&b, ",\"events\":");
	buf_put_u64(&b, call->n_events);
	buf_puts(&b, "}\n");
	if (buf_failed(&b))
		bug("out of memory");
	fwrite(b.data, 1, b.len, out);
	buf_done(&b);
}

static int
take_words(struct call *call, char **words, int n)
{
	const char *value;
	int i, names = 0;

	for (i = 0; i < n; i++) {
		if ((value = words_value(words[i], "reason")) != NULL)
			call->reason = value;
		else if ((value = words_value(words[i], "by")) != NULL)
			call->by = value;
		else if (names++ == 0)
			call->collection = words[i];
		else
			call->id = words[i];
	}
	if (names != 2)
		return complain(EX_USAGE, "purge wants COLLECTION, ID and "
		    "--reason TEXT", NULL);
	if (call->reason == NULL || call->reason[0] == '\0')
		return complain(EX_USAGE, "purge wants --reason TEXT, which "
		    "stays on record", NULL);
	if (call->by == NULL && (call->by = words_login()) == NULL)
		return complain(EX_USAGE, "you have no name here: say --by "
		    "NAME, which stays on record", NULL);
	return 0;
}

static bool
has_events(const struct config *config, const char *collection)
{
	struct catalog *catalog = limits_of_catalog(config);
	const struct collection *settings = catalog_collection(catalog,
	    collection);
	bool has = settings != NULL && settings->events;

	catalog_free(catalog);
	return has;
}

int
purge_tool(const struct config *config, char **words, int n, FILE *out)
{
	struct call call = { .collection = NULL };
	char why[512];
	int rc;

	if ((rc = take_words(&call, words, n)) != 0)
		return rc;
	call.has_events = has_events(config, call.collection);
	if (!asker_open(&call.asker, config->store, false))
		return 1;
	rc = erase_all(&call);
	asker_close(&call.asker);
	if (rc != 0)
		return rc;
	report(&call, out);
	if (store_scrub(config->store, why, sizeof(why)) != 0)
		return complain(1, "it is erased, but bytes of it may still be "
		    "in the file", why);
	return 0;
}
