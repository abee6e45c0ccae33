/*
 * resolve: see resolve.h.
 */
#include "bus/resolve.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

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
