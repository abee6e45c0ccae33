/*
 * limit_commit: how fast PostgreSQL takes otd's own commits when nothing else
 * is to be done: no clients, no messages, no transformation.
 *
 *	limit_commit URL SHAPE BATCH CONNECTIONS SECONDS
 *
 * BATCH ops go together, CONNECTIONS times side by side, each time for SECONDS.
 * SHAPE is what they look like, and which of otd's statements takes them:
 *
 *	many		ops of as many documents, in one statement
 *	hot		ops of one document, in one statement
 *	pipeline	ops of as many documents, a statement each, one sync
 *
 * Each connection has documents of its own and one batch under way.  The
 * schema must be there (otd migrate up).  Prints a line of JSON.  Ends with 1 if
 * a commit fails or is refused: the documents' versions are checked, too.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "core/job.h"
#include "store/pg_commit.h"

#define TYPE		"http://sharejs.org/types/text-unicode"
#define CREATE		"{\"type\":\"" TYPE "\",\"data\":\"x\"}"
#define EDIT		"[\"abcd\"]"
#define BATCH_MAX	10000
#define CONNECTIONS_MAX	64
#define WARM_S		0.3

enum shape { MANY, HOT, PIPELINE, SHAPES };

static const char *const shape_names[SHAPES] = {
	[MANY] = "many", [HOT] = "hot", [PIPELINE] = "pipeline",
};

/* A connection with its documents and the batch that is under way. */
struct writer {
	PGconn		*conn;
	enum shape	 shape;
	char		 src[64];	/* of its ops: unlike those of former runs */
	size_t		 n_docs;
	size_t		 n_each;	/* ops of a document in a batch */
	char		(*ids)[80];
	uint64_t	 v;		/* of all its documents */
	uint64_t	 seq;
	unsigned	 wanted;	/* results until the sync */
	double		 sent_s;
};

static double *latencies_s;
static size_t n_latencies, latencies_cap;

static void
die(const char *what, const char *why)
{
	fprintf(stderr, "limit_commit: %s: %s\n", what, why);
	exit(1);
}

