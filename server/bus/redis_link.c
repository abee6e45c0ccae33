/*
 * redis_link: see redis_link.h.
 *
 * Rules of hiredis 0.14 (async.c) that this file obeys:
 * - A connect callback with an error and every disconnect callback mean that
 *   hiredis is about to free the context: only forget it.
 * - When a context goes, each callback still waiting runs once with a NULL
 *   reply; no command may be given there.  ac->data is NULL by then when it
 *   was we who let it go.
 * - redisAsyncFree inside a callback of the same context is put off until
 *   the callback has returned.
 */
#include "bus/redis_link.h"

#include <hiredis/adapters/libevent.h>

#include "base/log.h"
#include "base/mem.h"
#include "bus/redis_url.h"

void *
redis_link_owner(const redisAsyncContext *ac)
{
	const struct redis_link *l = ac->data;

	return l == NULL ? NULL : l->owner;
}

void
redis_link_drop(struct redis_link *l)
{
	redisAsyncContext *ac = l->ac;

	l->ac = NULL;
	l->ready = false;
	if (ac != NULL) {
		ac->data = NULL;
		redisAsyncFree(ac);
	}
}

static void
ready(struct redis_link *l)
{
	l->ready = true;
	l->on_ready(l->owner);
}

static void
on_login(redisAsyncContext *ac, void *r, void *arg)
{
	struct redis_link *l = ac->data;
	const redisReply *reply = r;

	(void)arg;
	if (l == NULL || reply == NULL)
		return;
	if (reply->type == REDIS_REPLY_ERROR) {
		LOG_LIMITED(LOG_ERROR, "bus", "the login was refused: %s",
		    reply->str);
		redis_link_drop(l);
		l->on_lost(l->owner, "the login was refused");
		return;
	}
	ready(l);
}

static void
on_connect(const redisAsyncContext *ac, int status)
{
	struct redis_link *l = ac->data;
	int rc;

	if (l == NULL)
		return;
	if (status != REDIS_OK) {
		l->ac = NULL;
		l->on_lost(l->owner, ac->c.errstr);
		return;
	}
	if (l->url->password == NULL) {
		ready(l);
		return;
	}
	if (l->url->user == NULL)
		rc = redisAsyncCommand(l->ac, on_login, NULL, "AUTH %s",
		    l->url->password);
	else
		rc = redisAsyncCommand(l->ac, on_login, NULL, "AUTH %s %s",
		    l->url->user, l->url->password);
	if (rc != REDIS_OK) {
		redis_link_drop(l);
		l->on_lost(l->owner, "could not log in");
	}
}

static void
on_disconnect(const redisAsyncContext *ac, int status)
{
	struct redis_link *l = ac->data;

	(void)status;
	if (l == NULL)
		return;
	l->ac = NULL;
	l->ready = false;
	l->on_lost(l->owner, ac->c.err != 0 ? ac->c.errstr :
	    "the connection was closed");
}

void
redis_link_start(struct redis_link *l, const char *address,
    struct event_base *base)
{
	redisAsyncContext *ac = redisAsyncConnect(address, l->url->port);

	if (ac == NULL)
		bug("out of memory");
	if (ac->err != 0) {
		l->on_lost(l->owner, ac->c.errstr);
		redisAsyncFree(ac);
		return;
	}
	l->ac = ac;
	ac->data = l;
	redisLibeventAttach(ac, base);
	redisAsyncSetConnectCallback(ac, on_connect);
	redisAsyncSetDisconnectCallback(ac, on_disconnect);
}
