/*
 * What a query may see, as a part of its filter.
 *
 *	query --may it be asked?--> granted ids --> filter AND rights --> watch
 *	                          (from the store,
 *	                           where grants count)
 *
 * Subscribers with different rights have different filters, and so different
 * watches: nothing is shared between them.  While the granted ids are asked
 * for, the session is not listened to.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/actions.h"
#include "core/hub_in.h"
#include "core/may.h"
#include "core/query.h"
#include "core/session_in.h"
#include "core/watch.h"

/* Ids that grants give to one query; more are refused. */
#define GRANTED_MAX	4000

/* A query whose granted ids are asked for. */
struct query_ask {
	struct list	 node;		/* hub->query_asks */
	struct session	*ss;		/* NULL: left */
	struct incoming	*in;		/* owned */
	bool		 subscribe;
	bool		 again;		/* they have changed since */
	bool		 is_refresh;	/* of one that has been answered: */
	struct sub	*former;	/* it; NULL: left */
};

/* Ids that may be read by grants. */
struct granted {
	char		**ids;		/* heap; each the job's */
	size_t		 n;
};

/* What may be seen, as a filter; NULL: everything.  The caller's. */
static char *
rights_text(const struct session *ss, const struct about *about,
    const struct granted *granted)
{
	struct buf b = BUF_INIT;

	if (ss->hub->access == NULL)
		return NULL;
	if (!access_filter_by(ss->hub->access, ss->who, about->collection,
	    about->projection, granted->ids, granted->n, &b))
		buf_puts(&b, "{\"_id\":{\"$in\":[]}}");
	if (b.len == 0)
		return NULL;
	buf_putc(&b, '\0');
	if (buf_failed(&b))
		bug("no memory for the rights of a query");
	return buf_take(&b, &(size_t){ 0 });
}

/*
 * Do grants add to what may be seen without them (the rights that are given,
 * NULL: everything)?
 */
static bool
by_grants(const struct session *ss, const struct about *about,
    const char *rights)
{
	const struct access *a = ss->hub->access;

	return rights != NULL && ss->who != NULL &&
	    (access_has_grants(a, about->collection) ||
	    (about->projection != NULL &&
	    access_has_grants(a, about->projection)));
}

/*
 * May it be asked by what the projection does not show?  Else whether a
 * document is found would tell it.  Who may read as much by the collection's
 * own name may; where grants are by name the two are not compared.
 */
static bool
may_ask(const struct session *ss, const struct about *about,
    const struct projection *p, const struct filter *filter)
{
	static const struct granted nothing;
	const struct about whole = { about->collection, NULL, NULL, NULL };
	const struct access *a = ss->hub->access;
	char *by_name, *by_whole;
	bool is_same;

	if (a == NULL || p == NULL ||
	    filter_is_about(filter, p->fields, p->n_fields))
		return true;
	by_name = rights_text(ss, about, &nothing);
	by_whole = rights_text(ss, &whole, &nothing);
	is_same = by_name == NULL ? by_whole == NULL :
	    by_whole != NULL && strcmp(by_name, by_whole) == 0;
	if (ss->who != NULL && access_has_grants(a, about->projection))
		is_same = is_same && by_whole == NULL;
	free(by_name);
	free(by_whole);
	return is_same;
}

/* It finds what is granted: that may become more. */
static void
note_granted(struct sub *sub, const struct incoming *in)
{
	sub->by_grants = true;
	if (sub->is_fetch)
		return;
	sub->said = mem_copy(in->text, in->len);
	sub->said_len = in->len;
	list_push(&sub->ss->hub->granted_subs, &sub->in_granted);
}

/* in and rights are taken over. */
static void
begin(struct session *ss, struct incoming *in, bool subscribe, char *rights,
    bool is_by_grants)
{
	struct filter *filter;
	struct about about;
	struct ot_err err;
	struct refusal r;
	struct sub *sub;

	if (filter_parse_within(&in->msg.q, rights, &filter, &err) != 0) {
		refuse(&r, ERR_FILTER, "%s", err.text);
		action_refuse(ss, in, &r);
		free(rights);
		return;
	}
	about = about_message(in, NULL);
	if (!may_ask(ss, &about, in->named.projection, filter)) {
		ss->hub->counts.denied++;
		refuse(&r, ERR_DENIED, "the query is by what the projection "
		    "does not show");
		action_refuse(ss, in, &r);
		filter_unref(filter);
		free(rights);
		return;
	}
	sub = query_begin(ss, in, subscribe, filter);
	sub->rights = rights;
	if (is_by_grants)
		note_granted(sub, in);
}

static void
ask_granted(struct query_ask *ask)
{
	const struct principal *who = ask->ss->who;
	char max[24];

	snprintf(max, sizeof(max), "%d", GRANTED_MAX + 1);
	ask->again = false;
	hub_ask(ask->ss->hub, rows_new(ROWS_GRANTED, NULL, ask, who->subject,
	    who->link, ask->in->named.collection, max));
}

