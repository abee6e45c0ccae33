#include "store/pg.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/loop.h"
#include "base/mem.h"
#include "store/pg_lookup.h"
#include "store/pg_sql.h"
#include "store/pg_way.h"

#define ATTEMPT_MS	5000	/* for one host to accept us and prepare */
#define SILENCE_MS	45000	/* over statement_timeout: the server is gone */

enum state { LOOKING_UP, CONNECTING, PREPARING, READY, BROKEN };

struct pg {
	struct loop		*loop;
	struct pg_way		*way;		/* borrowed, with all of the store */
	const struct pg_hosts	*hosts;		/* way's */
	const char		*name;
	const struct pg_calls	*calls;
	void			*arg;

	enum state		 state;
	struct pg_lookup	*lookup;	/* not NULL when LOOKING_UP */
	PGconn			*conn;		/* NULL when BROKEN or LOOKING_UP */
	struct loop_watch	*watch;		/* as conn */
	struct loop_timer	*timer;		/* attempt's end, or pause's */
	size_t			 host;		/* the current attempt's */
	size_t			 tried;		/* hosts in this round */
	bool			 probes;	/* this round is the way's probe */
	bool			 told;		/* that it cannot be reached */

	struct list		 units;		/* sent, in order */
	unsigned		 n_units;
	struct pg_unit		 setup;		/* PREPARING's own */
	bool			 is_known;	/* whether pooled, of this connection */
	bool			 is_pooled;	/* a pooler is between: sessions are not ours */
	bool			 prepared[PG_STATEMENTS];	/* or being so */
	unsigned long		 reconnects;
};

static void pg_connect(struct pg *pg);
static void pg_prepare(struct pg *pg);
static void on_connecting(int fd, bool readable, bool writable, void *arg);
static void on_socket(int fd, bool readable, bool writable, void *arg);

static void
first_line(char *to, size_t len, const char *message)
{
	snprintf(to, len, "%s", message != NULL ? message : "");
	to[strcspn(to, "\n")] = '\0';
}

/* ---- breaking ---- */

/* Let go of the connection; PQfinish closes the socket, so the watch goes first. */
static void
pg_drop(struct pg *pg)
{
	loop_timer_stop(pg->timer);
	pg_lookup_free(pg->lookup);
	pg->lookup = NULL;
	loop_watch_free(pg->watch);
	pg->watch = NULL;
	PQfinish(pg->conn);
	pg->conn = NULL;
	pg->state = BROKEN;
}

static void
unit_init(struct pg_unit *u, unsigned wanted)
{
	list_init(&u->node);
	u->wanted = wanted;
	u->prepares = 0;
	u->open = false;
	u->res = NULL;
}

/* The answer of a unit that is off the queue is used up. */
static void
unit_clear(struct pg_unit *u)
{
	PQclear(u->res);
	u->res = NULL;
}

/*
 * After a host that did not take us the next one, at once; after all of them,
 * or a connection that stood, when the way may be tried again.
 */
static void
pg_retry(struct pg *pg, bool was_up)
{
	uint64_t now_ms = loop_now_ms(pg->loop);

	pg->host = (pg->host + 1) % pg_hosts_count(pg->hosts);
	if (!was_up && ++pg->tried < pg_hosts_count(pg->hosts)) {
		loop_timer_start(pg->timer, 0);
		return;
	}
	pg->tried = 0;
	pg_way_failed(pg->way, now_ms, pg->host, pg->probes);
	pg->probes = false;
	loop_timer_start(pg->timer, pg_way_wait_ms(pg->way, now_ms));
}

/* The attempt, or the connection, is over; everything under way is lost. */
static void
pg_break(struct pg *pg, const char *why)
{
	struct list lost, *node;
	bool was_up = pg->state == READY;
	char line[200];

	first_line(line, sizeof(line), why);
	if (was_up) {
		pg->reconnects++;
		LOG_LIMITED(LOG_WARN, pg->name, "lost the connection to %s: %s",
		    pg_hosts_name(pg->hosts, pg->host), line);
	} else if (!pg->told) {
		LOG_LIMITED(LOG_WARN, pg->name, "could not connect to %s: %s",
		    pg_hosts_name(pg->hosts, pg->host), line);
		pg->told = pg->tried + 1 >= pg_hosts_count(pg->hosts);
	}
	pg_drop(pg);
	pg_retry(pg, was_up);
	list_init(&lost);
	list_splice(&lost, &pg->units);
	pg->n_units = 0;
	while ((node = list_shift(&lost)) != NULL) {
		struct pg_unit *u = LIST_ITEM(node, struct pg_unit, node);

		unit_clear(u);
		if (u != &pg->setup)
			pg->calls->lost(pg->arg, u);
	}
	if (was_up)
		pg->calls->down(pg->arg);
}

