/*
 * hook: webhooks: events told to other programs, by HTTP.
 *
 *	outbox --> hook --> line of a document --> delivery --> receiver
 *	             '<------- settled, in whatever order -----'
 *
 * 1. At least once: a hook's place in the outbox, which is kept in its row, is
 *    that up to which every event was delivered or given up.  What is settled
 *    behind it is kept too, so that little is told twice after a crash.
 * 2. In order, of one document: of each one delivery is under way, and the
 *    next begins when it was taken, or given up.  Documents do not wait for
 *    each other.
 * 3. One process delivers a hook at a time: who holds its lease.  Nothing is
 *    begun that could last longer than the lease; who does not renew it loses
 *    the hook to another.
 * 4. A delivery that fails is tried again, later and later; after so many
 *    attempts it is a dead letter, kept until somebody has it sent again, and
 *    its document goes on: knowingly out of order then.
 * 5. A receiver that fails many times in a row is left alone for a while; then
 *    one delivery is the probe (circuit breaker).
 *
 * Requests are as Standard Webhooks 1.0.0 has them.
 */
#ifndef REST_HOOK_H
#define REST_HOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct desk;
struct fetcher;
struct hooks;
struct outbox;

struct hook_settings {
	uint64_t timeout_ms;	/* of one attempt */
	unsigned attempts;	/* then it is a dead letter */
	uint64_t retry_ms;	/* from the first attempt to the second; doubles */
	uint64_t retry_max_ms;	/* but no more than this */
	unsigned parallel;	/* deliveries of one hook at once */
	unsigned breaker;	/* failures in a row until it opens */
	uint64_t breaker_ms;	/* until the first probe; doubles */
	uint64_t lease_ms;	/* a process that died loses its hooks after this */
	bool	 inside;	/* to private addresses, and without TLS */
};

struct hook_counts {
	uint64_t delivered, failed, dead;	/* totals */
	uint64_t opened, probes;	/* of all breakers, as in breaker_counts */
	uint64_t held, waiting;		/* now: hooks here, deliveries */
	uint64_t open, half_open;	/* now: breakers that are not closed, and of those */
};

void		 hook_settings_default(struct hook_settings *s);
/* node: this process among all; the rest is borrowed. */
struct hooks	*hooks_new(struct desk *desk, struct outbox *outbox,
		    struct fetcher *fetcher, uint64_t node,
		    const struct hook_settings *settings);
/* Once a turn. */
void		 hooks_tick(struct hooks *hs, uint64_t now_ms, int64_t wall_ms);
/* Hooks have been changed: look at once. */
void		 hooks_changed(struct hooks *hs);
/* Begin nothing more; when what is under way has ended, let others have them. */
void		 hooks_stop(struct hooks *hs);
/* It has. */
bool		 hooks_are_quiet(const struct hooks *hs);
/* No job comes back any more: the store is closed. */
void		 hooks_free(struct hooks *hs);	/* NULL is fine */
void		 hooks_count(const struct hooks *hs,
		    struct hook_counts *counts_out);

#endif
