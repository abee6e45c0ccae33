/*
 * What may be followed and said of presence, under rules.
 *
 * 1. A client that shows where others are in a document follows a channel
 *    named after it: the collection, a dot, the id (sharedb 7.0.0,
 *    lib/client/presence/doc-presence.js).  Names hold dots, so that a channel
 *    may mean one of several documents; it is the first that the session has
 *    the right to.
 * 2. What is said of a document goes to those alone who have the right to its
 *    presence; what is said of none to those who have a right to the channel.
 *    That is looked at for each that hears it, whatever it follows.
 * 3. Grants are looked up when a channel is begun to be followed, in the
 *    document's line, and not for each presence.  Presence of a document on
 *    another channel than its own is therefore heard by rules alone.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/actions.h"
#include "core/doc.h"
#include "core/may.h"
#include "core/presence_in.h"
#include "proto/reply_presence.h"

/* Documents that one channel is looked up for. */
#define MEANT_MAX	4

/* ---- hearing ---- */

bool
follower_may_hear(const struct follower *f, const struct said *said)
{
	struct hub *h = f->ss->hub;
	struct about about = { said->c, NULL, said->d, NULL };

	if (h->access == NULL)
		return true;
	if (said->c == NULL)
		return f->is_plain;
	if (f->c != NULL && strcmp(f->d, said->d) == 0 &&
	    strcmp(f->c, said->c) == 0)
		return true;
	return may(h, f->ss->who, ACCESS_PRESENCE, &about) == ACCESS_YES;
}

static char *
copy(const char *s)
{
	return s != NULL ? mem_copy(s, strlen(s)) : NULL;
}

void
follower_allow(struct follower *f, const struct about *about)
{
	f->is_plain = may_channel(f->ss, f->name);
	if (about == NULL)
		return;
	f->c = copy(about->collection);
	f->d = copy(about->id);
	f->by = copy(about->projection);
	list_push(&f->ss->hub->presence.about, &f->in_about);
}

void
follower_forget(struct follower *f)
{
	list_remove(&f->in_about);
	free(f->c);
	free(f->d);
	free(f->by);
	f->c = f->d = f->by = NULL;
	f->is_plain = false;
}

/* ---- following ---- */

static void
deny(struct session *ss, struct incoming *in)
{
	ss->hub->counts.denied++;
	action_error(ss, in, ERR_DENIED);
}

/* What the channel means if its dot is the one at this place. */
static enum access_verdict
meant(struct session *ss, struct incoming *in, const char *dot,
    struct about *about, const struct projection **projection_out)
{
	const char *ch = in->msg.ch;
	const char *name = arena_copy(&in->arena, ch, (size_t)(dot - ch));
	struct named named = { NULL, NULL };

	if (dot == ch || dot[1] == '\0' ||
	    catalog_resolve(ss->hub->limits.catalog, name, &in->arena,
	    &named) != ERR_NONE ||
	    catalog_collection(ss->hub->limits.catalog, named.collection) ==
	    NULL)
		return ACCESS_NO;
	*about = (struct about){ named.collection,
	    named.projection != NULL ? name : NULL, dot + 1, NULL };
	*projection_out = named.projection;
	return may(ss->hub, ss->who, ACCESS_PRESENCE, about);
}

/* Its grants decide: it is asked for in the document's line. */
static void
line_up(struct session *ss, struct incoming *in, const struct about *about,
    const struct projection *projection)
{
	struct doc *d = hub_doc(ss->hub, about->collection, about->id);

	in->meant++;
	session_wait(ss);
	doc_join(doc_view(d, about->projection, projection),
	    request_new(ss->hub, ss, REQUEST_FOLLOW, in));
}

/* From the dot on: the first document that it may be, or the channel alone. */
static void
look_on(struct session *ss, struct incoming *in, const char *dot)
{
	const struct projection *p = NULL;
	struct about about;

	for (; dot != NULL && in->meant < MEANT_MAX;
	    dot = strchr(dot + 1, '.')) {
		switch (meant(ss, in, dot, &about, &p)) {
		case ACCESS_YES:
			presence_follow(ss, in, &about);
			return;
		case ACCESS_ASK_GRANTS:
			line_up(ss, in, &about, p);
			return;
		case ACCESS_NO:
			break;
		}
	}
	if (may_channel(ss, in->msg.ch))
		presence_follow(ss, in, NULL);
	else
		deny(ss, in);
}

void
presence_ask_follow(struct session *ss, struct incoming *in)
{
	struct follower *f = follower_find(ss, in->msg.ch);

	/* It does already: that is said once more. */
	if (f != NULL && f->ch != NULL)
		presence_follow(ss, in, NULL);
	else
		look_on(ss, in, strchr(in->msg.ch, '.'));
}

void
presence_decided(struct session *ss, struct incoming *in,
    const struct view *w, bool is_yes)
{
	struct about about = { w->doc->collection,
	    w->projection != NULL ? w->name : NULL, w->doc->id, NULL };
	const char *ch = in->msg.ch;

	if (is_yes)
		presence_follow(ss, in, &about);
	else
		look_on(ss, in, strchr(ch + strlen(w->name) + 1, '.'));
}

/* ---- saying ---- */

/* Is the channel the one of the document that is meant? */
static bool
is_its_channel(const struct message *msg)
{
	size_t len = strlen(msg->c);

	return strncmp(msg->ch, msg->c, len) == 0 && msg->ch[len] == '.' &&
	    strcmp(msg->ch + len + 1, msg->d) == 0;
}

bool
presence_may_say(struct session *ss, struct incoming *in)
{
	const struct message *msg = &in->msg;

	if (ss->hub->access == NULL)
		return true;
	if (message_has_doc(msg) &&
	    may_not(ss, in, ACCESS_PRESENCE, msg->d))
		return false;
	if ((message_has_doc(msg) && is_its_channel(msg)) ||
	    may_channel(ss, msg->ch))
		return true;
	deny(ss, in);
	return false;
}
