#include "core/may.h"

#include <string.h>

#include "core/actions.h"
#include "core/doc.h"
#include "core/session_in.h"
#include "proto/reply.h"

struct about
about_message(const struct incoming *in, const char *id)
{
	return (struct about){
		.collection = in->named.collection,
		.projection = in->named.projection != NULL ? in->msg.c : NULL,
		.id = id,
	};
}

struct about
about_view(const struct view *w, const struct grants *grants)
{
	return (struct about){
		.collection = w->doc->collection,
		.projection = w->projection != NULL ? w->name : NULL,
		.id = w->doc->id,
		.grants = grants,
	};
}

enum access_verdict
may(const struct hub *h, const struct principal *who,
    enum access_action action, const struct about *about)
{
	const struct access_question q = {
		.who = who,
		.action = action,
		.collection = about->collection,
		.projection = about->projection,
		.id = about->id,
		.grants = about->grants,
		.now_ms = h->wall_ms,
	};

	return h->access == NULL ? ACCESS_YES :
	    access_check(h->access, &q, NULL);
}

bool
may_channel(const struct session *ss, const char *channel)
{
	const struct access_question q = {
		.who = ss->who,
		.action = ACCESS_PRESENCE,
		.channel = channel,
		.now_ms = ss->hub->wall_ms,
	};

	return ss->hub->access == NULL ||
	    access_check(ss->hub->access, &q, NULL) == ACCESS_YES;
}

bool
may_not(struct session *ss, struct incoming *in, enum access_action action,
    const char *id)
{
	struct about about = about_message(in, id);

	if (may(ss->hub, ss->who, action, &about) != ACCESS_NO)
		return false;
	ss->hub->counts.denied++;
	action_error(ss, in, ERR_DENIED);
	return true;
}

struct frame *
may_reply(const struct incoming *in, unsigned may, const struct snapshot *s)
{
	const char *names[ACCESS_ACTIONS];
	size_t n = 0;
	int action;

	for (action = 0; action < ACCESS_ACTIONS; action++)
		if (may & 1u << action)
			names[n++] = access_action_name(
			    (enum access_action)action);
	return reply_may(&in->msg, names, n, s);
}

static bool
is_of(const struct grant *g, const struct principal *who)
{
	return (who->subject != NULL && strcmp(g->subject, who->subject) == 0) ||
	    (who->link != NULL && strcmp(g->subject, who->link) == 0);
}

void
may_until(struct session *ss, const struct grants *grants)
{
	const struct grant *g;
	size_t i;

	if (ss->who == NULL)
		return;
	for (i = 0; i < grants->n; i++) {
		g = &grants->all[i];
		if (g->expires_ms > ss->hub->wall_ms && is_of(g, ss->who))
			session_until(ss, g->expires_ms);
	}
}
