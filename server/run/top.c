/*
 * top: see top.h.
 *
 * The page is fetched, read and shown, again and again; rates are those
 * between the last two that came.  When otd does not answer, what it last
 * said stays, under a line that says so.
 */
#include "run/top.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sysexits.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "base/fetch.h"
#include "base/loop.h"
#include "run/address.h"
#include "run/scrape.h"
#include "run/top_view.h"
#include "run/words.h"

#define EVERY_S		2
#define TIMEOUT_MS	5000
#define PAGE_MAX	(8u << 20)
#define COLUMNS		100	/* where there is no terminal */
#define URL_MAX		512

/* Another screen, without a cursor; clear; back again. */
#define SCREEN_OPEN	"\033[?1049h\033[?25l"
#define SCREEN_CLEAR	"\033[H\033[2J"
#define SCREEN_CLOSE	"\033[?25h\033[?1049l"

struct top {
	char			 url[URL_MAX];
	uint64_t		 every_ms;
	unsigned		 left;		/* screens to show; UINT_MAX: any number */
	bool			 is_screen;	/* in place, in a terminal */

	struct loop		*loop;
	struct fetcher		*fetcher;
	struct fetch		*fetch;		/* under way; NULL: none */
	struct loop_timer	*timer;
	struct loop_watch	*keys;		/* NULL: none are read */
	struct termios		 cooked;	/* of the terminal before, with keys */

	struct scrape		 before, now;
	double			 before_s, now_s;	/* when, since 1970; 0: not yet */
	char			 why[256];	/* it did not answer; "": it did */
	bool			 is_over;
	int			 code;
};

static double
clock_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- showing ---- */

static unsigned
columns(const struct top *t)
{
	struct winsize size;

	if (t->is_screen && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 &&
	    size.ws_col > 0)
		return size.ws_col;
	return COLUMNS;
}

static void
show(struct top *t)
{
	const struct top_view view = {
		.url = t->url, .before = &t->before, .now = &t->now,
		.seconds = t->before_s > 0 ? t->now_s - t->before_s : 0,
		.time_s = t->now_s,
		.trouble = *t->why != '\0' ? t->why : NULL,
	};
	struct buf text = BUF_INIT;

	if (t->is_screen)
		buf_puts(&text, SCREEN_CLEAR);
	if (t->now.n > 0) {
		top_view_show(&view, columns(t), &text);
	} else {
		buf_puts(&text, t->url);
		buf_puts(&text, " does not answer: ");
		buf_puts(&text, t->why);
	}
	if (!buf_failed(&text))
		fwrite(text.data, 1, text.len, stdout);
	if (fflush(stdout) != 0)
		t->is_over = true;	/* nobody looks any more */
	buf_done(&text);
}

/* ---- asking ---- */

/* One screen is done, or could not be. */
static void
step(struct top *t)
{
	bool is_first = t->now_s > 0 && t->before_s <= 0;

	/* Rates want two answers: the first is for a terminal only. */
	if (t->is_screen || (!is_first && *t->why == '\0'))
		show(t);
	if (!t->is_screen && *t->why != '\0') {
		fprintf(stderr, "otd: %s: %s\n", t->url, t->why);
		t->code = EX_UNAVAILABLE;
		t->is_over = true;
		return;
	}
	if (!is_first && t->left != UINT_MAX && --t->left == 0)
		t->is_over = true;
	else
		loop_timer_start(t->timer, t->every_ms);
}

static void
on_answer(void *arg, const struct fetch_answer *answer)
{
	struct top *t = arg;
	struct scrape s;

	t->fetch = NULL;
	*t->why = '\0';
	if (answer->status == 0)
		snprintf(t->why, sizeof(t->why), "%s", answer->why);
	else if (answer->status != 200)
		snprintf(t->why, sizeof(t->why), "the answer is %d",
		    answer->status);
	else if (!scrape_read(answer->body, answer->len, &s))
		snprintf(t->why, sizeof(t->why), "it is no page of metrics");
	if (*t->why == '\0') {
		scrape_done(&t->before);
		t->before = t->now;
		t->before_s = t->now_s;
		t->now = s;
		t->now_s = clock_s();
	}
	step(t);
}

static void
on_time(void *arg)
{
	struct top *t = arg;
	const struct fetch_request request = {
		.url = t->url, .timeout_ms = TIMEOUT_MS, .max_bytes = PAGE_MAX,
		.inside = true,
	};

	t->fetch = fetch_start(t->fetcher, &request, on_answer, t);
}

/* ---- the terminal ---- */

static void
on_leave(void *arg)
{
	struct top *t = arg;

	t->is_over = true;
}

static void
on_key(int fd, bool readable, bool writable, void *arg)
{
	struct top *t = arg;
	char key;

	(void)readable;
	(void)writable;
	if (read(fd, &key, 1) != 1 || key == 'q' || key == 'Q')
		t->is_over = true;
}