/* ---- sending ---- */

/* Push out what is queued; what the socket does not take waits for it. */
static void
pg_flush(struct pg *pg)
{
	int rc = PQflush(pg->conn);

	if (rc < 0)
		pg_break(pg, PQerrorMessage(pg->conn));
	else
		loop_watch_set(pg->watch, true, rc == 1);
}

static void
unit_push(struct pg *pg, struct pg_unit *u)
{
	u->sent_ms = loop_now_ms(pg->loop);
	list_push(&pg->units, &u->node);
	pg->n_units++;
}

/* If the statement is used first on this connection. */
static bool
pg_send_prepare(struct pg *pg, struct pg_unit *u, unsigned statement)
{
	if (pg->prepared[statement])
		return true;
	pg->prepared[statement] = true;
	u->prepares = statement;
	u->wanted++;
	return PQsendPrepare(pg->conn, pg_sql_name(statement),
	    pg_sql_text(statement), 0, NULL) == 1;
}

/*
 * Through a pooler each transaction may meet another session: it brings its
 * settings along, and its statement is planned anew.
 */
static bool
pg_send_pooled(struct pg *pg, struct pg_unit *u, unsigned statement, int n,
    const char *const *values, const int *lengths, const int *formats)
{
	u->wanted = 2;
	return PQsendQueryParams(pg->conn, pg_sql_transaction, 0, NULL, NULL,
	    NULL, NULL, 0) == 1 &&
	    PQsendQueryParams(pg->conn, pg_sql_text(statement), n, NULL,
	    values, lengths, formats, 0) == 1;
}

void
pg_send(struct pg *pg, struct pg_unit *u, unsigned statement,
    const struct pg_param *params, int n)
{
	const char *values[PG_PARAMS_MAX];
	int lengths[PG_PARAMS_MAX], formats[PG_PARAMS_MAX];
	bool ok;
	int i;

	assert(pg->state == READY && n <= PG_PARAMS_MAX);
	for (i = 0; i < n; i++) {
		values[i] = params[i].bytes;
		lengths[i] = params[i].len;
		formats[i] = params[i].binary;
	}
	unit_init(u, 1);
	unit_push(pg, u);
	ok = pg->is_pooled ?
	    pg_send_pooled(pg, u, statement, n, values, lengths, formats) :
	    pg_send_prepare(pg, u, statement) &&
	    PQsendQueryPrepared(pg->conn, pg_sql_name(statement), n, values,
	    lengths, formats, 0) == 1;
	if (!ok || PQpipelineSync(pg->conn) != 1)
		pg_break(pg, PQerrorMessage(pg->conn));
	else
		pg_flush(pg);
}

/* ---- reading ---- */

static bool
is_good(const PGresult *res)
{
	ExecStatusType status = PQresultStatus(res);

	return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
}

/*
 * The server ends the session with this error, or has become read-only:
 * demoted, and the primary is elsewhere.
 */
static bool
is_farewell(const PGresult *res)
{
	const char *severity = PQresultErrorField(res,
	    PG_DIAG_SEVERITY_NONLOCALIZED);
	const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);

	return (severity != NULL && (strcmp(severity, "FATAL") == 0 ||
	    strcmp(severity, "PANIC") == 0)) ||
	    (state != NULL && strcmp(state, "25006") == 0);
}

/* The sync of the first unit was answered. */
static void
unit_end(struct pg *pg, struct pg_unit *u)
{
	PGresult *res = u->res;

	list_remove(&u->node);
	pg->n_units--;
	u->res = NULL;
	if (u == &pg->setup && !pg->is_known) {
		pg->is_known = true;
		pg->is_pooled = (int)strtol(PQgetvalue(res, 0, 0), NULL, 10) !=
		    PQbackendPID(pg->conn);
		if (!pg->is_pooled) {
			PQclear(res);
			pg_prepare(pg);
			return;
		}
	}
	if (u == &pg->setup) {
		PQclear(res);
		loop_timer_stop(pg->timer);
		pg->state = READY;
		pg->tried = 0;
		pg->probes = false;
		pg->told = false;
		pg_way_found(pg->way, pg->host);
		log_line(LOG_INFO, pg->name, "connected to %s%s",
		    pg_hosts_name(pg->hosts, pg->host),
		    pg->is_pooled ? ", through a pooler" : "");
		pg->calls->up(pg->arg);
		return;
	}
	pg->calls->answered(pg->arg, u, res);	/* u may be gone after */
	PQclear(res);
}

