#include "store/lite_find.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "core/filter_tree.h"
#include "store/gather.h"
#include "store/ready.h"

#define BUSY_TIMEOUT_MS	10000
#define STEPS_BETWEEN	1000		/* of SQLite's machine: looks at the clock */

enum { ALL, ONE, LACKING, DUE, N_STATEMENTS };

static const char *const texts[N_STATEMENTS] = {
	[ALL] =
	"SELECT id, version, type, body FROM content WHERE collection = ?1"
	" ORDER BY id",
	[ONE] =
	"SELECT id, version, type, body FROM content"
	" WHERE collection = ?1 AND id = ?2",
	/* As LITE_LACKING, and nobody is about to write it. */
	[LACKING] =
	"SELECT 1 FROM document AS d LEFT JOIN content AS c"
	" ON c.collection = d.collection AND c.id = d.id"
	" WHERE d.collection = ?1 AND d.content_lag = 0 AND CASE WHEN d.type IS NULL"
	" THEN c.id IS NOT NULL ELSE c.id IS NULL OR c.version < d.version END"
	" LIMIT 1",
	[DUE] =
	"SELECT id FROM document WHERE collection = ?1 AND content_lag = 1"
	" AND id > ?3 ORDER BY id LIMIT ?2",
};

struct lite_find {
	char		*path;
	sqlite3		*sq;		/* NULL: not open */
	sqlite3_stmt	*st[N_STATEMENTS];
	struct ready	 ready;		/* collections that lack nothing */
	/* of the job under way */
	struct finder	*finder;
	uint64_t	 end_ms;	/* 0: none */
};

static void
db_close(struct lite_find *l)
{
	int i;

	for (i = 0; i < N_STATEMENTS; i++) {
		sqlite3_finalize(l->st[i]);
		l->st[i] = NULL;
	}
	sqlite3_close(l->sq);
	l->sq = NULL;
}

/* Not zero: end the statement. */
static int
on_progress(void *arg)
{
	const struct lite_find *l = arg;

	return finder_stopped(l->finder) ||
	    (l->end_ms != 0 && finder_now_ms() >= l->end_ms);
}

static enum err
trouble(struct lite_find *l)
{
	LOG_LIMITED(LOG_ERROR, "store finds", "sqlite: %s",
	    l->sq != NULL ? sqlite3_errmsg(l->sq) : "out of memory");
	db_close(l);
	return ERR_STORE_AWAY;
}

