/*
 * fetch_tool: the fetcher, told line by line what to do, for fetch.test.mjs.
 *
 *	start N METHOD URL INSIDE TIMEOUT_MS MAX_BYTES BODY	"-": no body
 *	again N ...		the same, and once more from within done
 *	drop N
 *
 * Each answer is a line: N, status, bytes, max-age, retry-after, and the body
 * or why it failed.  The end of the input frees the fetcher, whatever is
 * under way.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fetch.h"
#include "base/loop.h"

#define SLOTS	64
#define LINE	8192

struct slot {
	unsigned	 n;
	bool		 again;
	struct fetch	*one;		/* NULL: not under way */
	char		 url[LINE], method[16], body[LINE];
	struct fetch_request request;
};

static struct fetcher *fetcher;
static struct slot slots[SLOTS];
static bool at_end;

static void	 slot_start(struct slot *s);

static void
on_done(void *arg, const struct fetch_answer *a)
{
	struct slot *s = arg;

	printf("%u\t%d\t%zu\t%llu\t%llu\t%s\n", s->n, a->status, a->len,
	    (unsigned long long)a->max_age_s,
	    (unsigned long long)a->retry_after_s,
	    a->why != NULL ? a->why : a->len < LINE ? a->body : "(long)");
	fflush(stdout);
	fetch_drop(s->one);		/* from within: does nothing */
	s->one = NULL;
	if (s->again) {
		s->again = false;
		slot_start(s);
	}
}

static void
slot_start(struct slot *s)
{
	static const char *const headers[] = {
		"Content-Type: text/plain", "X-Tool: fetch",
	};

	s->request.headers = headers;
	s->request.n_headers = 2;
	s->one = fetch_start(fetcher, &s->request, on_done, s);
}

static void
start(char *line, bool again)
{
	int inside;
	unsigned n;
	unsigned long long timeout_ms;
	size_t max;
	struct slot *s;
	char url[LINE], method[16], body[LINE];

	if (sscanf(line, "%u %15s %8191s %d %llu %zu %8191s", &n, method, url,
	    &inside, &timeout_ms, &max, body) != 7 || n >= SLOTS)
		abort();
	s = &slots[n];
	s->n = n;
	s->again = again;
	memcpy(s->url, url, sizeof(url));
	memcpy(s->method, method, sizeof(method));
	memcpy(s->body, body, sizeof(body));
	s->request = (struct fetch_request){
		.url = s->url, .method = s->method,
		.timeout_ms = timeout_ms, .max_bytes = max, .inside = inside,
	};
	if (strcmp(s->body, "-") != 0) {
		s->request.body = s->body;
		s->request.body_len = strlen(s->body);
	}
	slot_start(s);
}

static void
on_line(char *line)
{
	struct slot *s;

	if (strncmp(line, "start ", 6) == 0) {
		start(line + 6, false);
	} else if (strncmp(line, "again ", 6) == 0) {
		start(line + 6, true);
	} else if (strncmp(line, "drop ", 5) == 0) {
		s = &slots[strtoul(line + 5, NULL, 10) % SLOTS];
		fetch_drop(s->one);
		s->one = NULL;
	}
}

static void
on_input(int fd, bool readable, bool writable, void *arg)
{
	static char input[4 * LINE];
	static size_t have;
	char *end;
	ssize_t n = read(fd, input + have, sizeof(input) - have);

	(void)readable;
	(void)writable;
	(void)arg;
	if (n <= 0) {
		at_end = true;
		return;
	}
	have += (size_t)n;
	while ((end = memchr(input, '\n', have)) != NULL) {
		*end++ = '\0';
		on_line(input);
		have -= (size_t)(end - input);
		memmove(input, end, have);
	}
}

int
main(void)
{
	struct loop *loop = loop_new();
	struct loop_watch *in;

	if (loop == NULL || (fetcher = fetcher_new(loop)) == NULL)
		return 1;
	in = loop_watch_new(loop, STDIN_FILENO, on_input, NULL);
	loop_watch_set(in, true, false);
	printf("ready\n");
	fflush(stdout);
	while (!at_end)
		loop_wait(loop, false);
	loop_watch_free(in);
	fetcher_free(fetcher);
	loop_free(loop);
	return 0;
}