/* Keys as they are pressed, unseen. */
static void
open_screen(struct top *t)
{
	struct termios raw;

	fputs(SCREEN_OPEN, stdout);
	if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &t->cooked) != 0)
		return;
	raw = t->cooked;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	t->keys = loop_watch_new(t->loop, STDIN_FILENO, on_key, t);
	loop_watch_set(t->keys, true, false);
}

static void
close_screen(struct top *t)
{
	if (t->keys != NULL)
		tcsetattr(STDIN_FILENO, TCSANOW, &t->cooked);
	loop_watch_free(t->keys);
	fputs(SCREEN_CLOSE, stdout);
	fflush(stdout);
}

/* ---- beginning and ending ---- */

/* Where these settings' otd shows its pages, from this machine. */
static bool
own_url(const struct config *c, char *out, size_t size)
{
	bool is_admin = *c->admin_listen != '\0';
	const char *scheme = !is_admin && *c->tls_cert != '\0' ? "https" : "http";
	struct address a;

	if (!address_parse(is_admin ? c->admin_listen : c->listen.text[0], &a))
		return false;
	if (strcmp(a.host, "0.0.0.0") == 0)
		memcpy(a.host, "127.0.0.1", sizeof("127.0.0.1"));
	else if (strcmp(a.host, "::") == 0)
		memcpy(a.host, "::1", sizeof("::1"));
	snprintf(out, size, a.v6 ? "%s://[%s]:%u/metrics" :
	    "%s://%s:%u/metrics", scheme, a.host, a.port);
	return true;
}

/* As it is said; a bare address gets what it lacks. */
static bool
said_url(const char *said, char *out, size_t size)
{
	const char *scheme = strstr(said, "://") != NULL ? "" : "http://";
	const char *host = *scheme == '\0' ? strstr(said, "://") + 3 : said;
	const char *path = strchr(host, '/');
	int len = snprintf(out, size, "%s%s%s", scheme, said,
	    path == NULL ? "/metrics" : path[1] == '\0' ? "metrics" : "");

	return len > 0 && (size_t)len < size;
}

static int
usage(const char *what, const char *word)
{
	fprintf(stderr, "otd: %s \"%s\"\n", what, word);
	return EX_USAGE;
}

static int
take_words(struct top *t, const struct config *config, char **words, int n)
{
	const char *value;
	char *end;
	int64_t every_s;
	long count;
	int i;

	for (i = 0; i < n; i++) {
		if ((value = words_value(words[i], "every")) != NULL) {
			if ((every_s = words_term_s(value)) < 0)
				return usage("--every is a term as 2s or 1m, "
				    "not", value);
			t->every_ms = (uint64_t)every_s * 1000;
		} else if ((value = words_value(words[i], "count")) != NULL) {
			count = strtol(value, &end, 10);
			if (end == value || *end != '\0' || count < 1 ||
			    count > 1000000)
				return usage("--count is a number from 1 to "
				    "1000000, not", value);
			t->left = (unsigned)count;
			t->is_screen = false;
		} else if (*t->url != '\0') {
			return usage("top takes one address, not also",
			    words[i]);
		} else if (!said_url(words[i], t->url, sizeof(t->url))) {
			return usage("this is too long for an address:",
			    words[i]);
		}
	}
	if (*t->url == '\0' && !own_url(config, t->url, sizeof(t->url)))
		return usage("cannot tell where otd is from the address",
		    config->listen.text[0]);
	return 0;
}

static bool
begin(struct top *t)
{
	if ((t->loop = loop_new()) == NULL ||
	    (t->fetcher = fetcher_new(t->loop)) == NULL ||
	    !loop_signal(t->loop, SIGINT, on_leave, t) ||
	    !loop_signal(t->loop, SIGTERM, on_leave, t))
		return false;
	t->timer = loop_timer_new(t->loop, on_time, t);
	loop_timer_start(t->timer, 0);
	return true;
}

static void
end(struct top *t)
{
	if (t->fetch != NULL)
		fetch_drop(t->fetch);
	fetcher_free(t->fetcher);
	loop_timer_free(t->timer);
	if (t->loop != NULL)
		loop_free(t->loop);
	scrape_done(&t->before);
	scrape_done(&t->now);
}

int
top(const struct config *config, char **words, int n)
{
	struct top t = {
		.every_ms = EVERY_S * 1000,
		.is_screen = isatty(STDOUT_FILENO),
	};
	int rc;

	t.left = t.is_screen ? UINT_MAX : 1;
	if ((rc = take_words(&t, config, words, n)) != 0)
		return rc;
	if (!begin(&t)) {
		fprintf(stderr, "otd: the system refuses an event loop\n");
		t.code = EX_UNAVAILABLE;
		goto out;
	}
	if (t.is_screen)
		open_screen(&t);
	while (!t.is_over)
		loop_wait(t.loop, false);
	if (t.is_screen)
		close_screen(&t);
out:
	end(&t);
	return t.code;
}
