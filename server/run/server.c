/*
 * server: the turn, and how it begins and ends; leave.h has how it goes.
 */
#include "run/server.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "auth/gate.h"
#include "auth/users.h"
#include "base/fetch.h"
#include "base/log.h"
#include "base/loop.h"
#include "bus/bus.h"
#include "core/desk.h"
#include "core/hub.h"
#include "net/net.h"
#include "rest/events.h"
#include "rest/rest.h"
#include "run/identity.h"
#include "run/leave.h"
#include "run/limits.h"
#include "run/notify.h"
#include "run/pages.h"
#include "run/policy.h"
#include "run/secret.h"
#include "store/store.h"

#define PULSE_MS	100	/* the longest an idle turn waits */
#define YIELDING_MS	1	/* the same while documents wait for other processes */
#define COUNT_MS	1000	/* the board is brought up to date this often */
#define PROCESS_MS	10000	/* the same for what is dear: counting descriptors */
#define LONGEST_MS	10000	/* otd_longest_turn_seconds looks back so far */
#define TURN_READERS	128	/* sessions that hear ops are sent them in one turn */
#define GRACE_TURNS	16	/* so that the last words leave for the bus */

struct server {
	const struct config		*config;
	const struct server_place	*place;
	struct loop			*loop;
	struct hub			*hub;
	struct catalog			*catalog;	/* of the hub */
	struct desk			 desk;		/* jobs that are not the hub's */
	struct store			*store;
	struct bus			*bus;
	struct policy			*policy;	/* NULL: --auth none */
	struct pages			*pages;
	struct net			*net;
	struct fetcher			*fetcher;
	struct identity			*identity;
	struct rest			*rest;
	struct loop_timer		*pulse;

	struct leave			 leave;
	bool				 more;		/* the hub has work left */

	uint64_t			 began_us;	/* this turn, monotonic */
	uint64_t			 beat_ms;	/* tell the manager that we live; 0: never */
	uint64_t			 beaten_ms;	/* when we did */
	struct metrics_values		*counts;	/* our place on the board */
	uint64_t			 counted_ms;	/* when; 0: never */
	uint64_t			 processed_ms;	/* when; 0: never */
	uint64_t			 longest_us;	/* turn, since longest_ms */
	uint64_t			 longest_ms;
};

/* ---- numbers ---- */

static uint64_t
clock_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void
server_count(struct server *s)
{
	struct hub_counts hub;
	struct net_counts net;
	struct store_health store;
	struct bus_health bus;
	struct hook_counts hooks;
	struct breaker_counts keys;

	hub_count(s->hub, &hub);
	net_count(s->net, &net);
	s->store->ops->health(s->store, &store);
	s->bus->ops->health(s->bus, &bus);
	metrics_take_hub(s->counts, &hub);
	metrics_take_net(s->counts, &net);
	metrics_take_store(s->counts, &store);
	metrics_take_bus(s->counts, &bus);
	rest_count_hooks(s->rest, &hooks);
	metrics_take_hooks(s->counts, &hooks);
	keys = gate_keys_breaker(identity_gate(s->identity));
	metrics_take_keys(s->counts, &keys);
	if (identity_users(s->identity) != NULL)
		metrics_take_users(s->counts,
		    &identity_users(s->identity)->counts);
	s->counts->up = !s->leave.told;
	s->counted_ms = loop_now_ms(s->loop);
	if (s->counted_ms - s->processed_ms < PROCESS_MS)
		return;
	metrics_take_process(s->counts);
	s->processed_ms = s->counted_ms;
}

/* Somebody is about to look. */
static void
on_look(void *arg)
{
	struct server *s = arg;

	s->processed_ms = 0;
	server_count(s);
}

static void
server_note_turn(struct server *s)
{
	uint64_t took_us = clock_us() - s->began_us;
	uint64_t now_ms = loop_now_ms(s->loop);

	s->counts->turns++;
	s->counts->busy_us += took_us;
	if (took_us > s->longest_us)
		s->longest_us = took_us;
	if (s->longest_us > s->counts->longest_us)
		s->counts->longest_us = s->longest_us;
	if (now_ms - s->longest_ms < LONGEST_MS)
		return;
	s->counts->longest_us = s->longest_us;
	s->longest_us = 0;
	s->longest_ms = now_ms;
}

