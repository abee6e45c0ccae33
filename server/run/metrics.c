/*
 * metrics: see metrics.h; the table is metrics.def.
 */
#include "run/metrics.h"

#include <config.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

struct metrics_board {
	unsigned		n;		/* workers */
	size_t			bytes;		/* of this mapping */
	struct metrics_values	of[];
};

struct metrics_board *
metrics_board_new(unsigned n)
{
	size_t bytes = sizeof(struct metrics_board) +
	    n * sizeof(struct metrics_values);
	struct metrics_board *b = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (b == MAP_FAILED)
		return NULL;
	b->n = n;
	b->bytes = bytes;
	return b;
}

void
metrics_board_free(struct metrics_board *b)
{
	if (b != NULL)
		munmap(b, b->bytes);
}

struct metrics_values *
metrics_place(struct metrics_board *b, unsigned worker)
{
	return &b->of[worker];
}

/* ---- taking ---- */

/* The four numbers of a breaker, whose fields begin with name. */
#define TAKE_BREAKER(v, name, counts) do {				\
	(v)->name##_open = (counts)->state != BREAKER_CLOSED;		\
	(v)->name##_half_open = (counts)->state == BREAKER_HALF_OPEN;	\
	(v)->name##_opened = (counts)->opened;				\
	(v)->name##_probes = (counts)->probes;				\
} while (0)

void
metrics_take_hub(struct metrics_values *v, const struct hub_counts *c)
{
	v->sessions = c->sessions;
	v->messages = c->messages;
	v->bad_messages = c->bad_messages;
	v->frames_sent = c->frames_sent;
	v->slowed = c->slowed;
	v->rate_refused = c->rate_refused;
	v->over_limit = c->over_limit;
	v->denied = c->denied;
	v->closed_renew = c->closed_renew;
	v->closed_access = c->closed_access;
	v->slow_readers = c->slow_readers;
	v->documents = c->documents;
	v->readers = c->readers;
	v->queries = c->queries;
	v->watches = c->watches;
	v->finds = c->finds;
	v->presences = c->presences;
	v->presences_seen = c->presences_seen;
	v->waiting = c->waiting;
	v->hot_bytes = c->hot_bytes;
	v->loads = c->loads;
	v->evictions = c->evictions;
	v->checkpoints = c->checkpoints;
	v->ops_committed = c->ops_committed;
	v->ops_refused = c->ops_refused;
	v->ops_repeated = c->ops_repeated;
	v->ops_transformed = c->ops_transformed;
	v->commits = c->commits;
	v->parcels_refused = c->parcels_refused;
	v->known_reads = c->known_reads;
	v->gaps = c->gaps;
	v->acks = c->acks;
}

void
metrics_take_net(struct metrics_values *v, const struct net_counts *c)
{
	v->connections = c->connections;
	v->sockets = c->sockets;
	v->accepted = c->accepted;
	v->turned_away = c->turned_away;
	v->requests = c->requests;
	v->bytes_in = c->bytes_in;
	v->bytes_out = c->bytes_out;
	v->writes = c->writes;
	v->pings = c->pings;
	v->cut_idle = c->cut_idle;
	v->cut_late = c->cut_late;
	v->streams = c->streams;
	v->addresses = c->addresses;
	v->incoming = c->incoming;
	v->address_refused = c->address_refused;
	v->incoming_refused = c->incoming_refused;
	v->streams_refused = c->streams_refused;
	v->origins_refused = c->origins_refused;
	v->tokens_refused = c->tokens_refused;
	v->slow_streams = c->slow_streams;
	v->moved = c->moved;
	v->sockets_waiting = c->waiting;
}

void
metrics_take_store(struct metrics_values *v, const struct store_health *h)
{
	v->store_up = h->up;
	v->store_jobs = h->in_flight;
	v->store_reconnects = h->reconnects;
	TAKE_BREAKER(v, store_breaker, &h->breaker);
}

void
metrics_take_bus(struct metrics_values *v, const struct bus_health *h)
{
	v->bus_up = h->up;
	v->bus_said = h->said;
	v->bus_heard = h->heard;
	v->bus_dropped = h->dropped;
	v->bus_bad = h->bad;
	v->bus_reconnects = h->reconnects;
	TAKE_BREAKER(v, bus_breaker, &h->breaker);
}

void
metrics_take_keys(struct metrics_values *v, const struct breaker_counts *c)
{
	TAKE_BREAKER(v, keys_breaker, c);
}

void
metrics_take_users(struct metrics_values *v, const struct users_counts *c)
{
	v->logins = c->logins;
	v->logins_failed = c->failed;
	v->logins_limited = c->limited;
}

void
metrics_take_hooks(struct metrics_values *v, const struct hook_counts *c)
{
	v->hooks_held = c->held;
	v->hooks_waiting = c->waiting;
	v->hooks_open = c->open;
	v->hooks_half_open = c->half_open;
	v->hooks_opened = c->opened;
	v->hooks_probes = c->probes;
	v->hooks_delivered = c->delivered;
	v->hooks_failed = c->failed;
	v->hooks_dead = c->dead;
}

/* Resident pages are the second number of proc(5)'s statm. */
static uint64_t
resident_bytes(void)
{
	unsigned long long pages = 0;
	FILE *f = fopen("/proc/self/statm", "re");

	if (f == NULL)
		return 0;
	if (fscanf(f, "%*u %llu", &pages) != 1)
		pages = 0;
	fclose(f);
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static uint64_t
open_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	uint64_t n = 0;

	if (dir == NULL)
		return 0;
	while (readdir(dir) != NULL)
		n++;
	closedir(dir);
	return n > 3 ? n - 3 : 0;	/* ".", ".." and the folder itself */
}

