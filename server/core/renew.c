#include "core/renew.h"

#include <string.h>

#include "core/actions.h"
#include "core/doc.h"
#include "core/may.h"
#include "core/session_in.h"
#include "proto/reply.h"

/* Told so long before the end. */
#define SOON_MS	60000

/* ---- time ---- */

static int64_t
ends_ms(const struct session *ss)
{
	return ss->who != NULL && ss->who->expires_s > 0 &&
	    ss->who->expires_s < INT64_MAX / 1000 ?
	    (int64_t)ss->who->expires_s * 1000 : 0;
}

/* When it has to be looked at next; 0: never. */
static int64_t
next_ms(const struct session *ss)
{
	int64_t next = ends_ms(ss);

	if (next > 0 && ss->wants_word && !ss->has_word)
		next -= SOON_MS;
	if (ss->until_ms > 0 && (next == 0 || ss->until_ms < next))
		next = ss->until_ms;
	return ss->closing == CLOSE_NONE ? next : 0;
}

void
renew_watch(struct session *ss)
{
	struct hub *h = ss->hub;
	int64_t next = next_ms(ss);

	if (next > 0 && (h->next_end_ms == 0 || next < h->next_end_ms))
		h->next_end_ms = next;
}

void
session_until(struct session *ss, int64_t ms)
{
	if (ss->until_ms != 0 && ss->until_ms <= ms)
		return;
	ss->until_ms = ms;
	renew_watch(ss);
}

static void
look_at(struct session *ss)
{
	int64_t now = ss->hub->wall_ms, end = ends_ms(ss);

	if (ss->closing != CLOSE_NONE)
		return;
	if (end > 0 && now >= end) {
		session_forget_inbox(ss);
		session_close_for(ss, CLOSE_RENEW, "token is over");
	} else if (ss->until_ms > 0 && now >= ss->until_ms) {
		session_shut(ss, CLOSE_ACCESS, "access has changed");
	} else if (end > 0 && ss->wants_word && !ss->has_word &&
	    now >= end - SOON_MS) {
		ss->has_word = true;
		session_post(ss, reply_token_ends(ss->who->expires_s));
	}
	renew_watch(ss);
}

void
hub_clock(struct hub *h, int64_t wall_ms)
{
	struct list *node, *next;

	h->wall_ms = wall_ms;
	if (h->next_end_ms == 0 || wall_ms < h->next_end_ms)
		return;
	h->next_end_ms = 0;
	LIST_EACH(&h->sessions, node, next)
		look_at(LIST_ITEM(node, struct session, node));
}

/* ---- another token ---- */

void
action_token(struct session *ss, struct incoming *in)
{
	struct refusal r;

	if (ss->who == NULL) {
		refuse(&r, ERR_TOKEN, "nobody is known on this connection: "
		    "there is no token to be renewed");
		session_post(ss, reply_token_refused(&in->msg, &r));
		incoming_free(in);
		return;
	}
	/* Listened to all the same, it leaves. */
	if (ss->waits > 0) {
		incoming_free(in);
		return;
	}
	session_wait(ss);
	ss->renewal = in;
	list_push(&ss->hub->renewing, &ss->in_renewing);
}

struct session *
hub_next_renewal(struct hub *h, const char **token_out)
{
	struct list *node = list_shift(&h->renewing);
	struct session *ss;

	if (node == NULL)
		return NULL;
	ss = LIST_ITEM(node, struct session, in_renewing);
	*token_out = ss->renewal->msg.token;
	return ss;
}

struct session *
hub_session(const struct hub *h, uint64_t ordinal)
{
	struct list *node, *next;

	LIST_EACH(&h->sessions, node, next)
		if (LIST_ITEM(node, struct session, node)->ordinal == ordinal)
			return LIST_ITEM(node, struct session, node);
	return NULL;
}

static bool
is_same_subject(const struct principal *a, const struct principal *b)
{
	return a->subject != NULL && b->subject != NULL &&
	    strcmp(a->subject, b->subject) == 0;
}

static void
take_principal(struct session *ss, struct principal *who)
{
	struct principal *bare = who;

	/* The link that it came with it still holds. */
	if (ss->who->link != NULL && who->link == NULL) {
		who = principal_with_link(bare, ss->who->link);
		principal_unref(bare);
	}
	principal_unref(ss->who);
	ss->who = who;
	ss->has_word = false;
	session_post(ss, reply_token(&ss->renewal->msg, who->expires_s));
	renew_watch(ss);
	session_recheck(ss);
	recheck_close(ss->hub);
}

void
hub_renew(struct hub *h, struct session *ss, struct principal *who,
    const char *why)
{
	struct incoming *in = ss->renewal;
	struct refusal r;

	(void)h;
	if (in == NULL) {
		principal_unref(who);
		return;
	}
	if (who != NULL && is_same_subject(ss->who, who)) {
		take_principal(ss, who);
	} else {
		refuse(&r, ERR_TOKEN, "%s", who != NULL ?
		    "the token is somebody else's" :
		    why != NULL ? why : err_text(ERR_TOKEN));
		session_post(ss, reply_token_refused(&in->msg, &r));
		if (who != NULL) {
			session_forget_inbox(ss);
			session_close_for(ss, CLOSE_RENEW,
			    "token of somebody else");
		}
		principal_unref(who);
	}
	ss->renewal = NULL;
	incoming_free(in);
	session_go_on(ss);
}

/* ---- revoked ---- */

static bool
is_revoked(const struct principal *who, const char *token_id,
    const char *subject, uint64_t before_s)
{
	if (who == NULL)
		return false;
	if (token_id != NULL && who->token_id != NULL &&
	    strcmp(who->token_id, token_id) == 0)
		return true;
	return subject != NULL && who->subject != NULL &&
	    strcmp(who->subject, subject) == 0 &&
	    (before_s == 0 || who->issued_s < before_s);
}

/* What waits in the lists' documents for somebody is over. */
static void
end_requests(struct list *places, const char *token_id, const char *subject,
    uint64_t before_s)
{
	struct list *node, *next, *inner, *after;
	struct request *req;
	struct doc *d;

	LIST_EACH(places, node, next) {
		d = LIST_ITEM(node, struct doc, place);
		LIST_EACH(&d->waiting, inner, after) {
			req = LIST_ITEM(inner, struct request, node);
			if (is_revoked(req->who, token_id, subject, before_s))
				req->is_over = true;
		}
	}
}

void
hub_revoke(struct hub *h, const char *token_id, const char *subject,
    uint64_t before_s)
{
	struct list *node, *next;
	struct session *ss;

	LIST_EACH(&h->sessions, node, next) {
		ss = LIST_ITEM(node, struct session, node);
		if (!is_revoked(ss->who, token_id, subject, before_s))
			continue;
		session_forget_inbox(ss);
		session_shut(ss, CLOSE_RENEW, "token is revoked");
	}
	/* Also of sessions that have left. */
	end_requests(&h->loading, token_id, subject, before_s);
	end_requests(&h->live, token_id, subject, before_s);
	end_requests(&h->behind, token_id, subject, before_s);
}