/* ---- the turn ---- */

/* The rules of access, when they have changed, go to the hub. */
static void
server_look_at_policy(struct server *s)
{
	struct access *access = policy_next(s->policy, loop_now_ms(s->loop));

	if (access != NULL)
		hub_set_access(s->hub, access);
}

/* Milliseconds since 1970. */
static int64_t
clock_wall_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* A job for the store. */
static void
server_ask(struct server *s, struct job *job)
{
	job->began_us = s->began_us;
	s->store->ops->start(s->store, job);
}

/* A job has come back: to the hub, or to whoever stands beside it. */
static void
server_finish(struct server *s, struct job *job)
{
	if (job->kind == JOB_COMMIT)
		histogram_add(&s->counts->commit, s->began_us - job->began_us);
	else if (job->kind == JOB_LOAD)
		histogram_add(&s->counts->load, s->began_us - job->began_us);
	if (job->settle != NULL)
		job->settle(job);
	else
		hub_finish(s->hub, job);
}

static void
session_flush(struct session *ss)
{
	const struct outlet *outlet = session_owner(ss);

	outlet->flush(ss);
}

/* Documents in memory are read though it is away. */
static void
server_look_at_store(struct server *s)
{
	struct store_health health;

	s->store->ops->health(s->store, &health);
	hub_store_away(s->hub, health.away);
}

/*
 * Who waits for an answer gets it; of those who hear what others wrote as many
 * as a turn bears.  One op may have thousands of readers, and a send costs some
 * microseconds: the rest of them waits, not everybody else.
 */
static void
server_flush(struct server *s)
{
	struct session *ss;
	unsigned n;

	while ((ss = hub_next_owed(s->hub)) != NULL)
		session_flush(ss);
	for (n = 0; n < TURN_READERS &&
	    (ss = hub_next_ready(s->hub)) != NULL; n++)
		session_flush(ss);
}

/*
 * One turn: what has arrived is filed, the hub works, what is finished is
 * carried on.  The order is the flow of data; nothing calls upward.
 */
static void
server_turn(struct server *s)
{
	struct word *word;
	struct job *job;
	int64_t wall_ms;

	loop_wait(s->loop, s->more);	/* WebSocket and HTTP file messages here */
	s->began_us = clock_us();

	wall_ms = clock_wall_ms();
	hub_clock(s->hub, wall_ms);
	hub_stopwatch(s->hub, s->began_us);
	hub_tick(s->hub, loop_now_ms(s->loop));
	identity_turn(s->identity, loop_now_ms(s->loop), wall_ms);
	net_tick(s->net, loop_now_ms(s->loop));
	server_look_at_policy(s);
	rest_tick(s->rest, loop_now_ms(s->loop), wall_ms);
	while ((job = store_next_done(s->store)) != NULL)
		server_finish(s, job);
	server_look_at_store(s);
	while ((word = bus_next_heard(s->bus)) != NULL)
		hub_hear(s->hub, word);

	hub_work(s->hub);		/* bounded */

	while ((job = hub_next_job(s->hub)) != NULL)
		server_ask(s, job);
	while ((word = hub_next_word(s->hub)) != NULL)
		s->bus->ops->say(s->bus, word);
	while ((job = desk_next(&s->desk)) != NULL)
		server_ask(s, job);
	server_flush(s);
	s->bus->ops->flush(s->bus);	/* answers first: others hear later anyway */
	/* Come straight back? */
	s->more = hub_has_work(s->hub) || hub_has_ready(s->hub);
	if (hub_yields(s->hub))
		loop_timer_start(s->pulse, YIELDING_MS);

	server_note_turn(s);
	if (loop_now_ms(s->loop) - s->counted_ms >= COUNT_MS)
		server_count(s);
}