void
query_check(struct session *ss, struct incoming *in, bool subscribe)
{
	static const struct granted nothing;
	struct about about = about_message(in, NULL);
	struct query_ask *ask;
	char *rights;

	if (may(ss->hub, ss->who, ACCESS_QUERY, &about) != ACCESS_YES) {
		ss->hub->counts.denied++;
		action_error(ss, in, ERR_DENIED);
		return;
	}
	rights = rights_text(ss, &about, &nothing);
	if (!by_grants(ss, &about, rights)) {
		begin(ss, in, subscribe, rights, false);
		return;
	}
	free(rights);
	/* Listened to all the same, it leaves: nobody is there to be told. */
	if (ss->waits > 0) {
		incoming_free(in);
		return;
	}
	ask = mem_get(sizeof(*ask));
	list_push(&ss->hub->query_asks, &ask->node);
	ask->ss = ss;
	ask->in = in;
	ask->subscribe = subscribe;
	ss->query_ask = ask;
	session_wait(ss);
	ask_granted(ask);
}

/* A row's grant gives the right to read, for some time at least. */
static bool
is_granted(struct session *ss, const struct about *about,
    const struct job *job, size_t row)
{
	const char *role = rows_cell(job, row, 1);
	struct about one = *about;
	struct grants g = { NULL, 0 };
	bool is_so;

	if ((one.id = rows_cell(job, row, 0)) == NULL || role == NULL ||
	    access_role_named(role) < 0)
		return false;
	grants_add(&g, ss->who->subject != NULL ? ss->who->subject :
	    ss->who->link, (enum access_role)access_role_named(role),
	    rows_number(job, row, 2, 0));
	one.grants = &g;
	is_so = may(ss->hub, ss->who, ACCESS_READ, &one) == ACCESS_YES;
	if (is_so)
		may_until(ss, &g);
	grants_done(&g);
	return is_so;
}

/* The rights that these rows give; the caller's. */
static char *
granted_text(const struct query_ask *ask, const struct job *job)
{
	struct about about = about_message(ask->in, NULL);
	struct granted g = { NULL, 0 };
	char *rights;
	size_t i;

	g.ids = mem_grow(NULL, job->rows.n_rows + 1, sizeof(*g.ids));
	for (i = 0; i < job->rows.n_rows; i++)
		if (is_granted(ask->ss, &about, job, i))
			g.ids[g.n++] = (char *)rows_cell(job, i, 0);
	rights = rights_text(ask->ss, &about, &g);
	free(g.ids);
	return rights;
}

/* in has been taken over, or NULL. */
static void
ask_free(struct query_ask *ask)
{
	if (ask->former != NULL)
		ask->former->refresh = NULL;
	else if (!ask->is_refresh && ask->ss != NULL)
		ask->ss->query_ask = NULL;
	list_remove(&ask->node);
	free(ask);
}

void
query_asks_free(struct hub *h)
{
	struct query_ask *ask;

	while (!list_empty(&h->query_asks)) {
		ask = LIST_ITEM(h->query_asks.next, struct query_ask, node);
		incoming_free(ask->in);
		ask_free(ask);
	}
}

/* ---- more is granted ---- */

/*
 * The same query, with a filter that finds more, beside the one that goes on;
 * when it is answered it takes its place (query.c).  rights are taken over.
 */
static void
begin_anew(struct query_ask *ask, char *rights)
{
	struct sub *former = ask->former, *sub;
	struct incoming *in = ask->in;
	struct filter *filter;
	struct ot_err err;

	if (former->next != NULL)
		sub_free(former->next);
	if (rights == NULL || strcmp(rights, former->rights) == 0 ||
	    filter_parse_within(&in->msg.q, rights, &filter, &err) != 0) {
		incoming_free(in);
		free(rights);
		return;
	}
	sub = sub_new(ask->ss, watch_get(feed_get(ask->ss->hub,
	    in->named.collection), in->msg.c, in->named.projection, filter),
	    in, false);
	sub->rights = rights;
	note_granted(sub, in);
	sub->former = former;
	former->next = sub;
	watch_ask(sub->watch);
}

static void
refreshed(struct query_ask *ask, const struct job *job)
{
	/* It is as it was: what was not found may be next time. */
	if (ask->former == NULL || job->err != ERR_NONE ||
	    job->rows.n_rows > GRANTED_MAX)
		incoming_free(ask->in);
	else
		begin_anew(ask, granted_text(ask, job));
	ask_free(ask);
}