static enum err
db_open(struct lite_find *l)
{
	int i;

	if (l->sq != NULL)
		return ERR_NONE;
	if (sqlite3_open_v2(l->path, &l->sq, SQLITE_OPEN_READONLY |
	    SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
		return trouble(l);
	sqlite3_busy_timeout(l->sq, BUSY_TIMEOUT_MS);
	sqlite3_progress_handler(l->sq, STEPS_BETWEEN, on_progress, l);
	for (i = 0; i < N_STATEMENTS; i++)
		if (sqlite3_prepare_v3(l->sq, texts[i], -1,
		    SQLITE_PREPARE_PERSISTENT, &l->st[i], NULL) != SQLITE_OK)
			return trouble(l);
	return ERR_NONE;
}

/* A statement has ended with rc. */
static enum err
ended(struct lite_find *l, struct job_find *find, int rc)
{
	if (rc == SQLITE_ROW || rc == SQLITE_DONE)
		return ERR_NONE;
	if (rc != SQLITE_INTERRUPT)
		return trouble(l);
	if (finder_stopped(l->finder))
		return ERR_STORE_AWAY;
	find_is_slow(find);
	return ERR_FIND_SLOW;
}

/* Rows of the statement, whose parameters but the collection are bound. */
static enum err
gather(struct lite_find *l, struct gather *g, struct job_find *find,
    sqlite3_stmt *st)
{
	bool goes_on = true;
	enum err e;
	int rc = SQLITE_DONE;

	sqlite3_bind_text(st, 1, find->collection, -1, SQLITE_STATIC);
	while (goes_on && !gather_is_full(g) &&
	    (rc = sqlite3_step(st)) == SQLITE_ROW) {
		goes_on = gather_row(g,
		    (const char *)sqlite3_column_text(st, 0),
		    (uint64_t)sqlite3_column_int64(st, 1),
		    (const char *)sqlite3_column_text(st, 2),
		    (const char *)sqlite3_column_text(st, 3),
		    (size_t)sqlite3_column_bytes(st, 3));
		/* Large rows take few of SQLite's steps. */
		if (goes_on && on_progress(l)) {
			rc = SQLITE_INTERRUPT;
			break;
		}
	}
	e = ended(l, find, goes_on ? rc : SQLITE_DONE);
	if (l->sq != NULL)
		sqlite3_reset(st);
	return e;
}

static enum err
gather_id(struct lite_find *l, struct gather *g, struct job_find *find,
    const char *id, size_t len)
{
	sqlite3_bind_text64(l->st[ONE], 2, id, len, SQLITE_STATIC,
	    SQLITE_UTF8);
	return gather(l, g, find, l->st[ONE]);
}

/* The filter names its ids itself; in their order, some perhaps twice. */
static enum err
gather_named(struct lite_find *l, struct gather *g, struct job_find *find,
    struct json *const *ids, size_t n)
{
	enum err e = ERR_NONE;
	struct buf id = BUF_INIT;
	size_t i;

	for (i = 0; i < n && e == ERR_NONE; i++) {
		if (json_kind(ids[i]) != JSON_STRING || (i > 0 &&
		    filter_compare_values(ids[i - 1], ids[i]) == 0))
			continue;
		buf_reset(&id);
		json_string_put(ids[i], &id, 0);
		if (buf_failed(&id))
			bug("out of memory");
		e = gather_id(l, g, find, id.len > 0 ? id.data : "", id.len);
	}
	buf_done(&id);
	return e;
}

static enum err
gather_all(struct lite_find *l, struct gather *g, struct job_find *find)
{
	const struct filter_node *named = filter_about_id(find->filter);
	enum err e = ERR_NONE;
	size_t i;

	if (find->ids == NULL && named == NULL)
		return gather(l, g, find, l->st[ALL]);
	if (find->ids == NULL)
		return gather_named(l, g, find, named->op == FILTER_IN ?
		    named->values : &named->value,
		    named->op == FILTER_IN ? named->n_values : 1);
	for (i = 0; i < find->n_ids && e == ERR_NONE; i++)
		e = gather_id(l, g, find, find->ids[i],
		    strlen(find->ids[i]));
	return e;
}

static enum err
check_ready(struct lite_find *l, struct job_find *find)
{
	sqlite3_stmt *st = l->st[LACKING];
	enum err e;
	int rc;

	if (ready_has(&l->ready, find->collection))
		return ERR_NONE;
	sqlite3_bind_text(st, 1, find->collection, -1, SQLITE_STATIC);
	rc = sqlite3_step(st);
	e = ended(l, find, rc);
	if (l->sq != NULL)
		sqlite3_reset(st);
	if (e != ERR_NONE)
		return e;
	if (rc == SQLITE_ROW) {
		find_is_unready(find);
		return ERR_FIND_UNREADY;
	}
	ready_add(&l->ready, find->collection);
	return ERR_NONE;
}

/*
 * Content that is due; of others than those asked for as well: the process
 * that asks wrote all of it.
 */
static enum err
check_due(struct lite_find *l, struct job_find *find)
{
	sqlite3_stmt *st = l->st[DUE];
	enum err e;
	int rc;

	if (find->is_settled)
		return ERR_NONE;
	sqlite3_bind_text(st, 1, find->collection, -1, SQLITE_STATIC);
	sqlite3_bind_int(st, 2, JOB_FIND_DUE);
	sqlite3_bind_text(st, 3, find->settled != NULL ? find->settled : "",
	    -1, SQLITE_STATIC);
	while ((rc = sqlite3_step(st)) == SQLITE_ROW)
		job_find_due(find, (const char *)sqlite3_column_text(st, 0));
	e = ended(l, find, rc);
	if (l->sq != NULL)
		sqlite3_reset(st);
	return e;
}

static void
run(void *arg, struct finder *finder, struct job *job)
{
	struct lite_find *l = arg;
	struct job_find *find = &job->find;
	struct gather *g;
	enum err e;

	l->finder = finder;
	l->end_ms = find->timeout_ms > 0 ?
	    finder_now_ms() + find->timeout_ms : 0;
	if ((job->err = db_open(l)) != ERR_NONE ||
	    (job->err = check_ready(l, find)) != ERR_NONE ||
	    (job->err = check_due(l, find)) != ERR_NONE || find->n_due > 0)
		return;
	g = gather_new(find);
	e = gather_all(l, g, find);
	job->err = e != ERR_NONE ? e : gather_end(g);
	gather_free(g);
}

static void
find_free(void *arg)
{
	struct lite_find *l = arg;

	db_close(l);
	ready_done(&l->ready);
	free(l->path);
	free(l);
}

struct finder *
lite_find_new(const char *path, struct loop *loop, finder_ended *ended_call,
    void *store)
{
	static const struct finder_calls calls = { run, find_free };
	struct lite_find *l = mem_get(sizeof(*l));

	l->path = mem_copy(path, strlen(path));
	ready_init(&l->ready);
	return finder_new(loop, &calls, l, ended_call, store);
}
