/*
 * top_view: see top_view.h.
 *
 * A line is a label and facts; what is wrong is said in words, "AWAY", so that
 * it is found without colours.
 */
#include "run/top_view.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#define LABEL	"%-11s"
#define FACT		64	/* bytes of one number as text */

/* ---- numbers for people ---- */

static const char *
count_text(double n, char out[FACT])
{
	if (n >= 1e7)
		snprintf(out, FACT, "%.1fM", n / 1e6);
	else if (n >= 1e5)
		snprintf(out, FACT, "%.0fK", n / 1e3);
	else if (n >= 1e4)
		snprintf(out, FACT, "%.1fK", n / 1e3);
	else if (n >= 10 || n == (double)(long)n)
		snprintf(out, FACT, "%.0f", n);
	else
		snprintf(out, FACT, "%.1f", n);
	return out;
}

static const char *
bytes_text(double n, char out[FACT])
{
	static const char *const units[] = { "B", "KB", "MB", "GB", "TB" };
	size_t i = 0;

	while (n >= 1000 && i + 1 < sizeof(units) / sizeof(units[0])) {
		n /= 1024;
		i++;
	}
	snprintf(out, FACT, i == 0 || n >= 100 ? "%.0f %s" : "%.1f %s", n,
	    units[i]);
	return out;
}

static const char *
time_text(double s, char out[FACT])
{
	if (s < 0.01)
		snprintf(out, FACT, "%.1f ms", s * 1e3);
	else if (s < 1)
		snprintf(out, FACT, "%.0f ms", s * 1e3);
	else
		snprintf(out, FACT, "%.1f s", s);
	return out;
}

static const char *
term_text(double s, char out[FACT])
{
	unsigned long m = s > 0 ? (unsigned long)s / 60 : 0;

	if (m >= 1440)
		snprintf(out, FACT, "%lud %luh", m / 1440, m / 60 % 24);
	else
		snprintf(out, FACT, "%luh %lum", m / 60, m % 60);
	return out;
}

/* ---- lines ---- */

struct screen {
	const struct top_view	*v;
	struct buf		*out;
	unsigned		 columns;
	char			 line[512];
	size_t			 len;
};

static void
line_end(struct screen *s)
{
	size_t len = s->len < s->columns ? s->len : s->columns;

	while (len > 0 && s->line[len - 1] == ' ')
		len--;
	buf_put(s->out, s->line, len);
	buf_putc(s->out, '\n');
	s->len = 0;
}

__attribute__((format(printf, 2, 3)))
static void
put(struct screen *s, const char *fmt, ...)
{
	size_t room = sizeof(s->line) - s->len;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(s->line + s->len, room, fmt, ap);
	va_end(ap);
	if (n > 0)
		s->len += (size_t)n < room ? (size_t)n : room - 1;
}

static double
value(const struct screen *s, const char *name)
{
	return scrape_value(s->v->now, name, SCRAPE_ALL);
}

static double
rate(const struct screen *s, const char *name)
{
	return scrape_rate(s->v->before, s->v->now, name, SCRAPE_ALL,
	    s->v->seconds);
}

/* "  412 refused", a gauge's value. */
static void
put_value(struct screen *s, const char *name, const char *what)
{
	char text[FACT];

	put(s, "%8s %-16s", count_text(value(s, name), text), what);
}

/* "  412/s refused", a counter's rate. */
static void
put_rate(struct screen *s, const char *name, const char *what)
{
	char text[FACT];

	put(s, "%7s/s %-15s", count_text(rate(s, name), text), what);
}

/* ---- the screen ---- */

/* Of all workers: "up", or how many have it not. */
static void
put_health(struct screen *s, const char *what, const char *name)
{
	unsigned n = s->v->now->workers;
	double up = value(s, name);

	if (up >= n)
		put(s, "%s up   ", what);
	else
		put(s, "%s AWAY for %.0f of %u workers   ", what, n - up, n);
}

static void
show_head(struct screen *s)
{
	const struct scrape *now = s->v->now;
	time_t t = (time_t)s->v->time_s;
	double began = scrape_value(now, "process_start_time_seconds", 0);
	char text[FACT], clock[16];
	struct tm tm;

	localtime_r(&t, &tm);
	strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
	put(s, "otd %s at %s   %s", now->version != NULL ? now->version : "?",
	    s->v->url, clock);
	line_end(s);
	if (s->v->trouble != NULL) {
		put(s, "DOES NOT ANSWER: %s; below is what it last said",
		    s->v->trouble);
		line_end(s);
	}
	put(s, "%.0f of %u workers serve   ", value(s, "otd_worker_up"),
	    now->workers);
	put_health(s, "store", "otd_store_up");
	put_health(s, "bus", "otd_bus_up");
	if (began > 0)
		put(s, "running %s", term_text(s->v->time_s - began, text));
	line_end(s);
	line_end(s);
}

