#include "store/pg_find.h"

#include <inttypes.h>
#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "store/gather.h"
#include "store/pg_hosts.h"
#include "store/pg_select.h"
#include "store/pg_sql.h"
#include "store/pg_way.h"
#include "store/ready.h"

#define ATTEMPT_MS	5000	/* for one host to accept us */
#define PAUSE_MS	200	/* before the list of hosts is tried again */
#define PATIENCE_MS	10000	/* without any connection; as for loads */
#define GRACE_MS	2000	/* over the timeout: the server is gone */
#define CHECK_MS	60000	/* whether a collection lacks content, once */
#define TRIES		3

/*
 * Plans are made anew each time, for these very values; whatever the planner
 * likes is allowed.  Nothing is ever written here.
 */
#define SETTINGS							\
" ('search_path', ''),"							\
" ('jit', 'off')"

static const char session[] =
"SELECT pg_catalog.set_config(name, value, false) FROM (VALUES"
" ('default_transaction_read_only', 'on'),"
SETTINGS
") AS setting (name, value)";

/* Through a pooler: of the transaction that a find is then. */
static const char transaction[] =
"SELECT pg_catalog.set_config(name, value, true) FROM (VALUES"
SETTINGS
") AS setting (name, value)";

struct pg_find {
	const struct pg_way	*way;
	const struct pg_hosts	*hosts;		/* way's */
	size_t			 host;		/* the next attempt's */
	PGconn			*conn;		/* NULL: none */
	bool			 told;		/* that none can be had */
	bool			 is_pooled;	/* see pg.h */
	uint64_t		 timeout_ms;	/* set on conn; 0: none */
	struct ready		 ready;
	struct finder		*finder;	/* of the job under way */
};

/* How a statement went, or the whole. */
enum outcome {
	WENT_WELL,
	WENT_FAR,		/* no more rows are wanted; gather knows why */
	WENT_LOST,		/* the connection is gone: try again */
	WENT_WRONG		/* job->err is set */
};

/* ---- the connection ---- */

static void
drop(struct pg_find *p)
{
	PQfinish(p->conn);
	p->conn = NULL;
	p->timeout_ms = 0;
}

/* Wait for the socket; false: it is to stop, or too late. */
static bool
wait_for(struct pg_find *p, short events, uint64_t end_ms)
{
	struct pollfd fds[2] = {
		{ finder_stop_fd(p->finder), POLLIN, 0 },
		{ PQsocket(p->conn), events, 0 }
	};
	uint64_t now = finder_now_ms();

	if (finder_stopped(p->finder) || now >= end_ms)
		return false;
	return poll(fds, 2, (int)(end_ms - now)) > 0 && fds[0].revents == 0;
}

static bool
connected(struct pg_find *p, uint64_t end_ms)
{
	PostgresPollingStatusType next = PGRES_POLLING_WRITING;

	if (p->conn == NULL || PQstatus(p->conn) == CONNECTION_BAD)
		return false;
	while (next == PGRES_POLLING_READING || next == PGRES_POLLING_WRITING) {
		if (!wait_for(p, next == PGRES_POLLING_READING ? POLLIN :
		    POLLOUT, end_ms))
			return false;
		next = PQconnectPoll(p->conn);
	}
	return next == PGRES_POLLING_OK;
}

static void
notice_ignore(void *arg, const PGresult *res)
{
	(void)arg;
	(void)res;
}

/* A word on what is wrong, once until it is right again. */
static void
tell(struct pg_find *p, const char *what)
{
	char line[200];

	if (p->told)
		return;
	p->told = true;
	snprintf(line, sizeof(line), "%s", what);
	line[strcspn(line, "\n")] = '\0';
	LOG_LIMITED(LOG_WARN, "store finds", "could not connect to %s: %s",
	    pg_hosts_name(p->hosts, p->host), line);
}

/* Connected: find out to whom, and set the session up if it is ours. */
static bool
set_up(struct pg_find *p)
{
	PGresult *res = PQexec(p->conn, PG_SQL_WHO);
	bool ok = PQresultStatus(res) == PGRES_TUPLES_OK;

	p->is_pooled = ok && (int)strtol(PQgetvalue(res, 0, 0), NULL, 10) !=
	    PQbackendPID(p->conn);
	PQclear(res);
	if (!ok || p->is_pooled)
		return ok;
	res = PQexec(p->conn, session);
	ok = PQresultStatus(res) == PGRES_TUPLES_OK;
	PQclear(res);
	return ok;
}

/* One host.  Names are looked up by libpq: this thread may wait. */
static bool
attempt(struct pg_find *p)
{
	p->conn = pg_hosts_connect(p->hosts, p->host, NULL);
	if (connected(p, finder_now_ms() + ATTEMPT_MS)) {
		PQsetNoticeReceiver(p->conn, notice_ignore, NULL);
		if (set_up(p)) {
			p->told = false;
			return true;
		}
	}
	tell(p, p->conn != NULL ? PQerrorMessage(p->conn) : "out of memory");
	p->host = (p->host + 1) % pg_hosts_count(p->hosts);
	drop(p);
	return false;
}

