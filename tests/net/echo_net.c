/*
 * echo_net: net with an echo room behind it, for the tests in this folder.
 *
 *	echo_net [NAME=NUMBER]... [NAME=TEXT]... clients:HOST:PORT|admin:HOST:PORT...
 *
 * Names: those of struct net_settings, and outbox_bytes, inbox_messages; with
 * TEXT cert, key, and, separated by commas, origins and proxies; gate=1 asks
 * the gate who comes, gate=2 lets in who shows nothing.  SIGHUP reloads.
 * Says "ready HOST:PORT" for each address to standard output, then nothing
 * until SIGTERM, which closes everybody with 1001.  Leaves with 0 when all
 * went within 5 s.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/loop.h"
#include "core/hub.h"
#include "net/net.h"
#include "api.h"
#include "gate.h"
#include "room.h"

#define TICK_MS		50
#define LEAVE_MS	5000

struct server {
	struct loop		*loop;
	struct loop_timer	*tick;
	struct hub		*room;
	struct net		*net;
	struct gate		*gate;
	bool			 leaving;
	uint64_t		 leave_ms;	/* at the latest */
};

/* ---- pages ---- */

static int
page_livez(const struct net_request *request, struct buf *body, void *arg)
{
	(void)request;
	(void)arg;
	buf_puts(body, "alive\n");
	return 200;
}

static int
page_readyz(const struct net_request *request, struct buf *body, void *arg)
{
	struct server *s = arg;

	(void)request;
	buf_puts(body, s->leaving ? "leaving\n" : "ready\n");
	return s->leaving ? 503 : 200;
}

static int
page_echo(const struct net_request *request, struct buf *body, void *arg)
{
	(void)arg;
	buf_put(body, request->body, request->body_len);
	return 200;
}

static int
page_large(const struct net_request *request, struct buf *body, void *arg)
{
	(void)request;
	(void)arg;
	for (int i = 0; i < 3000000; i++)
		buf_putc(body, (char)('a' + i % 26));
	return 200;
}

static int
page_counts(const struct net_request *request, struct buf *body, void *arg)
{
	struct server *s = arg;
	struct net_counts n;
	char text[1024];

	(void)request;
	net_count(s->net, &n);
	snprintf(text, sizeof(text), "{\"accepted\":%llu,\"turned_away\":%llu,"
	    "\"connections\":%llu,\"sockets\":%llu,\"messages\":%llu,"
	    "\"pings\":%llu,\"cut_idle\":%llu,\"cut_late\":%llu,"
	    "\"writes\":%llu,\"slow_streams\":%llu,\"open\":%u,"
	    "\"gone\":%u,\"drained\":%u,\"address_refused\":%llu,"
	    "\"incoming\":%llu,\"incoming_refused\":%llu,"
	    "\"streams\":%llu,\"addresses\":%llu,\"waiting\":%llu}\n",
	    (unsigned long long)n.accepted,
	    (unsigned long long)n.turned_away,
	    (unsigned long long)n.connections, (unsigned long long)n.sockets,
	    (unsigned long long)n.messages, (unsigned long long)n.pings,
	    (unsigned long long)n.cut_idle, (unsigned long long)n.cut_late,
	    (unsigned long long)n.writes,
	    (unsigned long long)n.slow_streams,
	    api_open, api_gone, api_drained,
	    (unsigned long long)n.address_refused,
	    (unsigned long long)n.incoming,
	    (unsigned long long)n.incoming_refused,
	    (unsigned long long)n.streams, (unsigned long long)n.addresses,
	    (unsigned long long)n.waiting);
	buf_puts(body, text);
	return 200;
}

/* ---- arguments ---- */

static void
die(const char *what, const char *why)
{
	fprintf(stderr, "echo_net: %s: %s\n", what, why);
	exit(2);
}

static void
set(struct net_settings *n, size_t *outbox, size_t *inbox, const char *name,
    size_t len, const char *value)
{
	const struct { const char *name; uint64_t *ms; } times[] = {
		{ "header_ms", &n->header_ms }, { "request_ms", &n->request_ms },
		{ "ping_ms", &n->ping_ms }, { "idle_ms", &n->idle_ms },
		{ "drain_ms", &n->drain_ms }, { "close_ms", &n->close_ms },
	};
	const struct { const char *name; unsigned *n; } numbers[] = {
		{ "connections", &n->connections },
		{ "connections_address", &n->connections_address },
		{ "connection_rate", &n->connection_rate },
		{ "accept_rate", &n->accept_rate },
		{ "streams", &n->streams }, { "head_bytes", &n->head_bytes },
	};
	const struct { const char *name; size_t *bytes; } sizes[] = {
		{ "incoming_bytes", &n->incoming_bytes },
		{ "incoming_address_bytes", &n->incoming_address_bytes },
		{ "unknown_body_bytes", &n->unknown_body_bytes },
		{ "message_bytes", &n->message_bytes },
		{ "body_bytes", &n->body_bytes },
		{ "read_bytes", &n->read_bytes },
		{ "outbox_bytes", outbox }, { "inbox_messages", inbox },
	};
	unsigned long long number = strtoull(value, NULL, 10);

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		if (strlen(times[i].name) == len &&
		    memcmp(times[i].name, name, len) == 0) {
			*times[i].ms = number;
			return;
		}
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		if (strlen(sizes[i].name) == len &&
		    memcmp(sizes[i].name, name, len) == 0) {
			*sizes[i].bytes = (size_t)number;
			return;
		}
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (strlen(numbers[i].name) == len &&
		    memcmp(numbers[i].name, name, len) == 0) {
			*numbers[i].n = (unsigned)number;
			return;
		}
	die(name, "no such setting");
}