void
query_refresh(struct sub *sub)
{
	struct session *ss = sub->ss;
	struct query_ask *ask;
	struct incoming *in;
	struct refusal r;

	sub->must_refresh = sub->in != NULL || sub->bulk != NULL;
	if (sub->must_refresh)
		return;
	if (sub->refresh != NULL) {
		sub->refresh->again = true;
		return;
	}
	in = incoming_new(sub->said, sub->said_len);
	in->is_ours = true;
	if (message_decode(in->text, in->len, ss->hub->limits.depth,
	    &in->arena, &in->msg, &r) != MESSAGE_OK || catalog_resolve(ss->hub->limits.catalog, in->msg.c,
	    &in->arena, &in->named) != ERR_NONE)
		bug("a query that was understood is not");
	ask = mem_get(sizeof(*ask));
	list_push(&ss->hub->query_asks, &ask->node);
	ask->ss = ss;
	ask->in = in;
	ask->is_refresh = true;
	ask->former = sub;
	sub->refresh = ask;
	ask_granted(ask);
}

static bool
is_owners(const struct session *ss, const char *owner)
{
	return ss != NULL && ss->who != NULL && ss->who->subject != NULL &&
	    strcmp(ss->who->subject, owner) == 0;
}

void
query_owned(struct hub *h, const char *collection, const char *owner)
{
	struct list *node, *next;
	struct query_ask *ask;
	struct sub *sub;

	/* What was asked of the store may have been answered before this. */
	LIST_EACH(&h->query_asks, node, next) {
		ask = LIST_ITEM(node, struct query_ask, node);
		if (!ask->is_refresh && is_owners(ask->ss, owner))
			ask->again = true;
	}
	LIST_EACH(&h->granted_subs, node, next) {
		sub = LIST_ITEM(node, struct sub, in_granted);
		if (sub->former == NULL && is_owners(sub->ss, owner) &&
		    strcmp(sub->watch->feed->collection, collection) == 0)
			query_refresh(sub);
	}
}

void
query_refresh_leave(struct sub *sub)
{
	if (sub->refresh == NULL)
		return;
	sub->refresh->former = NULL;
	sub->refresh = NULL;
}

/* ---- what the store has named ---- */

void
query_granted(struct job *job)
{
	struct query_ask *ask = job->whose;
	struct session *ss = ask->ss;
	struct refusal r;

	if (!ask->is_refresh && ss == NULL) {
		incoming_free(ask->in);
		ask_free(ask);
		return;
	}
	if (ask->again && job->err == ERR_NONE &&
	    (!ask->is_refresh || ask->former != NULL)) {
		ask_granted(ask);
		return;
	}
	if (ask->is_refresh) {
		refreshed(ask, job);
		return;
	}
	if (job->err != ERR_NONE) {
		action_error(ss, ask->in, job->err);
	} else if (job->rows.n_rows > GRANTED_MAX) {
		refuse(&r, ERR_FIND_MANY, "more than %d documents of the "
		    "collection are granted one by one: too many for a query",
		    GRANTED_MAX);
		action_refuse(ss, ask->in, &r);
	} else {
		begin(ss, ask->in, ask->subscribe, granted_text(ask, job),
		    true);
	}
	ask_free(ask);
	session_go_on(ss);
}

void
query_ask_leave(struct session *ss)
{
	if (ss->query_ask != NULL)
		ss->query_ask->ss = NULL;
}

/* ---- looked at again ---- */

void
sub_recheck(struct sub *sub)
{
	static const struct granted nothing;
	const struct watch *w = sub->watch;
	struct session *ss = sub->ss;
	struct about about = { w->feed->collection,
	    w->projection != NULL ? w->name : NULL, NULL, NULL };
	char *rights = rights_text(ss, &about, &nothing);

	if (sub->by_grants || by_grants(ss, &about, rights) ||
	    may(ss->hub, ss->who, ACCESS_QUERY, &about) != ACCESS_YES ||
	    !may_ask(ss, &about, w->projection, w->filter) ||
	    (rights == NULL) != (sub->rights == NULL) ||
	    (rights != NULL && strcmp(rights, sub->rights) != 0))
		session_deny(ss);
	free(rights);
}

/*
 * What nobody was answered yet can be asked again, by the rights of now; one
 * at a time is, as when it came.
 */
static bool
can_ask_again(const struct sub *sub)
{
	return sub->in != NULL && sub->bulk == NULL && sub->former == NULL &&
	    sub->next == NULL && sub->ss->waits == 0;
}

static void
ask_again(struct sub *sub)
{
	struct session *ss = sub->ss;
	struct incoming *in = sub->in;
	bool subscribe = !sub->is_fetch;

	sub->in = NULL;
	ss->hub->asking--;
	sub_free(sub);
	query_check(ss, in, subscribe);
}

void
session_regrant_queries(struct session *ss, const char *collection)
{
	struct list *node, *next;
	struct sub *sub;

	if (ss->query_ask != NULL)
		ss->query_ask->again = true;
	LIST_EACH(&ss->subs, node, next) {
		sub = LIST_ITEM(node, struct sub, in_session);
		if (!sub->by_grants ||
		    strcmp(sub->watch->feed->collection, collection) != 0)
			continue;
		if (can_ask_again(sub))
			ask_again(sub);
		else
			session_deny(ss);
	}
}