static double
now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double
cpu_s(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	    (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

/* ---- a batch ---- */

static void
batch_add(struct job_commit *c, struct writer *w, const char *id)
{
	struct parcel *p = parcel_new(NULL, "limits", id, w->v);
	const char *body = w->v == 0 ? CREATE : EDIT;
	size_t i, n = w->v == 0 ? 1 : w->n_each;

	p->type_after = TYPE;
	for (i = 0; i < n; i++)
		op_list_add(&p->ops, op_new(w->v == 0 ? OP_CREATE : OP_EDIT,
		    w->v + i, w->src, ++w->seq, body, strlen(body)));
	list_push(&c->parcels, &p->node);
	c->n_parcels++;
	c->n_ops += n;
}

static void
writer_send(struct writer *w, struct job_commit *c)
{
	const char *values[PG_PARAMS_MAX];
	int lengths[PG_PARAMS_MAX], formats[PG_PARAMS_MAX], i;
	struct pg_parcels parcels;
	struct pg_request r;

	if (!pg_request_commit(&r, c, &parcels))
		die("batch", "too large for one statement");
	for (i = 0; i < r.n; i++) {
		values[i] = r.params[i].bytes;
		lengths[i] = r.params[i].len;
		formats[i] = r.params[i].binary;
	}
	if (PQsendQueryPrepared(w->conn, pg_sql_name(r.statement), r.n, values,
	    lengths, formats, 0) != 1)
		die("send", PQerrorMessage(w->conn));
	w->wanted++;
	pg_request_done(&r);
	free(parcels.p);
}

/* The next batch of a writer, which has none under way. */
static void
writer_go(struct writer *w)
{
	size_t i, k, together = w->shape == PIPELINE ? 1 : w->n_docs;

	w->sent_s = now_s();
	for (i = 0; i < w->n_docs; i += together) {
		struct job *job = job_new(JOB_COMMIT, NULL);

		for (k = 0; k < together; k++)
			batch_add(&job->commit, w, w->ids[i + k]);
		writer_send(w, &job->commit);
		job_free(job);
	}
	w->v += w->v == 0 ? 1 : w->n_each;
	if (PQpipelineSync(w->conn) != 1 || PQflush(w->conn) < 0)
		die("sync", PQerrorMessage(w->conn));
}

/* What has come; true: the batch is committed. */
static bool
writer_read(struct writer *w)
{
	if (PQconsumeInput(w->conn) != 1)
		die("read", PQerrorMessage(w->conn));
	while (!PQisBusy(w->conn)) {
		PGresult *res = PQgetResult(w->conn);
		ExecStatusType status;

		if (res == NULL)	/* between statements */
			continue;
		status = PQresultStatus(res);
		if (status == PGRES_PIPELINE_SYNC) {
			PQclear(res);
			if (w->wanted != 0)
				die("sync", "came before its results");
			return true;
		}
		if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
			die("statement", PQresultErrorMessage(res));
		if (PQntuples(res) != 0)
			die("commit", "refused");
		PQclear(res);
		w->wanted--;
	}
	return false;
}

static void
writer_wait(struct writer *w)
{
	struct pollfd p = { .fd = PQsocket(w->conn), .events = POLLIN };

	for (;;) {
		p.events = (short)(POLLIN | (PQflush(w->conn) == 1 ? POLLOUT : 0));
		if (poll(&p, 1, -1) < 0 && errno != EINTR)
			die("poll", strerror(errno));
		if (writer_read(w))
			return;
	}
}

/* ---- writers ---- */

static void
writer_prepare(struct writer *w)
{
	static const enum pg_sql used[] = { PG_EDIT_ONE, PG_CREATE_ONE, PG_COMMIT };
	PGresult *res = PQexec(w->conn, pg_sql_session);
	size_t i;

	if (PQresultStatus(res) != PGRES_TUPLES_OK)
		die("session", PQerrorMessage(w->conn));
	PQclear(res);
	for (i = 0; i < sizeof(used) / sizeof(used[0]); i++) {
		res = PQprepare(w->conn, pg_sql_name(used[i]),
		    pg_sql_text(used[i]), 0, NULL);
		if (PQresultStatus(res) != PGRES_COMMAND_OK)
			die("prepare", PQerrorMessage(w->conn));
		PQclear(res);
	}
}

static void
writer_init(struct writer *w, const char *url, enum shape shape, size_t batch,
    int number)
{
	size_t i;

	w->shape = shape;
	w->n_docs = shape == HOT ? 1 : batch;
	w->n_each = shape == HOT ? batch : 1;
	snprintf(w->src, sizeof(w->src), "limit-%ld-%d", (long)getpid(), number);
	w->ids = mem_get(w->n_docs * sizeof(*w->ids));
	for (i = 0; i < w->n_docs; i++)
		snprintf(w->ids[i], sizeof(w->ids[i]), "%s-%zu", w->src, i);
	w->conn = PQconnectdb(url);
	if (PQstatus(w->conn) != CONNECTION_OK)
		die("connect", PQerrorMessage(w->conn));
	writer_prepare(w);
	if (PQsetnonblocking(w->conn, 1) != 0 ||
	    PQenterPipelineMode(w->conn) != 1)
		die("pipeline mode", PQerrorMessage(w->conn));
	writer_go(w);		/* creates its documents */
	writer_wait(w);
}

/* Are its documents where its commits must have brought them? */
static void
writer_check(struct writer *w)
{
	const char *params[2];
	char v[24];
	PGresult *res;

	snprintf(v, sizeof(v), "%llu", (unsigned long long)w->v);
	params[0] = w->src;
	params[1] = v;
	if (PQexitPipelineMode(w->conn) != 1 || PQsetnonblocking(w->conn, 0) != 0)
		die("check", PQerrorMessage(w->conn));
	res = PQexecParams(w->conn, "SELECT count(*) FROM otd.document"
	    " WHERE collection = 'limits' AND id LIKE $1 || '-%'"
	    " AND version = $2::bigint", 2, NULL, params, NULL, NULL, 0);
	if (PQresultStatus(res) != PGRES_TUPLES_OK)
		die("check", PQerrorMessage(w->conn));
	if (strtoull(PQgetvalue(res, 0, 0), NULL, 10) != w->n_docs)
		die("check", "documents are not at the version they must have");
	PQclear(res);
	free(w->ids);
	PQfinish(w->conn);
}

/* ---- the run ---- */

static void
latency_add(double s)
{
	if (n_latencies == latencies_cap) {
		latencies_cap = latencies_cap ? 2 * latencies_cap : 4096;
		latencies_s = mem_grow(latencies_s, latencies_cap,
		    sizeof(*latencies_s));
	}
	latencies_s[n_latencies++] = s;
}

/* Batches one after the other on all, for so long; how many were committed. */
static size_t
run(struct writer *w, size_t n, double for_s, bool measured)
{
	struct pollfd polls[CONNECTIONS_MAX];
	double end_s = now_s() + for_s;
	size_t i, batches = 0, under_way = n;

	for (i = 0; i < n; i++)
		writer_go(&w[i]);
	while (under_way > 0) {
		for (i = 0; i < n; i++)
			polls[i] = (struct pollfd){ .fd = PQsocket(w[i].conn),
			    .events = (short)(POLLIN |
			    (PQflush(w[i].conn) == 1 ? POLLOUT : 0)) };
		if (poll(polls, n, -1) < 0 && errno != EINTR)
			die("poll", strerror(errno));
		for (i = 0; i < n; i++) {
			if (!(polls[i].revents & (POLLIN | POLLERR | POLLHUP)) ||
			    !writer_read(&w[i]))
				continue;
			batches++;
			if (measured)
				latency_add(now_s() - w[i].sent_s);
			if (now_s() < end_s)
				writer_go(&w[i]);
			else
				under_way--;
		}
	}
	return batches;
}

static int
ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
quantile_ms(double q)
{
	size_t at = (size_t)(q * (double)n_latencies);

	return 1e3 * latencies_s[at < n_latencies ? at : n_latencies - 1];
}

static enum shape
shape_of(const char *name)
{
	int i;

	for (i = 0; i < SHAPES; i++)
		if (strcmp(name, shape_names[i]) == 0)
			return (enum shape)i;
	die(name, "no such shape: many, hot or pipeline");
	return MANY;
}

static size_t
number(const char *text, size_t most)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*end != '\0' || n < 1 || n > most)
		die(text, "not a number in range");
	return n;
}