static bool
attempt_all(struct pg_find *p)
{
	size_t i;

	for (i = 0; i < pg_hosts_count(p->hosts); i++)
		if (attempt(p))
			return true;
	return false;
}

/* While the server is away the store finds out when it is back, not we. */
static bool
connect_by(struct pg_find *p, uint64_t end_ms)
{
	struct pollfd stop = { finder_stop_fd(p->finder), POLLIN, 0 };

	while (p->conn == NULL && !finder_stopped(p->finder)) {
		if (!pg_way_is_away(p->way) && attempt_all(p))
			return true;
		if (finder_now_ms() >= end_ms)
			return false;
		poll(&stop, 1, PAUSE_MS);
	}
	return p->conn != NULL;
}

/* ---- statements ---- */

/* Rows as they come; NULL: the last, or the connection is gone or silent. */
static PGresult *
next_result(struct pg_find *p, uint64_t end_ms)
{
	while (PQisBusy(p->conn)) {
		if (!wait_for(p, POLLIN, end_ms) ||
		    PQconsumeInput(p->conn) != 1) {
			drop(p);
			return NULL;
		}
	}
	return PQgetResult(p->conn);
}

/* End what is under way, and read past what is left of it. */
static void
cancel(struct pg_find *p, uint64_t end_ms)
{
	PGcancel *c = PQgetCancel(p->conn);
	char why[256];
	PGresult *res;

	if (c != NULL)
		PQcancel(c, why, sizeof(why));
	PQfreeCancel(c);
	while (p->conn != NULL && (res = next_result(p, end_ms)) != NULL)
		PQclear(res);
}

/* What an error means; see error_of in pg_store.c. */
static enum outcome
failed(struct pg_find *p, struct job *job, const PGresult *res)
{
	const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
	const char *message = PQresultErrorField(res,
	    PG_DIAG_MESSAGE_PRIMARY);

	if (PQstatus(p->conn) == CONNECTION_BAD || state == NULL ||
	    strncmp(state, "57P", 3) == 0 || strncmp(state, "08", 2) == 0)
		return WENT_LOST;
	if (strcmp(state, "57014") == 0) {
		find_is_slow(&job->find);
		job->err = ERR_FIND_SLOW;
		return WENT_WRONG;
	}
	LOG_LIMITED(LOG_ERROR, "store finds", "postgresql: %s (%s)",
	    message != NULL ? message : "?", state);
	job->err = strncmp(state, "53", 2) == 0 ||
	    strncmp(state, "40", 2) == 0 ? ERR_STORE_AWAY : ERR_STORE_BROKEN;
	return WENT_WRONG;
}

/*
 * id, version, type, body; or null and a number of documents; or the id alone,
 * of one whose content is due.
 */
static bool
take_row(struct job_find *find, struct gather *g, const PGresult *res)
{
	uint64_t n;

	if (PQgetisnull(res, 0, 1)) {
		job_find_due(find, PQgetvalue(res, 0, 0));
		return true;
	}
	n = strtoull(PQgetvalue(res, 0, 1), NULL, 10);
	if (PQgetisnull(res, 0, 0)) {
		gather_count(g, n);
		return true;
	}
	return gather_row(g, PQgetvalue(res, 0, 0), n, PQgetvalue(res, 0, 2),
	    PQgetisnull(res, 0, 3) ? NULL : PQgetvalue(res, 0, 3),
	    (size_t)PQgetlength(res, 0, 3));
}

/*
 * Deciding takes time as well, and the server has perhaps sent all it has:
 * time is looked at here too.
 */
static enum outcome
take(struct pg_find *p, struct job *job, struct gather *g,
    const PGresult *res, uint64_t end_ms)
{
	bool goes_on = take_row(&job->find, g, res);

	if (goes_on && finder_now_ms() < end_ms - GRACE_MS)
		return WENT_WELL;
	cancel(p, end_ms);
	if (!goes_on)
		return WENT_FAR;
	find_is_slow(&job->find);
	job->err = ERR_FIND_SLOW;
	return WENT_WRONG;
}

/*
 * Run a statement and give each row to g, which may be NULL: then *rows_out
 * counts them.
 */
static enum outcome
run_statement(struct pg_find *p, struct job *job, const char *sql, int n,
    const char *const *values, struct gather *g, int *rows_out)
{
	uint64_t end_ms = finder_now_ms() + GRACE_MS +
	    (p->timeout_ms > 0 ? p->timeout_ms : INT32_MAX / 2);
	enum outcome outcome = WENT_WELL;
	PGresult *res;

	*rows_out = 0;
	if (PQsendQueryParams(p->conn, sql, n, NULL, values, NULL, NULL, 0) !=
	    1 || PQsetSingleRowMode(p->conn) != 1) {
		drop(p);
		return WENT_LOST;
	}
	while ((res = next_result(p, end_ms)) != NULL) {
		ExecStatusType status = PQresultStatus(res);

		if (status == PGRES_SINGLE_TUPLE) {
			++*rows_out;
			if (g != NULL && outcome == WENT_WELL)
				outcome = take(p, job, g, res, end_ms);
		} else if (status != PGRES_TUPLES_OK &&
		    status != PGRES_COMMAND_OK && outcome == WENT_WELL) {
			outcome = failed(p, job, res);
		}
		PQclear(res);
		if (p->conn == NULL)
			break;
	}
	return p->conn == NULL && outcome == WENT_WELL ? WENT_LOST : outcome;
}

