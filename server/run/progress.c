#include "run/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define BAR	24		/* characters */
#define EACH_MS	200		/* from line to line */

static uint64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

void
progress_init(struct progress *p, const char *what, uint64_t total)
{
	*p = (struct progress){ .what = what, .total = total,
	    .is_shown = isatty(STDERR_FILENO), .began_ms = now_ms() };
}

uint64_t
progress_ms(const struct progress *p)
{
	return now_ms() - p->began_ms;
}

void
progress_number(uint64_t n, char *out, size_t size)
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%" PRIu64, n), i;
	size_t at = 0;

	for (i = 0; i < len; i++) {
		size_t comma = i > 0 && (len - i) % 3 == 0;

		if (at + comma + 1 >= size)
			break;
		if (comma)
			out[at++] = ',';
		out[at++] = digits[i];
	}
	out[at] = '\0';
}

static void
bar_make(uint64_t done, uint64_t total, char out[BAR + 1])
{
	uint64_t full = done >= total ? BAR : done * BAR / total;
	int i;

	for (i = 0; i < BAR; i++)
		out[i] = (uint64_t)i < full ? '#' : '.';
	out[BAR] = '\0';
}

void
progress_line(const struct progress *p, uint64_t documents, uint64_t ops,
    uint64_t after_ms, char *out, size_t size)
{
	uint64_t rate = after_ms > 0 ? ops * 1000 / after_ms : 0, percent;
	char have[32], want[32], fast[32], bar[BAR + 1];

	progress_number(documents, have, sizeof(have));
	progress_number(rate, fast, sizeof(fast));
	if (p->total == 0) {
		snprintf(out, size, "%s  %s documents, %s operations/s",
		    p->what, have, fast);
		return;
	}
	/* More may have come than there were when they were counted. */
	percent = documents >= p->total ? 100 : documents * 100 / p->total;
	progress_number(p->total, want, sizeof(want));
	bar_make(documents, p->total, bar);
	snprintf(out, size, "%s [%s] %3" PRIu64 "%%  %s of %s documents, "
	    "%s operations/s", p->what, bar, percent, have, want, fast);
}

void
progress_show(struct progress *p, uint64_t documents, uint64_t ops)
{
	uint64_t now = now_ms();
	char line[200];

	if (!p->is_shown || (p->is_drawn && now - p->drawn_ms < EACH_MS))
		return;
	progress_line(p, documents, ops, now - p->began_ms, line,
	    sizeof(line));
	fprintf(stderr, "\r\033[K%s", line);
	fflush(stderr);
	p->is_drawn = true;
	p->drawn_ms = now;
}

void
progress_clear(struct progress *p)
{
	if (!p->is_drawn)
		return;
	fprintf(stderr, "\r\033[K");
	fflush(stderr);
	p->is_drawn = false;
}