int
main(int argc, char **argv)
{
	static struct writer writers[CONNECTIONS_MAX];
	size_t batch, n, i, batches;
	double began_s, took_s, cpu;
	enum shape shape;

	if (argc != 6) {
		fprintf(stderr, "usage: limit_commit URL many|hot|pipeline "
		    "BATCH CONNECTIONS SECONDS\n");
		return 2;
	}
	shape = shape_of(argv[2]);
	batch = number(argv[3], BATCH_MAX);
	n = number(argv[4], CONNECTIONS_MAX);
	for (i = 0; i < n; i++)
		writer_init(&writers[i], argv[1], shape, batch, (int)i);
	run(writers, n, WARM_S, false);
	cpu = cpu_s();
	began_s = now_s();
	batches = run(writers, n, (double)number(argv[5], 3600), true);
	took_s = now_s() - began_s;
	cpu = cpu_s() - cpu;
	for (i = 0; i < n; i++)
		writer_check(&writers[i]);

	qsort(latencies_s, n_latencies, sizeof(*latencies_s), ascending);
	printf("{\"limit\":\"commit\",\"shape\":\"%s\",\"batch\":%zu,"
	    "\"connections\":%zu,\"seconds\":%.3f,\"ops_per_s\":%.1f,"
	    "\"batches_per_s\":%.1f,\"p50_ms\":%.3f,\"p99_ms\":%.3f,"
	    "\"own_cpu_us_per_op\":%.2f}\n", shape_names[shape], batch, n,
	    took_s, (double)(batches * batch) / took_s, (double)batches / took_s,
	    quantile_ms(0.5), quantile_ms(0.99),
	    1e6 * cpu / (double)(batches * batch));
	free(latencies_s);
	return 0;
}
