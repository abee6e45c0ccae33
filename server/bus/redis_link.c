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
 * - It asks anew for every read and every write.  The adapter that comes with
 *   it passes each on to the kernel: four calls for a command and its reply.
 *   The one below is always ready to read, and writes when it is flushed.
 */
#include "bus/redis_link.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/loop.h"
#include "base/mem.h"
#include "bus/redis_url.h"

/* ---- hiredis on the loop ---- */

/* A context's descriptor; goes with the context, maybe after the link. */
struct pump {
	redisAsyncContext	*ac;
	struct loop_watch	*watch;
	bool			 reads;
	bool			 writes;	/* the socket was full, or connects */
	bool			 unwritten;	/* commands wait for a flush */
};

static void
pump_set(struct pump *p)
{
	loop_watch_set(p->watch, p->reads, p->writes);
}

/* hiredis may free the context, and the pump with it: one thing at a time. */
static void
pump_fired(int fd, bool readable, bool writable, void *arg)
{
	struct pump *p = arg;

	(void)fd;
	if (writable)
		redisAsyncHandleWrite(p->ac);
	else if (readable)
		redisAsyncHandleRead(p->ac);
}

static void
pump_add_read(void *arg)
{
	struct pump *p = arg;

	p->reads = true;
	pump_set(p);
}

static void
pump_del_read(void *arg)
{
	struct pump *p = arg;

	p->reads = false;
	pump_set(p);
}

static void
pump_add_write(void *arg)
{
	struct pump *p = arg;

	p->unwritten = true;
}

static void
pump_del_write(void *arg)
{
	struct pump *p = arg;

	p->unwritten = false;
	p->writes = false;
	pump_set(p);
}

static void
pump_free(void *arg)
{
	struct pump *p = arg;

	loop_watch_free(p->watch);
	free(p);
}

static void
pump_attach(redisAsyncContext *ac, struct loop *loop)
{
	struct pump *p = mem_get(sizeof(*p));

	p->ac = ac;
	p->watch = loop_watch_new(loop, ac->c.fd, pump_fired, p);
	ac->ev.data = p;
	ac->ev.addRead = pump_add_read;
	ac->ev.delRead = pump_del_read;
	ac->ev.addWrite = pump_add_write;
	ac->ev.delWrite = pump_del_write;
	ac->ev.cleanup = pump_free;
	p->reads = p->writes = true;	/* writable: connected, or refused */
	pump_set(p);
}

void
redis_link_flush(struct redis_link *l)
{
	struct pump *p;

	if (l->ac == NULL || !l->ready)
		return;
	p = l->ac->ev.data;
	if (!p->unwritten || p->writes)
		return;
	redisAsyncHandleWrite(l->ac);
	if (l->ac == NULL)
		return;		/* lost */
	p = l->ac->ev.data;
	if (!p->unwritten)
		return;
	p->writes = true;	/* the rest when there is room */
	pump_set(p);
}

/* ---- the link ---- */

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
    struct loop *loop)
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
	pump_attach(ac, loop);
	redisAsyncSetConnectCallback(ac, on_connect);
	redisAsyncSetDisconnectCallback(ac, on_disconnect);
}