static enum outcome
set_timeout(struct pg_find *p, struct job *job, uint64_t ms)
{
	char text[24];
	const char *values[] = { text, p->is_pooled ? "true" : "false" };
	enum outcome outcome;
	int rows;

	snprintf(text, sizeof(text), "%" PRIu64, ms < INT32_MAX ? ms :
	    (uint64_t)INT32_MAX);
	if (ms == p->timeout_ms)
		return WENT_WELL;
	outcome = run_statement(p, job, "SELECT pg_catalog.set_config("
	    "'statement_timeout', $1, $2::boolean)", 2, values, NULL, &rows);
	if (outcome == WENT_WELL)
		p->timeout_ms = ms;
	return outcome;
}

/* Does the collection lack content that nobody is about to write? */
static enum outcome
check_ready(struct pg_find *p, struct job *job)
{
	const char *values[] = { job->find.collection };
	enum outcome outcome;
	int rows;

	if (ready_has(&p->ready, job->find.collection))
		return WENT_WELL;
	if ((outcome = set_timeout(p, job, CHECK_MS)) != WENT_WELL ||
	    (outcome = run_statement(p, job,
	    "SELECT FROM otd.document AS d LEFT JOIN otd.content AS c"
	    " ON c.collection = d.collection AND c.id = d.id"
	    " WHERE d.collection = $1 AND d.content_lag = 0"
	    " AND CASE WHEN d.type IS NULL"
	    " THEN c.id IS NOT NULL"
	    " ELSE c.id IS NULL OR c.version < d.version END LIMIT 1",
	    1, values, NULL, &rows)) != WENT_WELL)
		return outcome;
	if (rows == 0) {
		ready_add(&p->ready, job->find.collection);
		return WENT_WELL;
	}
	find_is_unready(&job->find);
	job->err = ERR_FIND_UNREADY;
	return WENT_WRONG;
}

/* ---- the find ---- */

/* Through a pooler a find is one transaction: then the session stays. */
static enum outcome
begin(struct pg_find *p, struct job *job)
{
	enum outcome outcome;
	int rows;

	if (!p->is_pooled)
		return WENT_WELL;
	p->timeout_ms = 0;
	outcome = run_statement(p, job, "BEGIN READ ONLY", 0, NULL, NULL,
	    &rows);
	return outcome == WENT_WELL ? run_statement(p, job, transaction, 0,
	    NULL, NULL, &rows) : outcome;
}

/* A transaction that cannot be ended takes its connection along. */
static void
end(struct pg_find *p)
{
	PGresult *res;

	if (!p->is_pooled || p->conn == NULL)
		return;
	if (PQsendQuery(p->conn, "ROLLBACK") != 1) {
		drop(p);
		return;
	}
	while (p->conn != NULL &&
	    (res = next_result(p, finder_now_ms() + GRACE_MS)) != NULL)
		PQclear(res);
}

static enum outcome
find_once(struct pg_find *p, struct job *job, const struct pg_select *select,
    struct gather *g)
{
	enum outcome outcome;
	int rows;

	gather_clear(g);
	if ((outcome = begin(p, job)) == WENT_WELL &&
	    (outcome = check_ready(p, job)) == WENT_WELL &&
	    (outcome = set_timeout(p, job, job->find.timeout_ms)) == WENT_WELL)
		outcome = run_statement(p, job, select->sql.data, select->n,
		    select->values, g, &rows);
	end(p);
	return outcome;
}

static void
run(void *arg, struct finder *finder, struct job *job)
{
	uint64_t end_ms = finder_now_ms() + PATIENCE_MS;
	struct pg_find *p = arg;
	struct gather *g = gather_new(&job->find);
	enum outcome outcome = WENT_LOST;
	struct pg_select select;
	int tries;

	p->finder = finder;
	if (!pg_select_make(&select, &job->find, gather_wants(g)))
		bug("out of memory");
	/* A connection may have been dead for long: that is noticed here. */
	for (tries = 0; tries < TRIES && outcome == WENT_LOST &&
	    connect_by(p, end_ms); tries++)
		outcome = find_once(p, job, &select, g);
	if (outcome == WENT_LOST)
		job->err = ERR_STORE_AWAY;
	else if (outcome != WENT_WRONG)
		job->err = gather_end(g);
	pg_select_done(&select);
	gather_free(g);
}

static void
find_free(void *arg)
{
	struct pg_find *p = arg;

	drop(p);
	ready_done(&p->ready);
	free(p);
}

struct finder *
pg_find_new(const struct pg_way *way, struct loop *loop,
    finder_ended *ended, void *store)
{
	static const struct finder_calls calls = { run, find_free };
	struct pg_find *p = mem_get(sizeof(*p));

	p->way = way;
	p->hosts = way->hosts;
	ready_init(&p->ready);
	return finder_new(loop, &calls, p, ended, store);
}