static uint64_t
timeval_us(const struct timeval *tv)
{
	return (uint64_t)tv->tv_sec * 1000000 + (uint64_t)tv->tv_usec;
}

void
metrics_take_process(struct metrics_values *v)
{
	struct timespec now;
	struct rusage usage;
	struct rlimit limit;

	if (v->start_us == 0) {
		clock_gettime(CLOCK_REALTIME, &now);
		v->start_us = (uint64_t)now.tv_sec * 1000000 +
		    (uint64_t)now.tv_nsec / 1000;
	}
	v->rss_bytes = resident_bytes();
	v->open_fds = open_descriptors();
	if (getrusage(RUSAGE_SELF, &usage) == 0)
		v->cpu_us = timeval_us(&usage.ru_utime) +
		    timeval_us(&usage.ru_stime);
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
		v->max_fds = limit.rlim_cur;
}

/* ---- showing ---- */

enum kind { COUNTER, GAUGE, SECONDS, SECONDS_GAUGE, HISTOGRAM };

static const struct metric {
	size_t		 offset;	/* in struct metrics_values */
	enum kind	 kind;
	const char	*name, *help;
} metrics[] = {
#define METRIC(field, kind, name, help) \
	{ offsetof(struct metrics_values, field), kind, name, help },
#define HISTOGRAM(field, name, help) \
	{ offsetof(struct metrics_values, field), HISTOGRAM, name, help },
#include "run/metrics.def"
#undef HISTOGRAM
#undef METRIC
};

static const char *const type_names[] = {
	[COUNTER] = "counter", [GAUGE] = "gauge", [SECONDS] = "counter",
	[SECONDS_GAUGE] = "gauge", [HISTOGRAM] = "histogram",
};

static void
show_head(const char *name, const char *help, const char *type,
    struct buf *out)
{
	buf_puts(out, "# HELP ");
	buf_puts(out, name);
	buf_putc(out, ' ');
	buf_puts(out, help);
	buf_puts(out, "\n# TYPE ");
	buf_puts(out, name);
	buf_putc(out, ' ');
	buf_puts(out, type);
	buf_putc(out, '\n');
}

/* NAMESUFFIX{worker="N", without the end of the labels. */
static void
show_name(const struct metric *m, const char *suffix, unsigned worker,
    struct buf *out)
{
	buf_puts(out, m->name);
	buf_puts(out, suffix);
	buf_puts(out, "{worker=\"");
	buf_put_u64(out, worker);
	buf_putc(out, '"');
}

static void
put_seconds(struct buf *out, uint64_t us)
{
	char text[32];

	snprintf(text, sizeof(text), "%llu.%06llu",
	    (unsigned long long)(us / 1000000),
	    (unsigned long long)(us % 1000000));
	buf_puts(out, text);
}

static void
show_one(const struct metric *m, unsigned worker, uint64_t value,
    struct buf *out)
{
	show_name(m, "", worker, out);
	buf_puts(out, "} ");
	if (m->kind == SECONDS || m->kind == SECONDS_GAUGE)
		put_seconds(out, value);
	else
		buf_put_u64(out, value);
	buf_putc(out, '\n');
}

/* Buckets hold what is within their bound, those before included. */
static void
show_histogram(const struct metric *m, unsigned worker,
    const struct histogram *h, struct buf *out)
{
	uint64_t count = 0;
	char bound[32];
	unsigned i;

	for (i = 0; i <= HISTOGRAM_BOUNDS; i++) {
		count += h->bucket[i];
		if (i < HISTOGRAM_BOUNDS)
			snprintf(bound, sizeof(bound), "%g",
			    (double)histogram_bound_us(i) / 1e6);
		else
			memcpy(bound, "+Inf", sizeof("+Inf"));
		show_name(m, "_bucket", worker, out);
		buf_puts(out, ",le=\"");
		buf_puts(out, bound);
		buf_puts(out, "\"} ");
		buf_put_u64(out, count);
		buf_putc(out, '\n');
	}
	show_name(m, "_sum", worker, out);
	buf_puts(out, "} ");
	put_seconds(out, h->sum_us);
	buf_putc(out, '\n');
	show_name(m, "_count", worker, out);
	buf_puts(out, "} ");
	buf_put_u64(out, count);
	buf_putc(out, '\n');
}

void
metrics_show(const struct metrics_board *b, struct buf *out)
{
	const struct metric *m;
	const char *at;
	uint64_t value;
	unsigned i;

	show_head("otd_build_info", "1, with the version in a label", "gauge",
	    out);
	buf_puts(out, "otd_build_info{version=\"" PACKAGE_VERSION "\"} 1\n");
	for (m = metrics; m < metrics + sizeof(metrics) / sizeof(metrics[0]);
	    m++) {
		show_head(m->name, m->help, type_names[m->kind], out);
		for (i = 0; i < b->n; i++) {
			at = (const char *)&b->of[i] + m->offset;
			if (m->kind == HISTOGRAM) {
				show_histogram(m, i,
				    (const void *)at, out);
				continue;
			}
			memcpy(&value, at, sizeof(value));
			show_one(m, i, value, out);
		}
	}
}