#define LIST_MOST	8

/* An argument into texts, in its place; n of them. */
static size_t
split(char *rest, char *list[LIST_MOST])
{
	size_t n = 0;

	while (rest != NULL && n < LIST_MOST)
		list[n++] = strsep(&rest, ",");
	return n;
}

static bool
set_text(struct net_settings *n, char *argument)
{
	static char *origins[LIST_MOST], *proxies[LIST_MOST];

	n->origins = origins;
	n->proxies = proxies;
	if (strncmp(argument, "origins=", 8) == 0)
		n->n_origins = split(argument + 8, origins);
	else if (strncmp(argument, "proxies=", 8) == 0)
		n->n_proxies = split(argument + 8, proxies);
	else if (strncmp(argument, "cert=", 5) == 0)
		n->tls_cert = argument + 5;
	else if (strncmp(argument, "key=", 4) == 0)
		n->tls_key = argument + 4;
	else
		return false;
	return true;
}

static void
serve(struct server *s, const char *host_port, unsigned serves)
{
	char why[256], name[128];
	int fd;

	if (!net_listen_sockets(host_port, &fd, 1, why, sizeof(why)))
		die(host_port, why);
	net_socket_name(fd, name, sizeof(name));
	net_listen(s->net, fd, serves);
	printf("ready %s\n", name);
	fflush(stdout);
}

/* ---- running ---- */

static void
on_tick(void *arg)
{
	struct server *s = arg;

	net_tick(s->net, loop_now_ms(s->loop));
	loop_timer_start(s->tick, TICK_MS);
}

static void
on_term(void *arg)
{
	struct server *s = arg;

	if (s->leaving)
		return;
	s->leaving = true;
	s->leave_ms = loop_now_ms(s->loop) + LEAVE_MS;
	net_stop_accepting(s->net);
	net_close_all(s->net, CLOSE_GOING_AWAY, "the server is leaving");
}

static void
on_hangup(void *arg)
{
	struct server *s = arg;

	net_reload(s->net);
}

static bool
is_over(const struct server *s)
{
	return s->leaving && (net_is_empty(s->net) ||
	    loop_now_ms(s->loop) >= s->leave_ms);
}

static void
run(struct server *s)
{
	struct session *ss;
	bool more = false;

	while (!is_over(s)) {
		loop_wait(s->loop, more);
		more = room_work(s->room);
		while ((ss = hub_next_ready(s->room)) != NULL)
			((const struct outlet *)session_owner(ss))->flush(ss);
	}
}

int
main(int argc, char **argv)
{
	static const char html[] = "<!doctype html><title>echo</title>";
	static char script[300000];
	struct server s = { 0 };
	const struct net_page pages[] = {
		{ "/livez", NET_GET, "text/plain", page_livez, &s, false },
		{ "/readyz", NET_GET, "text/plain", page_readyz, &s, false },
		{ "/counts", NET_GET, "application/json", page_counts, &s, false },
		{ "/large", NET_GET, "text/plain", page_large, &s, false },
		{ "/echo", NET_POST | NET_PUT | NET_DELETE, "text/plain",
		    page_echo, &s, false },
	};
	const struct net_asset assets[] = {
		{ "/", "text/html; charset=utf-8", html, sizeof(html) - 1,
		    NULL, 0, false },
		{ "/script.js", "text/javascript", script, sizeof(script),
		    NULL, 0, false },
		{ "/small-1a2b.js", "text/javascript", "plain", 5, "small", 5,
		    true },
	};
	const struct net_site site = {
		pages, sizeof(pages) / sizeof(pages[0]),
		assets, sizeof(assets) / sizeof(assets[0]),
	};
	size_t outbox = 4 << 20, inbox = 16;
	struct net_settings settings;
	char why[256];
	int all_went, gate = 0;

	memset(script, '/', sizeof(script));
	net_settings_default(&settings);
	for (int i = 1; i < argc; i++) {
		const char *equals = strchr(argv[i], '=');

		if (strncmp(argv[i], "gate=", 5) == 0)
			gate = atoi(argv[i] + 5);
		else if (equals != NULL && !set_text(&settings, argv[i]))
			set(&settings, &outbox, &inbox, argv[i],
			    (size_t)(equals - argv[i]), equals + 1);
	}
	settings.outbox_bytes = outbox;
	s.room = room_new(outbox, inbox);
	s.loop = loop_new();
	s.tick = loop_timer_new(s.loop, on_tick, &s);
	loop_timer_start(s.tick, TICK_MS);
	s.net = net_new(s.loop, s.room, &settings, &site, why, sizeof(why));
	if (s.net == NULL)
		die("net", why);
	if (gate != 0)
		net_set_gate(s.net, s.gate = gate_open(s.loop, gate == 2));
	net_set_apis(s.net, api_init(s.loop), 1);
	for (int i = 1; i < argc; i++)
		if (strncmp(argv[i], "clients:", 8) == 0)
			serve(&s, argv[i] + 8,
			    NET_SERVES_CLIENTS | NET_SERVES_PAGES);
		else if (strncmp(argv[i], "admin:", 6) == 0)
			serve(&s, argv[i] + 6,
			    NET_SERVES_PAGES | NET_SERVES_PLAIN);
	loop_signal(s.loop, SIGTERM, on_term, &s);
	loop_signal(s.loop, SIGHUP, on_hangup, &s);
	run(&s);
	all_went = net_is_empty(s.net);
	net_free(s.net);
	api_done();
	gate_close(s.gate);
	loop_timer_free(s.tick);
	loop_free(s.loop);
	room_free(s.room);
	return all_went ? 0 : 1;
}
