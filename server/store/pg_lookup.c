#include "store/pg_lookup.h"

#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/loop.h"
#include "base/mem.h"

#define ADDRESSES_MAX	8	/* of one name */

struct pg_lookup {
	char			*host;
	pg_lookup_call		*call;
	void			*arg;

	pthread_mutex_t		 mutex;		/* guards what follows */
	unsigned		 refs;		/* owner and thread */
	struct loop_wake	*wake;		/* NULL: the owner is gone */
	bool			 found;		/* the thread is done */
	int			 error;		/* of getaddrinfo */
	char			 addresses[ADDRESSES_MAX * 64];
};

static void
lookup_unref(struct pg_lookup *l)
{
	bool last;

	pthread_mutex_lock(&l->mutex);
	last = --l->refs == 0;
	pthread_mutex_unlock(&l->mutex);
	if (!last)
		return;
	pthread_mutex_destroy(&l->mutex);
	free(l->host);
	free(l);
}

/* Numeric forms with commas between them. */
static void
addresses_print(const struct addrinfo *ai, char *to, size_t len)
{
	char numeric[64];
	size_t n = 0, used = 0;

	for (; ai != NULL && n < ADDRESSES_MAX; ai = ai->ai_next) {
		if (getnameinfo(ai->ai_addr, ai->ai_addrlen, numeric,
		    sizeof(numeric), NULL, 0, NI_NUMERICHOST) != 0)
			continue;
		used += (size_t)snprintf(to + used, len - used, "%s%s",
		    n++ > 0 ? "," : "", numeric);
		if (used >= len)
			bug("addresses longer than they can be");
	}
}

static void *
thread_main(void *arg)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct pg_lookup *l = arg;
	struct addrinfo *ai = NULL;
	int error = getaddrinfo(l->host, NULL, &hints, &ai);

	pthread_mutex_lock(&l->mutex);
	l->error = error;
	if (error == 0)
		addresses_print(ai, l->addresses, sizeof(l->addresses));
	l->found = true;
	if (l->wake != NULL)
		loop_wake_ring(l->wake);
	pthread_mutex_unlock(&l->mutex);
	if (ai != NULL)
		freeaddrinfo(ai);
	lookup_unref(l);
	return NULL;
}

static void
on_found(void *arg)
{
	struct pg_lookup *l = arg;
	bool found;

	/* Once found, the thread touches nothing but refs. */
	pthread_mutex_lock(&l->mutex);
	found = l->found;
	pthread_mutex_unlock(&l->mutex);
	if (!found)
		return;
	if (l->addresses[0] != '\0')
		l->call(l->addresses, NULL, l->arg);
	else
		l->call(NULL, l->error != 0 ? gai_strerror(l->error) :
		    "it has no address", l->arg);
}

struct pg_lookup *
pg_lookup_new(struct loop *loop, const char *host, pg_lookup_call *call,
    void *arg)
{
	struct pg_lookup *l = mem_get(sizeof(*l));
	sigset_t all, before;
	pthread_t thread;

	l->host = mem_copy(host, strlen(host));
	l->call = call;
	l->arg = arg;
	l->refs = 2;
	l->wake = loop_wake_new(loop, on_found, l);
	pthread_mutex_init(&l->mutex, NULL);
	sigfillset(&all);		/* signals are for the loop's thread */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	if (pthread_create(&thread, NULL, thread_main, l) != 0)
		bug("no thread to look up a name");
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_detach(thread);
	return l;
}

void
pg_lookup_free(struct pg_lookup *l)
{
	if (l == NULL)
		return;
	pthread_mutex_lock(&l->mutex);
	loop_wake_free(l->wake);
	l->wake = NULL;
	pthread_mutex_unlock(&l->mutex);
	lookup_unref(l);
}
