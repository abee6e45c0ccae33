/*
 * recheck: what was allowed, looked at again.
 *
 * 1. A session keeps what it was allowed: readers, followers of channels,
 *    queries.  When the rules change, or grants, or who it is, each is asked
 *    about once more; what stands in lines is asked about when it is staged,
 *    and again if it has been.
 * 2. A session that has anything it might not have is closed with
 *    CLOSE_ACCESS, whole: what its client shows is no longer what it may see,
 *    and it comes back to what it may.
 * 3. Where grants decide, the document looks them up and asks (grant.c).
 * 4. What has been answered and not been sent says what it shows (owed.c); and
 *    what shows nothing of a document has nothing to fear.
 * 5. A query's rights are in its filter.  They are compared as text; where
 *    grants are part of them, any change of them closes.  One that is not
 *    answered yet is asked again instead.
 */
#include <string.h>

#include "core/doc.h"
#include "core/grant.h"
#include "core/history.h"
#include "core/may.h"
#include "core/presence_in.h"
#include "core/query.h"
#include "core/session_in.h"

void
session_deny(struct session *ss)
{
	if (list_empty(&ss->in_denied))
		list_push(&ss->hub->denied, &ss->in_denied);
}

void
recheck_close(struct hub *h)
{
	struct list *node;

	while ((node = list_shift(&h->denied)) != NULL)
		session_shut(LIST_ITEM(node, struct session, in_denied),
		    CLOSE_ACCESS, "access has changed");
}

/* ---- one session ---- */

/* No: it is denied.  Only grants know: the document asks. */
static void
take_verdict(struct session *ss, enum access_verdict v, const char *collection,
    const char *id)
{
	if (v == ACCESS_NO)
		session_deny(ss);
	else if (v == ACCESS_ASK_GRANTS)
		doc_regrant(hub_doc(ss->hub, collection, id));
}

static void
recheck_reader(struct session *ss, const struct view *w)
{
	const struct doc *d = w->doc;
	struct about about = { d->collection,
	    w->projection != NULL ? w->name : NULL, d->id,
	    d->has_grants ? &d->grants : NULL };

	take_verdict(ss, may(ss->hub, ss->who, ACCESS_READ, &about),
	    d->collection, d->id);
}

static void
recheck_presence(struct session *ss)
{
	struct list *node, *next;
	struct follower *f;
	struct presence *p;
	struct about about;

	LIST_EACH(&ss->presence.followers, node, next) {
		f = LIST_ITEM(node, struct follower, in_session);
		f->is_plain = may_channel(ss, f->name);
		if (f->c == NULL) {
			if (!f->is_plain)
				session_deny(ss);
			continue;
		}
		about = (struct about){ f->c, f->by, f->d, NULL };
		take_verdict(ss, may(ss->hub, ss->who, ACCESS_PRESENCE,
		    &about), f->c, f->d);
	}
	LIST_EACH(&ss->presence.own, node, next) {
		p = LIST_ITEM(node, struct presence, in_session);
		about = (struct about){ p->said.c, NULL, p->said.d, NULL };
		if (p->said.c != NULL)
			take_verdict(ss, may(ss->hub, ss->who,
			    ACCESS_PRESENCE, &about), p->said.c, p->said.d);
		else if (!may_channel(ss, p->ch->name))
			session_deny(ss);
	}
}

void
session_recheck(struct session *ss)
{
	struct list *node, *next;

	if (ss->closing != CLOSE_NONE)
		return;
	LIST_EACH(&ss->readers, node, next)
		recheck_reader(ss,
		    LIST_ITEM(node, struct reader, in_session)->view);
	LIST_EACH(&ss->requests, node, next)
		/* Staged with former rights, perhaps, and not answered. */
		doc_regrant(LIST_ITEM(node, struct request,
		    in_session)->doc);
	LIST_EACH(&ss->subs, node, next)
		sub_recheck(LIST_ITEM(node, struct sub, in_session));
	recheck_presence(ss);
	history_recheck(ss, NULL, NULL);
}

/* ---- inputs ---- */

void
hub_set_access(struct hub *h, struct access *access)
{
	bool were_none = h->access == NULL;
	struct list *node, *next;
	struct session *ss;

	access_unref(h->access);
	h->access = access;
	LIST_EACH(&h->sessions, node, next) {
		ss = LIST_ITEM(node, struct session, node);
		session_recheck(ss);
		if (were_none && ss->out_n > 0)
			session_deny(ss);	/* nothing says what they show */
		owed_recheck_rules(ss);
	}
	recheck_close(h);
}

static bool
is_about(const struct session *ss, const char *subject)
{
	const struct principal *who = ss->who;

	if (subject == NULL)
		return true;
	return who != NULL &&
	    ((who->subject != NULL && strcmp(who->subject, subject) == 0) ||
	    (who->link != NULL && strcmp(who->link, subject) == 0));
}

/* Does it follow the document's presence, or say where it is there? */
static bool
has_presence(const struct session *ss, const char *collection, const char *id)
{
	struct list *node, *next;
	const struct follower *f;
	const struct said *said;

	LIST_EACH(&ss->presence.followers, node, next) {
		f = LIST_ITEM(node, struct follower, in_session);
		if (f->c != NULL && strcmp(f->d, id) == 0 &&
		    strcmp(f->c, collection) == 0)
			return true;
	}
	LIST_EACH(&ss->presence.own, node, next) {
		said = &LIST_ITEM(node, struct presence, in_session)->said;
		if (said->c != NULL && strcmp(said->d, id) == 0 &&
		    strcmp(said->c, collection) == 0)
			return true;
	}
	return false;
}

void
hub_regrant(struct hub *h, const char *collection, const char *id,
    const char *subject)
{
	struct doc *d = hub_doc_here(h, collection, id);
	struct list *node, *next;
	struct session *ss;
	bool is_looked_at = false;

	if (h->access == NULL)
		return;
	LIST_EACH(&h->sessions, node, next) {
		ss = LIST_ITEM(node, struct session, node);
		if (!is_about(ss, subject) || ss->closing != CLOSE_NONE)
			continue;
		is_looked_at |= has_presence(ss, collection, id) ||
		    owed_is_about(ss, collection, id);
		session_regrant_queries(ss, collection);
		history_recheck(ss, collection, id);
	}
	if (is_looked_at && d == NULL)
		d = hub_doc(h, collection, id);
	/* One that is idle has no grants, and nobody is there. */
	if (d != NULL && (is_looked_at || d->state != DOC_IDLE))
		doc_regrant(d);
	recheck_close(h);
}