/* "p50 1.2 ms  p99 8.4 ms"; or that there was nothing to measure. */
static void
show_times(struct screen *s, const char *label, const char *name)
{
	const struct top_view *v = s->v;
	char text[FACT], high[FACT];
	double p50, p99;

	put(s, LABEL, label);
	if (scrape_quantile(v->before, v->now, name, 0.5, &p50) &&
	    scrape_quantile(v->before, v->now, name, 0.99, &p99))
		put(s, "%10s half   %10s 99 of 100", time_text(p50, text),
		    time_text(p99, high));
	else
		put(s, "%10s", "none");
	line_end(s);
}

static void
show_edits(struct screen *s)
{
	double commits = rate(s, "otd_commits_total");

	put(s, LABEL, "edits");
	put_rate(s, "otd_ops_committed_total", "durable");
	put_rate(s, "otd_ops_refused_total", "refused");
	put_rate(s, "otd_ops_repeated_total", "came again");
	line_end(s);
	put(s, LABEL, "commits");
	put_rate(s, "otd_commits_total", "");
	if (commits > 0)
		put(s, "%9.1f %-15s %8.1f%% lost a race",
		    rate(s, "otd_ops_committed_total") / commits, "edits each",
		    100 * rate(s, "otd_commits_raced_total") / commits);
	line_end(s);
	show_times(s, "ack after", "otd_ack_seconds");
	show_times(s, "a commit", "otd_commit_seconds");
	show_times(s, "a load", "otd_load_seconds");
}

static void
show_clients(struct screen *s)
{
	char in[FACT], sent[FACT];

	put(s, LABEL, "clients");
	put_value(s, "otd_websockets", "WebSockets");
	put_value(s, "otd_streams", "event streams");
	put_rate(s, "otd_connections_accepted_total", "come");
	line_end(s);
	put(s, LABEL, "traffic");
	put_rate(s, "otd_messages_total", "messages in");
	put_rate(s, "otd_frames_total", "frames out");
	put(s, "%s/s in, %s/s out",
	    bytes_text(rate(s, "otd_received_bytes_total"), in),
	    bytes_text(rate(s, "otd_sent_bytes_total"), sent));
	line_end(s);
	put(s, LABEL, "documents");
	put_value(s, "otd_documents", "in memory");
	put_value(s, "otd_readers", "subscriptions");
	put_value(s, "otd_requests_waiting", "requests wait");
	line_end(s);
	put(s, LABEL, "refused");
	put_rate(s, "otd_over_limit_total", "over a limit");
	put_rate(s, "otd_rate_refused_total", "too fast");
	put_rate(s, "otd_denied_total", "no right");
	line_end(s);
	put(s, LABEL, "closed");
	put_rate(s, "otd_slow_readers_total", "read slowly");
	put_rate(s, "otd_connections_refused_total", "over the ceiling");
	put_rate(s, "otd_tokens_refused_total", "by their token");
	line_end(s);
	line_end(s);
}

static void
show_worker(struct screen *s, int i)
{
	const struct top_view *v = s->v;
	char longest[FACT], edits[FACT], clients[FACT], docs[FACT], memory[FACT];
	double busy = scrape_rate(v->before, v->now, "otd_busy_seconds_total",
	    i, v->seconds);

	put(s, "%6d  %-5s %5.0f%% %10s %9s %9s %9s %10s", i,
	    scrape_value(v->now, "otd_worker_up", i) > 0 ? "up" : "DOWN",
	    100 * busy,
	    time_text(scrape_value(v->now, "otd_longest_turn_seconds", i),
	    longest),
	    count_text(scrape_rate(v->before, v->now,
	    "otd_ops_committed_total", i, v->seconds), edits),
	    count_text(scrape_value(v->now, "otd_websockets", i), clients),
	    count_text(scrape_value(v->now, "otd_documents", i), docs),
	    bytes_text(scrape_value(v->now, "process_resident_memory_bytes", i),
	    memory));
	line_end(s);
}

void
top_view_show(const struct top_view *v, unsigned columns, struct buf *out)
{
	struct screen s = { .v = v, .out = out, .columns = columns };
	unsigned i;

	show_head(&s);
	show_edits(&s);
	show_clients(&s);
	put(&s, "%6s  %-5s %6s %10s %9s %9s %9s %10s", "worker", "state",
	    "busy", "longest", "edits/s", "clients", "documents", "memory");
	line_end(&s);
	for (i = 0; i < v->now->workers; i++)
		show_worker(&s, (int)i);
}