/*
 * Take one step with what has arrived for the first unit; false: nothing more
 * can be done now, or the connection broke.  libpq gives each statement's
 * result, a NULL after it, and the sync without a NULL.
 */
static bool
pg_step(struct pg *pg)
{
	struct pg_unit *u = LIST_ITEM(pg->units.next, struct pg_unit, node);
	PGresult *res;
	char why[200];

	if (list_empty(&pg->units) || PQisBusy(pg->conn))
		return false;
	res = PQgetResult(pg->conn);
	if (res == NULL) {
		if (!u->open)
			return false;
		u->open = false;
		return true;
	}
	if (PQresultStatus(res) == PGRES_PIPELINE_SYNC) {
		PQclear(res);
		if (u->wanted > 0 || u->open) {
			pg_break(pg, "answers out of step");
			return false;
		}
		unit_end(pg, u);
		return pg->conn != NULL;
	}
	/* A statement stays prepared although what follows may fail. */
	if (u->prepares != 0) {
		pg->prepared[u->prepares] = is_good(res);
		u->prepares = 0;
	}
	/* An error after all results is the commit's. */
	u->open = true;
	if (u->wanted > 0)
		u->wanted--;
	if (u->res == NULL || is_good(u->res)) {
		PQclear(u->res);
		u->res = res;
	} else {
		PQclear(res);
	}
	if (!is_good(u->res) && (u == &pg->setup || is_farewell(u->res) ||
	    PQstatus(pg->conn) == CONNECTION_BAD)) {
		first_line(why, sizeof(why), PQresultErrorMessage(u->res));
		pg_break(pg, why);
		return false;
	}
	return true;
}

static void
on_socket(int fd, bool readable, bool writable, void *arg)
{
	struct pg *pg = arg;

	(void)fd;
	(void)writable;
	if (readable && PQconsumeInput(pg->conn) != 1) {
		pg_break(pg, PQerrorMessage(pg->conn));
		return;
	}
	while (pg_step(pg))
		;
	if (pg->conn == NULL)
		return;
	if (PQstatus(pg->conn) == CONNECTION_BAD)
		pg_break(pg, PQerrorMessage(pg->conn));
	else
		pg_flush(pg);
}

/* ---- connecting ---- */

static void
pg_watch(struct pg *pg, bool read, bool write, loop_fd_call *call)
{
	pg->watch = loop_watch_new(pg->loop, PQsocket(pg->conn), call, pg);
	loop_watch_set(pg->watch, read, write);
}

/* Send the setup's n statements off, if they could be queued. */
static void
pg_set_up(struct pg *pg, bool is_queued, unsigned n)
{
	unit_init(&pg->setup, n);
	unit_push(pg, &pg->setup);
	if (!is_queued || PQpipelineSync(pg->conn) != 1)
		pg_break(pg, PQerrorMessage(pg->conn));
	else
		pg_flush(pg);
}

/* Set the session up and prepare everything, under one sync. */
static void
pg_prepare(struct pg *pg)
{
	bool ok;
	int i;

	ok = PQsendQueryParams(pg->conn, pg_sql_session, 0, NULL, NULL, NULL,
	    NULL, 0) == 1;
	for (i = 0; ok && i < PG_SQL_N; i++) {
		pg->prepared[i] = true;
		ok = PQsendPrepare(pg->conn, pg_sql_names[i], pg_sql_texts[i],
		    0, NULL) == 1;
	}
	pg_set_up(pg, ok, 1 + PG_SQL_N);
}

/*
 * Connected: to whom?  A pooler makes up the key that a session is cancelled
 * by, of which its process id is part (PgBouncer, client.c).
 */
static void
pg_greet(struct pg *pg)
{
	bool ok;

	pg->state = PREPARING;
	pg->is_known = pg->is_pooled = false;
	memset(pg->prepared, 0, sizeof(pg->prepared));
	pg_watch(pg, true, false, on_socket);
	ok = PQsetnonblocking(pg->conn, 1) == 0 &&
	    PQenterPipelineMode(pg->conn) == 1 &&
	    PQsendQueryParams(pg->conn, PG_SQL_WHO, 0, NULL, NULL, NULL, NULL,
	    0) == 1;
	pg_set_up(pg, ok, 1);
}

/*
 * The socket may be another one after each PQconnectPoll, mostly with the
 * same number: a new watch each time.
 */
