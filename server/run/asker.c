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

	*a = (struct asker){ NULL, NULL, NULL };
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

struct job *
asker_ask(struct asker *a, struct job *job, const char **why_out)
{
	uint64_t end_ms = loop_now_ms(a->loop) + ASK_MS;
	struct job *done;

	a->store->ops->start(a->store, job);
	while ((done = store_next_done(a->store)) == NULL) {
		loop_wait(a->loop, false);
		if (loop_now_ms(a->loop) > end_ms) {
			/* The store still has the job, and frees it. */
			*why_out = "the store does not answer";
			return NULL;
		}
	}
	if (done->err == ERR_NONE)
		return done;
	*why_out = err_text(done->err);
	job_free(done);
	return NULL;
}
