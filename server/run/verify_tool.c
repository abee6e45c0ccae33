/*
 * verify_tool: see verify_tool.h.
 *
 * The main thread names documents, a page at a time, on a queue that holds no
 * more than a few pages; threads take them from there.  All that they share
 * is in struct crew, behind its mutex.
 */
#include "run/verify_tool.h"

#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/list.h"
#include "base/mem.h"
#include "ot/json.h"
#include "run/doc_list.h"
#include "run/progress.h"
#include "run/verify.h"
#include "run/words.h"

#define PAGE		"500"	/* rows, asked for at once */
#define PAGE_ROWS	500
#define QUEUE_MAX	2000	/* documents */
#define JOBS_MAX	64
#define LOOK_MS		200	/* the bar moves at least so often */

struct wanted {
	struct list	 node;		/* crew->queue */
	char		*collection, *id;
};

struct crew {
	const char	*url;
	FILE		*out;
	bool		 is_json;

	pthread_mutex_t	 mutex;		/* guards what follows */
	pthread_cond_t	 more;		/* the queue grew, or there is an end */
	pthread_cond_t	 less;		/* it shrank, or a thread has ended */
	struct list	 queue;		/* struct wanted */
	size_t		 n_queued;
	bool		 is_all;	/* nothing is added any more */
	bool		 is_over;	/* something failed: leave */
	unsigned	 n_running;	/* threads */
	uint64_t	 documents, ops, bad;
	struct progress	 progress;
};

/* ---- telling ---- */

static void
put_member(struct buf *b, const char *name, const char *text)
{
	buf_puts(b, b->len > 0 ? ",\"" : "{\"");
	buf_puts(b, name);
	buf_puts(b, "\":");
	json_put_string(b, text, strlen(text));
}

/* collection NULL: of no document. */
static void
tell_json(struct crew *c, const char *collection, const char *id,
    const struct verify_result *r)
{
	struct buf b = BUF_INIT;

	if (collection != NULL) {
		put_member(&b, "collection", collection);
		put_member(&b, "id", id);
	}
	put_member(&b, "table", r->where);
	if (collection != NULL) {
		buf_puts(&b, ",\"v\":");
		buf_put_u64(&b, r->bad_v);
	}
	put_member(&b, "reason", r->why);
	buf_puts(&b, "}\n");
	if (buf_failed(&b))
		bug("out of memory");
	fwrite(b.data, 1, b.len, c->out);
	buf_done(&b);
}

/* Something is wrong.  With the mutex held. */
static void
tell(struct crew *c, const char *collection, const char *id,
    const struct verify_result *r)
{
	c->bad++;
	progress_clear(&c->progress);
	if (c->is_json)
		tell_json(c, collection, id, r);
	else if (collection != NULL)
		fprintf(c->out, "%s/%s: version %" PRIu64 " (%s): %s\n",
		    collection, id, r->bad_v, r->where, r->why);
	else
		fprintf(c->out, "%s: %s\n", r->where, r->why);
	fflush(c->out);
}

/* Not all can be looked at.  With the mutex held. */
static void
give_up(struct crew *c, const char *why)
{
	if (!c->is_over) {
		progress_clear(&c->progress);
		fprintf(stderr, "otd: %s\n", why);
	}
	c->is_over = true;
	pthread_cond_broadcast(&c->more);
	pthread_cond_broadcast(&c->less);
}

static void
give_up_now(struct crew *c, const char *why)
{
	pthread_mutex_lock(&c->mutex);
	give_up(c, why);
	pthread_mutex_unlock(&c->mutex);
}

static void
tell_end(struct crew *c)
{
	char documents[32], ops[32];

	progress_clear(&c->progress);
	if (c->is_json) {
		fprintf(c->out, "{\"documents\":%" PRIu64 ",\"operations\":%"
		    PRIu64 ",\"bad\":%" PRIu64 ",\"complete\":%s}\n",
		    c->documents, c->ops, c->bad, c->is_over ? "false" : "true");
		return;
	}
	progress_number(c->documents, documents, sizeof(documents));
	progress_number(c->ops, ops, sizeof(ops));
	fprintf(c->out, "%s documents, %s operations: ", documents, ops);
	if (c->bad > 0)
		fprintf(c->out, "%" PRIu64 " bad", c->bad);
	else
		fprintf(c->out, "%s", c->is_over ? "none of them bad" :
		    "all agree");
	fprintf(c->out, "%s\n", c->is_over ? ", but that is not all" : "");
}

/* ---- the threads ---- */

static void
wanted_free(struct wanted *w)
{
	free(w->collection);
	free(w->id);
	free(w);
}