/* A supervisor does this for its workers. */
static void
server_beat(struct server *s)
{
	uint64_t now_ms = loop_now_ms(s->loop);

	if (s->beat_ms == 0 || now_ms - s->beaten_ms < s->beat_ms)
		return;
	s->beaten_ms = now_ms;
	notify_say(NOTIFY_ALIVE);
}

/* ---- leaving ---- */

static void
server_leave(struct server *s)
{
	if (!s->leave.told && s->place->supervisor == 0)
		notify_say(NOTIFY_STOPPING);
	leave_begin(&s->leave, loop_now_ms(s->loop));
}

static void
on_leave(void *arg)
{
	struct server *s = arg;

	if (!s->leave.told)
		server_leave(s);
	else
		leave_at_once(&s->leave);
}

/*
 * Somebody at the admin address wants us to go.  All workers do, so the
 * supervisor is told, by a signal that never hurries.
 */
static void
on_asked_to_leave(void *arg)
{
	struct server *s = arg;
	pid_t supervisor = s->place->supervisor;

	if (supervisor != 0 && getppid() == supervisor)
		kill(supervisor, SIGUSR1);
	else
		server_leave(s);
}

/*
 * Read again what may change while we run, each part from its own files;
 * a part that finds its file wrong says so and stays as it was.
 */
static void
server_reload(struct server *s)
{
	policy_hurry(s->policy);
	identity_reload(s->identity);
	net_reload(s->net);
}

static void
on_hangup(void *arg)
{
	log_line(LOG_INFO, "server", "SIGHUP: files are read again; settings "
	    "are read at the start only");
	server_reload(arg);
}

/* ---- beginning and ending ---- */

static void
on_pulse(void *arg)
{
	struct server *s = arg;

	loop_timer_start(s->pulse, leave_wait_ms(&s->leave,
	    loop_now_ms(s->loop), PULSE_MS));
}

static void
server_listen(struct server *s)
{
	const struct server_place *p = s->place;
	unsigned serves = NET_SERVES_CLIENTS;

	if (p->admin_fd < 0)
		serves |= NET_SERVES_PAGES;
	for (size_t i = 0; i < s->config->listen.n; i++)
		net_listen(s->net, p->listen_fds[i], serves);
	if (p->admin_fd >= 0)
		net_listen(s->net, p->admin_fd,
		    NET_SERVES_PAGES | NET_SERVES_PLAIN);
}

/* Before anybody can come: the gate has to know what time it is. */
static bool
server_identify(struct server *s, uint64_t seed, char *why, size_t why_size)
{
	const struct identity_place place = {
		.config = s->config,
		.loop = s->loop,
		.hub = s->hub,
		.desk = &s->desk,
		.fetcher = s->fetcher,
		.secret = s->place->secret,
		.seed = seed,
	};

	s->identity = identity_new(&place, why, why_size);
	if (s->identity == NULL)
		return false;
	identity_turn(s->identity, loop_now_ms(s->loop), clock_wall_ms());
	return true;
}

static void
server_offer_rest(struct server *s, uint64_t node)
{
	struct events_settings events;
	struct rest_settings settings;

	limits_of_rest(s->config, &settings);
	limits_of_events(s->config, &events);
	settings.catalog = s->catalog;
	settings.users = identity_users(s->identity);
	settings.once_ms = s->config->idempotency_window;
	settings.bulk = s->config->max_bulk;
	settings.bulk_bytes = s->config->max_result_bytes;
	s->rest = rest_new(s->hub, &s->desk, identity_gate(s->identity),
	    &settings);
	rest_set_events(s->rest, s->catalog, s->fetcher, node, &events);
	net_set_apis(s->net, rest_api(s->rest), 1);
}

