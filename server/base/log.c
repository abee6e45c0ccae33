/*
 * A line is made in a buffer of its own and leaves in one write, so that
 * lines of several processes and threads do not mix.  What does not fit is
 * cut: facts are short, and a long one is a mistake of the caller.
 */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MSG_BYTES	1024	/* a formatted message */
#define LINE_BYTES	7168	/* a line: every byte of it may become \u00xx */

static struct {
	enum log_level	 most;		/* the chattiest level shown */
	enum log_format	 format;
	log_sink	*sink;		/* NULL: stderr */
	void		*arg;
	char		 worker[24];	/* member of a line; "": not one of several */
} out = { .most = LOG_INFO, .format = LOG_TEXT };

static const char *const level_names[] = { "error", "warn", "info", "debug" };

void
log_setup(enum log_level most, enum log_format format)
{
	out.most = most;
	out.format = format;
}

void
log_to(log_sink *sink, void *arg)
{
	out.sink = sink;
	out.arg = arg;
}

void
log_as_worker(unsigned worker)
{
	snprintf(out.worker, sizeof(out.worker), "\"worker\":%u,", worker);
}

bool
log_enabled(enum log_level level)
{
	return level <= out.most;
}

/* ---- making a line ---- */

struct line {
	char	text[LINE_BYTES];
	size_t	len;
};

static void
line_put(struct line *l, const char *bytes, size_t len)
{
	size_t room = sizeof(l->text) - 2 - l->len;	/* newline and NUL */

	if (len > room)
		len = room;
	memcpy(l->text + l->len, bytes, len);
	l->len += len;
}

static void
line_puts(struct line *l, const char *s)
{
	line_put(l, s, strlen(s));
}

/* Text that cannot end the line or forge another: control bytes as \xNN. */
static void
line_put_plain(struct line *l, const char *s)
{
	char hex[8];

	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;

		if (c >= 0x20 && c != 0x7f) {
			line_put(l, s, 1);
			continue;
		}
		snprintf(hex, sizeof(hex), "\\x%02x", c);
		line_puts(l, hex);
	}
}

/* How many bytes of valid UTF-8 begin at s; 0: it is broken here. */
static size_t
utf8_len(const unsigned char *s)
{
	size_t n = s[0] < 0x80 ? 1 : s[0] >= 0xc2 && s[0] < 0xe0 ? 2 :
	    s[0] >= 0xe0 && s[0] < 0xf0 ? 3 : s[0] >= 0xf0 && s[0] < 0xf5 ? 4 : 0;

	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return n;
}

static void
line_put_json(struct line *l, const char *s)
{
	char hex[8];
	size_t n;

	line_puts(l, "\"");
	for (; *s != '\0'; s += n) {
		n = utf8_len((const unsigned char *)s);
		if (*s == '"' || *s == '\\') {
			line_puts(l, "\\");
			line_put(l, s, 1);
		} else if (n == 0 || (unsigned char)*s < 0x20) {
			snprintf(hex, sizeof(hex), "\\u%04x",
			    n == 0 ? 0xfffdu : (unsigned char)*s);
			line_puts(l, hex);
			n = 1;
		} else {
			line_put(l, s, n);
		}
	}
	line_puts(l, "\"");
}

static void
line_put_time(struct line *l)
{
	struct timespec now;
	struct tm tm;
	char text[48];
	size_t n;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	n = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + n, sizeof(text) - n, ".%03ldZ", now.tv_nsec / 1000000);
	line_puts(l, text);
}

static void
line_send(struct line *l)
{
	ssize_t n;

	if (out.sink != NULL) {
		l->text[l->len] = '\0';
		out.sink(l->text, out.arg);
		return;
	}
	l->text[l->len++] = '\n';
	/* Nobody can be told that the log cannot be written. */
	n = write(STDERR_FILENO, l->text, l->len);
	(void)n;
}

__attribute__((format(printf, 3, 0)))
static void
log_write(enum log_level level, const char *subject, const char *fmt,
    va_list ap)
{
	char msg[MSG_BYTES];
	struct line l;

	l.len = 0;
	vsnprintf(msg, sizeof(msg), fmt, ap);
	if (out.format == LOG_JSON) {
		line_puts(&l, "{\"time\":\"");
		line_put_time(&l);
		line_puts(&l, "\",\"level\":\"");
		line_puts(&l, level_names[level]);
		line_puts(&l, "\",");
		line_puts(&l, out.worker);
		line_puts(&l, "\"subject\":");
		line_put_json(&l, subject);
		line_puts(&l, ",\"msg\":");
		line_put_json(&l, msg);
		line_puts(&l, "}");
	} else {
		line_put_time(&l);
		line_puts(&l, " ");
		line_puts(&l, level_names[level]);
		line_puts(&l, " ");
		if (*subject != '\0') {
			line_put_plain(&l, subject);
			line_puts(&l, ": ");
		}
		line_put_plain(&l, msg);
	}
	line_send(&l);
}

void
log_line(enum log_level level, const char *subject, const char *fmt, ...)
{
	va_list ap;

	if (!log_enabled(level))
		return;
	va_start(ap, fmt);
	log_write(level, subject, fmt, ap);
	va_end(ap);
}

void
log_always(const char *subject, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_write(LOG_INFO, subject, fmt, ap);
	va_end(ap);
}

bool
log_allow(struct log_limit *limit, unsigned burst)
{
	struct timespec now;
	uint64_t window;

	clock_gettime(CLOCK_MONOTONIC, &now);
	window = (uint64_t)now.tv_sec / 60 + 1;		/* 0: never counted yet */
	if (window != limit->window) {
		if (limit->kept != 0)
			log_line(LOG_WARN, "log", "%u lines like the next were "
			    "held back", limit->kept);
		limit->window = window;
		limit->said = limit->kept = 0;
	}
	if (limit->said < burst) {
		limit->said++;
		return true;
	}
	limit->kept++;
	return false;
}