/* The next, the caller's; NULL: leave. */
static struct wanted *
crew_take(struct crew *c)
{
	struct list *node = NULL;

	pthread_mutex_lock(&c->mutex);
	while (!c->is_over && !c->is_all && list_empty(&c->queue))
		pthread_cond_wait(&c->more, &c->mutex);
	if (!c->is_over && (node = list_shift(&c->queue)) != NULL) {
		c->n_queued--;
		pthread_cond_signal(&c->less);
	}
	pthread_mutex_unlock(&c->mutex);
	return node != NULL ? LIST_ITEM(node, struct wanted, node) : NULL;
}

static void
look_at(struct crew *c, struct asker *a, const struct wanted *w)
{
	struct verify_result r;
	enum verify_verdict verdict = verify_document(a, w->collection, w->id,
	    &r);

	pthread_mutex_lock(&c->mutex);
	/* VERIFY_NEVER: it was taken away since it was named. */
	if (verdict == VERIFY_AWAY) {
		give_up(c, r.why);
	} else {
		c->documents++;
		c->ops += r.n_ops;
		if (verdict == VERIFY_BAD)
			tell(c, w->collection, w->id, &r);
	}
	pthread_mutex_unlock(&c->mutex);
}

static void *
thread_main(void *arg)
{
	struct crew *c = arg;
	struct wanted *w;
	struct asker a;

	if (asker_open(&a, c->url, true)) {
		while ((w = crew_take(c)) != NULL) {
			look_at(c, &a, w);
			wanted_free(w);
		}
		asker_close(&a);
	} else {
		give_up_now(c, "without it there is nothing to look at");
	}
	pthread_mutex_lock(&c->mutex);
	c->n_running--;
	pthread_cond_signal(&c->less);
	pthread_mutex_unlock(&c->mutex);
	return NULL;
}

