/*
 * resolve: see resolve.h.
 *
 * A lookup has two owners, the loop's thread and its own, and one mutex.
 * Whoever comes second frees it: the thread when it finds itself cancelled,
 * else the loop's thread, which joins it first.
 */
#include "bus/resolve.h"

#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/loop.h"
#include "base/mem.h"

bool
resolve(const char *host, struct addresses *out, char *why, size_t why_len)
{
	struct addrinfo hints = {
		.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM,
	}, *list, *ai;
	struct addresses a = { .n = 0 };
	char numeric[NI_MAXHOST];
	int rc;

	if ((rc = getaddrinfo(host, NULL, &hints, &list)) != 0) {
		snprintf(why, why_len, "could not look up \"%s\": %s", host,
		    gai_strerror(rc));
		return false;
	}
	for (ai = list; ai != NULL && a.n < ADDRESSES_MAX; ai = ai->ai_next)
		if (getnameinfo(ai->ai_addr, ai->ai_addrlen, numeric,
		    sizeof(numeric), NULL, 0, NI_NUMERICHOST) == 0)
			a.text[a.n++] = mem_copy(numeric, strlen(numeric));
	freeaddrinfo(list);
	if (a.n == 0) {
		snprintf(why, why_len, "\"%s\" has no address", host);
		return false;
	}
	*out = a;
	return true;
}

void
addresses_done(struct addresses *a)
{
	while (a->n > 0)
		free(a->text[--a->n]);
}

struct lookup {
	char			*host;
	lookup_call		*call;
	void			*arg;
	struct loop_wake	*wake;		/* rung when done */
	pthread_t		 thread;
	struct addresses	 found;		/* the thread's until done */
	pthread_mutex_t		 mutex;		/* guards what follows */
	bool			 done;
	bool			 cancelled;
};

static void
lookup_free(struct lookup *l)
{
	pthread_mutex_destroy(&l->mutex);
	addresses_done(&l->found);
	free(l->host);
	free(l);
}

static void *
lookup_thread(void *arg)
{
	struct lookup *l = arg;
	char why[256];
	bool cancelled;

	(void)resolve(l->host, &l->found, why, sizeof(why));
	pthread_mutex_lock(&l->mutex);
	l->done = true;
	cancelled = l->cancelled;
	if (!cancelled)
		loop_wake_ring(l->wake);
	pthread_mutex_unlock(&l->mutex);
	if (cancelled)
		lookup_free(l);
	return NULL;
}

static void
on_done(void *arg)
{
	struct lookup *l = arg;
	lookup_call *call = l->call;
	void *call_arg = l->arg;
	struct addresses found;

	pthread_join(l->thread, NULL);
	loop_wake_free(l->wake);
	found = l->found;
	l->found.n = 0;
	lookup_free(l);
	call(found.n > 0 ? &found : NULL, call_arg);
	addresses_done(&found);
}

struct lookup *
lookup_start(struct loop *loop, const char *host, lookup_call *call, void *arg)
{
	struct lookup *l = mem_get(sizeof(*l));
	sigset_t all, before;
	int rc;

	l->host = mem_copy(host, strlen(host));
	l->call = call;
	l->arg = arg;
	pthread_mutex_init(&l->mutex, NULL);
	l->wake = loop_wake_new(loop, on_done, l);
	/* Signals are for the loop's thread. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&l->thread, NULL, lookup_thread, l);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (rc == 0)
		return l;
	loop_wake_free(l->wake);
	lookup_free(l);
	return NULL;
}

void
lookup_cancel(struct lookup *l)
{
	bool done;

	if (l == NULL)
		return;
	pthread_mutex_lock(&l->mutex);
	done = l->done;
	l->cancelled = true;
	/* Not done: the thread frees l, and nobody joins it. */
	if (!done)
		pthread_detach(l->thread);
	loop_wake_free(l->wake);
	pthread_mutex_unlock(&l->mutex);
	if (!done)
		return;
	pthread_join(l->thread, NULL);
	lookup_free(l);
}
