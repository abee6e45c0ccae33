#include "run/leave.h"

#include "base/log.h"
#include "core/hub.h"
#include "net/net.h"
#include "rest/rest.h"

#define REASON	"server is restarting"

/* As set, or so many that all are moved within the time. */
static unsigned
rate_for(const struct leave *l, size_t clients, uint64_t within_ms)
{
	uint64_t needed = within_ms > 0 ?
	    (clients * 1000 + within_ms - 1) / within_ms : 0;

	return needed > l->rate ? (unsigned)needed : l->rate;
}

static size_t
clients(const struct leave *l)
{
	return net_clients(l->net) + rest_streams(l->rest);
}

void
leave_begin(struct leave *l, uint64_t now_ms)
{
	uint64_t within_ms = l->timeout_ms / 2;
	unsigned rate;

	if (l->told)
		return;
	log_line(LOG_INFO, "server", "draining, for at most %llu ms",
	    (unsigned long long)l->timeout_ms);
	l->told = true;
	l->state = MOVING;
	l->deadline_ms = now_ms + l->timeout_ms;
	l->moved_ms = now_ms + (l->rate > 0 ? within_ms : 0);
	net_stop_accepting(l->net);
	rate = rate_for(l, clients(l), within_ms);
	pace_start(&l->pace, rate, l->seed, now_ms);
	if (l->rate > 0 && clients(l) > 0)
		log_line(LOG_INFO, "server", "%zu clients are sent elsewhere, "
		    "%u a second", clients(l), rate);
}

void
leave_at_once(struct leave *l)
{
	l->at_once = true;
}

static void
move_some(struct leave *l, uint64_t now_ms)
{
	while (clients(l) > 0 && pace_due(&l->pace, now_ms))
		if (!net_move(l->net, CLOSE_RESTART, REASON) &&
		    !rest_end_stream(l->rest, CLOSE_RESTART, REASON))
			break;		/* who they are is still being asked */
	if (clients(l) > 0 && now_ms < l->moved_ms)
		return;
	l->state = FINISHING;
	hub_drain(l->hub);
	rest_stop(l->rest);
}

void
leave_turn(struct leave *l, uint64_t now_ms, bool more)
{
	if (l->state == STAYING)
		return;
	if (l->at_once) {
		log_line(LOG_WARN, "server", "told twice: leaving at once");
		l->state = GONE;
	} else if (now_ms >= l->deadline_ms) {
		log_line(LOG_WARN, "server", "leaving with work undone: "
		    "--drain-timeout is over");
		l->state = GONE;
	} else if (l->state == MOVING) {
		move_some(l, now_ms);
	} else if (l->state == FINISHING && !more && hub_is_quiet(l->hub)) {
		l->state = CLOSING;
		net_close_all(l->net, CLOSE_RESTART, REASON);
	} else if (l->state == CLOSING && net_is_empty(l->net) &&
	    hub_is_quiet(l->hub) && rest_is_quiet(l->rest)) {
		l->state = GONE;
	}
}

uint64_t
leave_wait_ms(const struct leave *l, uint64_t now_ms, uint64_t most_ms)
{
	uint64_t ms;

	if (l->state != MOVING)
		return most_ms;
	ms = pace_wait_ms(&l->pace, now_ms);
	return ms < most_ms ? ms : most_ms;
}