/* Signals are for the main thread. */
static void
crew_start(struct crew *c, pthread_t *threads, unsigned n)
{
	sigset_t all, before;
	unsigned i;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	for (i = 0; i < n; i++) {
		c->n_running++;
		if (pthread_create(&threads[i], NULL, thread_main, c) != 0)
			bug("no thread to verify with");
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* Wait until less is signalled, not for long.  With the mutex held. */
static void
crew_wait(struct crew *c)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += LOOK_MS * 1000000L;
	until.tv_sec += until.tv_nsec / 1000000000L;
	until.tv_nsec %= 1000000000L;
	pthread_cond_timedwait(&c->less, &c->mutex, &until);
	progress_show(&c->progress, c->documents, c->ops);
}

/* False: leave. */
static bool
crew_add(struct crew *c, const char *collection, const char *id)
{
	struct wanted *w = mem_get(sizeof(*w));
	bool is_over;

	w->collection = mem_copy(collection, strlen(collection));
	w->id = mem_copy(id, strlen(id));
	pthread_mutex_lock(&c->mutex);
	while (c->n_queued >= QUEUE_MAX && !c->is_over)
		crew_wait(c);
	list_push(&c->queue, &w->node);
	c->n_queued++;
	pthread_cond_signal(&c->more);
	is_over = c->is_over;
	pthread_mutex_unlock(&c->mutex);
	return !is_over;
}

/* Nothing is added any more: until all of them have left. */
static void
crew_end(struct crew *c, const pthread_t *threads, unsigned n)
{
	struct list *node;
	unsigned i;

	pthread_mutex_lock(&c->mutex);
	c->is_all = true;
	pthread_cond_broadcast(&c->more);
	while (c->n_running > 0)
		crew_wait(c);
	pthread_mutex_unlock(&c->mutex);
	for (i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
	while ((node = list_shift(&c->queue)) != NULL)
		wanted_free(LIST_ITEM(node, struct wanted, node));
}

/* ---- the main thread ---- */

/* The answer; NULL: told, and over. */
static struct job *
ask(struct crew *c, struct asker *a, struct job *job)
{
	const char *why;

	if (c->is_over) {
		job_free(job);
		return NULL;
	}
	if ((job = asker_ask(a, job, &why)) == NULL)
		give_up_now(c, why);
	return job;
}

/* Queue the documents of a collection; NULL: of all.  False: leave. */
static bool
name_all(struct crew *c, struct asker *a, const char *only)
{
	const char *collection, *id, *why;
	struct doc_list list;
	bool goes_on = true;
	int more = 1;

	doc_list_init(&list, a, only, "", "");
	while (goes_on &&
	    (more = doc_list_next(&list, &collection, &id, &why)) > 0)
		goes_on = crew_add(c, collection, id);
	doc_list_done(&list);
	if (more < 0)
		give_up_now(c, why);
	return goes_on && more == 0;
}

/* Rows of a table whose document there is not. */
static void
find_strays(struct crew *c, struct asker *a, enum rows_what what,
    const char *table)
{
	struct verify_result r = { .where = table };
	char after[24] = "-1";
	struct job *page;
	size_t i, n;

	do {
		if ((page = ask(c, a, rows_new(what, NULL, NULL, after,
		    PAGE))) == NULL)
			return;
		n = page->rows.n_rows;
		for (i = 0; i < n; i++) {
			if (rows_number(page, i, 1, 0) != 0)
				continue;
			snprintf(r.why, sizeof(r.why), "there are rows of "
			    "doc_pk %s, and no such document",
			    rows_cell(page, i, 0));
			tell(c, NULL, NULL, &r);
		}
		if (n > 0)
			snprintf(after, sizeof(after), "%s",
			    rows_cell(page, n - 1, 0));
		job_free(page);
	} while (n == PAGE_ROWS);
}

/* Content of documents that there are not. */
static void
find_stray_content(struct crew *c, struct asker *a)
{
	struct verify_result r = { .where = "content" };
	char *collection = mem_copy("", 0), *id = mem_copy("", 0);
	struct job *page;
	size_t i, n;

	snprintf(r.why, sizeof(r.why), "queries see it, and there is no such "
	    "document");
	do {
		if ((page = ask(c, a, rows_new(ROWS_CONTENT_NAMES, NULL, NULL,
		    collection, id, PAGE))) == NULL)
			break;
		n = page->rows.n_rows;
		for (i = 0; i < n; i++) {
			free(collection);
			free(id);
			collection = mem_copy(rows_cell(page, i, 0),
			    strlen(rows_cell(page, i, 0)));
			id = mem_copy(rows_cell(page, i, 1),
			    strlen(rows_cell(page, i, 1)));
			if (rows_number(page, i, 2, 0) == 0)
				tell(c, collection, id, &r);
		}
		job_free(page);
	} while (n == PAGE_ROWS);
	free(collection);
	free(id);
}

static void
run(struct crew *c, struct asker *a, char *const *collections, int n,
    unsigned jobs)
{
	pthread_t threads[JOBS_MAX];
	bool goes_on = true;
	int i;

	progress_init(&c->progress, "verify", 0);
	if (c->progress.is_shown)
		c->progress.total = doc_list_count(a, collections, n);
	crew_start(c, threads, jobs);
	if (n == 0)
		name_all(c, a, NULL);
	for (i = 0; i < n && goes_on; i++)
		goes_on = name_all(c, a, collections[i]);
	crew_end(c, threads, jobs);
	if (n == 0 && !c->is_over) {
		find_strays(c, a, ROWS_OPERATION_KEYS, "operation");
		find_strays(c, a, ROWS_SNAPSHOT_KEYS, "snapshot");
		find_stray_content(c, a);
	}
	tell_end(c);
}

static unsigned
jobs_default(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : n > JOBS_MAX ? JOBS_MAX : (unsigned)n;
}

/* Options out of words; those left are collections.  False: told. */
static bool
take_words(struct crew *c, char **words, int *n, unsigned *jobs)
{
	const char *value;
	int i, kept = 0;
	char *end;

	for (i = 0; i < *n; i++) {
		if (words_value(words[i], "json") != NULL) {
			c->is_json = true;
		} else if ((value = words_value(words[i], "jobs")) != NULL) {
			unsigned long asked = strtoul(value, &end, 10);

			if (*value < '0' || *value > '9' || *end != '\0' ||
			    asked < 1 || asked > JOBS_MAX) {
				fprintf(stderr, "otd: --jobs wants a number "
				    "from 1 to %d, not \"%s\"\n", JOBS_MAX,
				    value);
				return false;
			}
			*jobs = (unsigned)asked;
		} else {
			words[kept++] = words[i];
		}
	}
	*n = kept;
	return true;
}

int
verify_tool(const struct config *config, char **words, int n, FILE *out)
{
	struct crew c = { .url = config->store, .out = out };
	unsigned jobs = jobs_default();
	struct asker a;

	if (!take_words(&c, words, &n, &jobs))
		return EX_USAGE;
	if (!asker_open(&a, c.url, true))
		return EX_UNAVAILABLE;
	list_init(&c.queue);
	pthread_mutex_init(&c.mutex, NULL);
	pthread_cond_init(&c.more, NULL);
	pthread_cond_init(&c.less, NULL);
	run(&c, &a, words, n, jobs);
	pthread_cond_destroy(&c.less);
	pthread_cond_destroy(&c.more);
	pthread_mutex_destroy(&c.mutex);
	asker_close(&a);
	return c.is_over ? EX_UNAVAILABLE : c.bad > 0;
}