static void
on_connecting(int fd, bool readable, bool writable, void *arg)
{
	struct pg *pg = arg;

	(void)fd;
	(void)readable;
	(void)writable;
	loop_watch_free(pg->watch);
	pg->watch = NULL;
	switch (PQconnectPoll(pg->conn)) {
	case PGRES_POLLING_OK:
		pg_greet(pg);
		break;
	case PGRES_POLLING_READING:
		pg_watch(pg, true, false, on_connecting);
		break;
	case PGRES_POLLING_WRITING:
		pg_watch(pg, false, true, on_connecting);
		break;
	default:
		pg_break(pg, PQerrorMessage(pg->conn));
	}
}

/* Its own log's matter, but for one: PostgreSQL's syncrep.c, where it cancels. */
static void
notice_hear(void *arg, const PGresult *res)
{
	const char *from = PQresultErrorField(res, PG_DIAG_SOURCE_FUNCTION);

	if (from != NULL && strcmp(from, "SyncRepWaitForLSN") == 0)
		LOG_LIMITED(LOG_ERROR, ((struct pg *)arg)->name, "a commit was "
		    "told not to wait for the standby: it is acknowledged, and "
		    "would be lost with the primary");
}

static void
pg_begin(struct pg *pg, const char *addresses)
{
	pg->state = CONNECTING;
	pg->conn = pg_hosts_connect(pg->hosts, pg->host, addresses);
	if (pg->conn == NULL) {
		pg_break(pg, "out of memory");
	} else if (PQstatus(pg->conn) == CONNECTION_BAD) {
		pg_break(pg, PQerrorMessage(pg->conn));
	} else {
		PQsetNoticeReceiver(pg->conn, notice_hear, pg);
		pg_watch(pg, false, true, on_connecting);
	}
}

static void
on_found(const char *addresses, const char *why, void *arg)
{
	struct pg *pg = arg;
	struct pg_lookup *l = pg->lookup;

	pg->lookup = NULL;
	if (addresses != NULL)
		pg_begin(pg, addresses);
	else
		pg_break(pg, why);
	pg_lookup_free(l);
}

/* Go on with a round, or begin one; false: not now. */
static bool
may_connect(struct pg *pg)
{
	uint64_t now_ms = loop_now_ms(pg->loop);

	if (pg->tried > 0)
		return true;
	if (pg_way_try(pg->way, now_ms, &pg->probes)) {
		pg->host = pg->way->host;
		return true;
	}
	loop_timer_start(pg->timer, pg_way_wait_ms(pg->way, now_ms));
	return false;
}

static void
pg_connect(struct pg *pg)
{
	const char *name;

	if (!may_connect(pg))
		return;
	name = pg_hosts_unknown(pg->hosts, pg->host);
	loop_timer_start(pg->timer, ATTEMPT_MS);
	if (name == NULL) {
		pg_begin(pg, NULL);
		return;
	}
	pg->state = LOOKING_UP;
	pg->lookup = pg_lookup_new(pg->loop, name, on_found, pg);
}

static void
on_timer(void *arg)
{
	struct pg *pg = arg;

	if (pg->state == BROKEN)
		pg_connect(pg);
	else
		pg_break(pg, "no answer in time");
}

/* ---- the rest ---- */

struct pg *
pg_new(struct loop *loop, struct pg_way *way, const char *name,
    const struct pg_calls *calls, void *arg)
{
	struct pg *pg = mem_get(sizeof(*pg));

	pg->loop = loop;
	pg->way = way;
	pg->hosts = way->hosts;
	pg->state = BROKEN;
	pg->name = name;
	pg->calls = calls;
	pg->arg = arg;
	pg->timer = loop_timer_new(loop, on_timer, pg);
	list_init(&pg->units);
	pg_connect(pg);
	return pg;
}

void
pg_free(struct pg *pg)
{
	struct list *node;

	if (pg == NULL)
		return;
	while ((node = list_shift(&pg->units)) != NULL)
		unit_clear(LIST_ITEM(node, struct pg_unit, node));
	if (pg->probes)
		pg_way_dropped(pg->way);
	pg_drop(pg);
	loop_timer_free(pg->timer);
	free(pg);
}

bool
pg_is_up(const struct pg *pg)
{
	return pg->state == READY;
}

unsigned
pg_in_flight(const struct pg *pg)
{
	return pg->n_units;
}

unsigned long
pg_reconnects(const struct pg *pg)
{
	return pg->reconnects;
}

void
pg_check(struct pg *pg, uint64_t now_ms)
{
	const struct pg_unit *u;

	if (pg->state != READY || list_empty(&pg->units))
		return;
	u = LIST_ITEM(pg->units.next, struct pg_unit, node);
	if (now_ms - u->sent_ms > SILENCE_MS)
		pg_break(pg, "the server stays silent");
}