static bool
server_start(struct server *s)
{
	struct hub_limits limits;
	struct net_settings settings;
	struct pages_subject subject;
	char why[512] = "the system refuses an event loop";
	uint64_t random[2] = { 0, 0 };

	if ((s->loop = loop_new()) == NULL)
		goto fail;
	if (getrandom(random, sizeof(random), 0) != sizeof(random)) {
		snprintf(why, sizeof(why), "the system gave no random bytes");
		goto fail;
	}
	limits_of_hub(s->config, &limits);
	limits.catalog = s->catalog = limits_of_catalog(s->config);
	limits_of_net(s->config, &settings);
	limits.node = random[1] | 1;	/* never 0 */
	if (s->place->secret != NULL)
		secret_derive(s->place->secret, "src", limits.src_key,
		    sizeof(limits.src_key));
	snprintf(limits.epoch, sizeof(limits.epoch), "%s", s->place->epoch);
	s->hub = hub_new(&limits, random[0]);
	if (policy_open(s->config, &s->policy, why, sizeof(why)) != 0)
		goto fail;
	server_look_at_policy(s);
	if ((s->store = store_open(s->config->store, s->loop, why,
	    sizeof(why))) == NULL ||
	    (s->bus = bus_open(s->config->bus, s->loop, why,
	    sizeof(why))) == NULL)
		goto fail;
	if ((s->fetcher = fetcher_new(s->loop)) == NULL) {
		snprintf(why, sizeof(why), "libcurl refuses to begin");
		goto fail;
	}
	if (!server_identify(s, random[0], why, sizeof(why)))
		goto fail;
	subject = (struct pages_subject){
		s->store, s->bus, s->place->board, &s->leave.told, on_look,
		on_asked_to_leave, s,
	};
	s->pages = pages_new(&subject);
	s->net = net_new(s->loop, s->hub, &settings, pages_site(s->pages), why,
	    sizeof(why));
	if (s->net == NULL)
		goto fail;
	net_set_gate(s->net, identity_gate(s->identity));
	server_offer_rest(s, limits.node);
	s->leave = (struct leave){
		.hub = s->hub, .net = s->net, .rest = s->rest,
		.timeout_ms = s->config->drain_timeout,
		.rate = (unsigned)s->config->drain_rate,
		.seed = random[0] ^ random[1],
	};
	s->pulse = loop_timer_new(s->loop, on_pulse, s);
	loop_timer_start(s->pulse, PULSE_MS);
	if (!loop_signal(s->loop, SIGTERM, on_leave, s) ||
	    (s->place->supervisor == 0 &&
	    !loop_signal(s->loop, SIGINT, on_leave, s)) ||
	    !loop_signal(s->loop, SIGHUP, on_hangup, s)) {
		snprintf(why, sizeof(why), "cannot watch for signals");
		goto fail;
	}
	server_listen(s);
	return true;
fail:
	log_line(LOG_ERROR, "server", "cannot start: %s", why);
	return false;
}

/* Upside down: net lets go of the hub's sessions before the hub goes. */
static void
server_end(struct server *s)
{
	net_free(s->net);
	rest_free(s->rest);
	pages_free(s->pages);
	policy_close(s->policy);
	identity_free(s->identity);
	fetcher_free(s->fetcher);
	if (s->hub != NULL)
		hub_free(s->hub);
	catalog_free(s->catalog);
	if (s->bus != NULL)
		s->bus->ops->close(s->bus);
	if (s->store != NULL)
		s->store->ops->close(s->store);
	desk_done(&s->desk);
	loop_timer_free(s->pulse);
	loop_free(s->loop);
}

int
server_run(const struct config *config, const struct server_place *place)
{
	struct server s = { .config = config, .place = place };
	int turns;

	desk_init(&s.desk);
	s.counts = metrics_place(place->board, place->worker);
	memset(s.counts, 0, sizeof(*s.counts));
	if (!server_start(&s)) {
		server_end(&s);
		return EX_UNAVAILABLE;
	}
	server_count(&s);
	if (place->supervisor == 0)
		s.beat_ms = notify_beat_ms();
	place->ready(place->ready_arg);
	while (s.leave.state != GONE) {
		server_turn(&s);
		server_beat(&s);
		leave_turn(&s.leave, loop_now_ms(s.loop), s.more);
	}
	for (turns = 0; turns < GRACE_TURNS && !s.leave.at_once; turns++) {
		s.bus->ops->flush(s.bus);
		loop_wait(s.loop, true);
	}
	s.counts->up = 0;
	server_end(&s);
	return 0;
}
