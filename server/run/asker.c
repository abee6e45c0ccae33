#include "run/asker.h"

#include <stdio.h>

#include "base/loop.h"
#include "store/store.h"

#define ASK_MS		30000	/* for one answer of the store */

static void
on_pulse(void *arg)
{
	struct asker *a = arg;

	loop_timer_start(a->pulse, 100);
}

bool
asker_open(struct asker *a, const char *url, bool is_beside)
{
	char why[512] = "the system refuses an event loop";

	*a = (struct asker){ NULL, NULL, NULL, ERR_NONE };
	if ((a->loop = loop_new()) != NULL && (a->store = is_beside ?
	    store_open_beside(url, a->loop, why, sizeof(why)) :
	    store_open(url, a->loop, why, sizeof(why))) != NULL) {
		a->pulse = loop_timer_new(a->loop, on_pulse, a);
		loop_timer_start(a->pulse, 0);
		return true;
	}
	fprintf(stderr, "otd: cannot open the store: %s\n", why);
	loop_free(a->loop);
	return false;
}

void
asker_close(struct asker *a)
{
	loop_timer_free(a->pulse);
	a->store->ops->close(a->store);
	loop_free(a->loop);
}

void
asker_start(struct asker *a, struct job *job)
{
	/*
	 * The loop's clock stands still between two waits, and whoever asks may
	 * have been busy for minutes: they are not the store's.
	 */
	loop_wait(a->loop, true);
	a->store->ops->start(a->store, job);
}

struct job *
asker_next(struct asker *a, bool waits)
{
	struct job *done = store_next_done(a->store);
	uint64_t end_ms;

	if (done != NULL)
		return done;
	loop_wait(a->loop, true);
	done = store_next_done(a->store);
	if (!waits)
		return done;
	end_ms = loop_now_ms(a->loop) + ASK_MS;
	while (done == NULL && loop_now_ms(a->loop) <= end_ms) {
		loop_wait(a->loop, false);
		done = store_next_done(a->store);
	}
	return done;
}

struct job *
asker_ask(struct asker *a, struct job *job, const char **why_out)
{
	struct job *done;

	asker_start(a, job);
	/* What was given up before may be answered now. */
	while ((done = asker_next(a, true)) != NULL && done != job)
		job_free(done);
	if (done == NULL) {
		/* The store still has the job, and frees it. */
		*why_out = "the store does not answer";
		a->err = ERR_STORE_AWAY;
		return NULL;
	}
	a->err = done->err;
	if (done->err == ERR_NONE)
		return done;
	*why_out = err_text(done->err);
	job_free(done);
	return NULL;
}
