/*
 * presence, as its own files see it.
 */
#ifndef CORE_PRESENCE_IN_H
#define CORE_PRESENCE_IN_H

#include "core/hub_in.h"
#include "core/may.h"
#include "core/presence.h"
#include "core/session_in.h"
#include "ot/buf.h"
#include "ot/type.h"

/* One presence as somebody said it.  Owns what it points to. */
struct said {
	char		*src, *id;
	uint64_t	 pv;
	struct buf	 head;		/* what put_presence wrote */
	struct buf	 p;		/* its value, JSON */
	char		*c, *d;		/* NULL: of no document */
	uint64_t	 v;		/* of the document */
	const struct ot_type *type;	/* of the document; NULL: not named */
};

/* The newest of one id. */
struct presence {
	struct table_node in_hub;	/* hub->presence.presences; not when gone */
	struct list	 in_channel;	/* channel->own or gone, or sight->presences */
	struct list	 in_session;	/* own: session->presence.own */
	struct channel	*ch;
	struct sight	*sight;		/* NULL: own, or gone */
	struct session	*ss;		/* own */
	struct said	 said;
	uint64_t	 mark;		/* of a sight: the last state that had it */
	uint64_t	 gone_ms;	/* gone: since then */
	bool		 is_unsettled;	/* followers may have found it stale */
	uint64_t	 told_ms;	/* is_unsettled: since then */
	uint64_t	 checked_v;	/* the document's version when last looked at */
};

struct channel {
	struct table_node in_hub;	/* hub->presence.channels */
	struct list	 in_all, in_fresh, in_stating, in_requesting,
			 in_resting, in_settling;
	struct hub	*hub;
	char		*name;
	uint64_t	 ordinal;
	struct list	 followers;	/* struct follower.in_channel */
	struct list	 own;		/* struct presence.in_channel */
	struct list	 gone;		/* the same, not long ago */
	size_t		 n_gone;
	struct list	 sights;		/* struct sight.in_channel */
	uint64_t	 rev;		/* changes of own, from where it began */
	bool		 has_changed;	/* ever: there is something to say */
	bool		 asks_again;	/* all are asked once more, by in_fresh */
	uint64_t	 fresh_ms;	/* when rev is said again */
	unsigned	 fresh_left;	/* and how often */
	uint64_t	 settle_ms;	/* in_settling: looked at then */
	uint64_t	 rest_ms;	/* nobody is here since then */
	uint64_t	 request_ms;	/* pr's are counted from here */
	unsigned	 requests;	/* so many */
	bool		 is_heard;	/* what others say of it reaches us */
	struct list	 greeting;	/* struct follower.in_greeting: until then */
	struct list	 in_greeting;	/* when there are such: hub->presence.greeting */
	uint64_t	 greet_ms;	/* and since when */
};

/* A session that follows a channel, or did. */
struct follower {
	struct table_node in_hub;	/* hub->presence.followers */
	struct list	 in_channel;	/* channel->followers, unless off */
	struct list	 in_session;	/* session->presence.followers or off */
	struct channel	*ch;		/* NULL: off */
	struct session	*ss;
	char		*name;
	double		 seq;		/* of its last wish; NaN: none was given */
	struct incoming	*asked;		/* its ps, not answered yet; owned */
	struct list	 in_greeting;	/* then: channel->greeting */
	/* Under rules; what it hears. */
	bool		 is_plain;	/* presence of no document */
	char		*c, *d, *by;	/* of this one, by a projection's name or NULL; NULL: of none */
	struct list	 in_about;	/* then: hub->presence.about */
};

/* Another process, as far as it was heard. */
struct presence_node {
	struct list	 in_hub;	/* hub->presence.nodes */
	uint64_t	 id;
	uint64_t	 heard_ms;
	struct list	 sights;		/* struct sight.in_node */
};

/* What another process has on a channel that is followed here. */
struct sight {
	struct list	 in_node, in_channel, in_doubt;
	struct presence_node *node;
	struct channel	*ch;
	struct list	 presences;	/* struct presence.in_channel */
	uint64_t	 rev;		/* the last change that was heard */
	bool		 is_unsure;	/* not all before it were */
	uint64_t	 asked_ms;	/* is_unsure: when; 0: not yet */
	uint64_t	 sure_ms;	/* heard of last */
	uint64_t	 state_rev;	/* a state in parts: its rev */
	uint64_t	 state_next;	/* and the part that is due; 0: none */
};

/* A presence in a document's line. */
enum offer_kind {
	OFFER_SAID,	/* by the request's session: kept, told, acknowledged */
	OFFER_TOLD,	/* known already; for the followers */
	OFFER_ANSWER,	/* the same, for the request's session alone */
};

struct offer {
	enum offer_kind	 kind;
	struct hub	*hub;
	char		*ch;
	struct said	 said;		/* as it came */
	struct buf	 moved;		/* staged: the value at the head */
	bool		 is_over;	/* told, or not fit to be */
	bool		 is_withdrawn;	/* acknowledged, and told to nobody */
};

/* ---- presence_channel.c ---- */

void	said_done(struct said *s);
void	said_copy(struct said *to, const struct said *from);
bool	said_is_gone(const struct said *s);	/* null: it is no more */
/* The value becomes null. */
void	said_go(struct said *s);

struct channel *channel_find(const struct hub *h, const char *name);
struct channel *channel_get(struct hub *h, const char *name);
/* If nobody is here, it goes: at once, or when others have heard. */
void	channel_rest(struct channel *ch);
void	channel_free(struct channel *ch);

struct presence *presence_find(const struct channel *ch,
	    const struct sight *sight, const char *src, const char *id);
/* Put said, taken over, in its place; sight NULL: own, of session ss. */
struct presence *presence_put(struct channel *ch, struct sight *sight,
	    struct session *ss, struct said *said);
/* Forget it; nobody is told. */
void	presence_drop(struct presence *p);
/* Tell followers; presence of a document by way of its line. */
void	channel_tell(struct channel *ch, const struct said *said);
/* Tell followers, or one session, now. */
void	channel_post(struct channel *ch, struct session *only,
	    const struct said *said);
/* What sight (NULL: own) had is no more: tell them, unless others have it. */
void	channel_tell_gone(struct channel *ch, struct said *said);
/* It has just gone: keep it a while for those who ask; a copy. */
void	channel_keep_gone(struct channel *ch, const struct said *said);
/* Does somebody else than sight have a newer one? */
bool	channel_has_newer(const struct channel *ch, const struct sight *sight,
	    const struct said *said);
/* Is this what is known of it now?  It may have waited in a line. */
bool	channel_is_so(const struct channel *ch, const struct said *said);
/*
 * Tell the session of everything that is there.  It was here before, and may
 * have missed something: what has gone lately is told too.
 */
void	channel_answer(struct channel *ch, struct session *ss, bool was_here);
/* Ask the followers for theirs, but not the one of that src (NULL: all). */
void	channel_request(struct channel *ch, const char *but);
void	channel_request_late(struct hub *h);

/* ---- presence.c ---- */

/* ss says so; not taken over.  False: it has said something newer. */
bool	presence_say(struct session *ss, const char *ch,
	    const struct said *said);
/* The session's presences on ch end; NULL: on every channel. */
void	presence_end(struct session *ss, const struct channel *ch);

/* NULL: it never was there, or long ago. */
struct follower *follower_find(const struct session *ss, const char *name);
struct follower *follower_on(struct session *ss, const char *name);
/* It leaves the channel; only its seq is kept. */
void	follower_off(struct follower *f);

/* ---- presence_rights.c ---- */

/* May it hear this on its channel? */
bool	follower_may_hear(const struct follower *f, const struct said *said);
/* May it say this?  Else it has been refused. */
bool	presence_may_say(struct session *ss, struct incoming *in);
/* It asks to follow; presence_follow goes on, or it has been refused. */
void	presence_ask_follow(struct session *ss, struct incoming *in);
/* What f hears from now on: presence of this document (NULL: of none). */
void	follower_allow(struct follower *f, const struct about *about);
void	follower_forget(struct follower *f);

/* ---- presence_actions.c ---- */

/* It may: presence of this document (NULL: of none); see follower_allow. */
void	presence_follow(struct session *ss, struct incoming *in,
	    const struct about *about);

/* Answer the ps of those who wait for the channel to be heard. */
void	presence_greet(struct channel *ch);
/* Time has passed: whoever waited long enough is answered anyway. */
void	presence_greet_late(struct hub *h);
/* Time has passed: those who said too much may go on. */
void	presence_go_on(struct hub *h);
void	presence_forget_held(struct session *ss);

/* ---- presence_bus.c ---- */

/* said, of a session here, is new (or gone): tell other processes. */
void	presence_bus_say(struct channel *ch, const struct said *said);
void	presence_bus_request(struct channel *ch, const char *but);
/* Somebody follows a channel that nobody here did. */
void	presence_bus_ask(struct channel *ch);
void	presence_bus_follow(struct channel *ch);
void	presence_bus_unfollow(struct channel *ch);
/* Does what other processes say of it, if there are any, reach us? */
bool	presence_bus_hears(const struct channel *ch);
/* The state of a channel that is no more here. */
void	presence_bus_say_empty(struct hub *h, const char *channel);
void	presence_bus_tick(struct hub *h);

/* ---- presence_sight.c ---- */

struct presence_reader;

/* What another process has said. */
void	presence_read(struct hub *h, struct presence_reader *r);
/* Something may be missing: to be asked for. */
void	sight_doubt(struct sight *v);
void	sight_free(struct sight *v);		/* its presences too; nobody is told */
void	presence_node_free(struct presence_node *n);
/* Those that were not heard for too long are dead. */
void	presence_lose_silent(struct hub *h);

/* ---- presence_doc.c ---- */

/* The document's line carries said: taken over.  ss, in: see offer_kind. */
void	presence_offer(struct doc *d, enum offer_kind kind, struct session *ss,
	    struct incoming *in, const char *ch, struct said *said);
/* The session leaves ch: what it said there and waits in lines ends too. */
void	presence_withdraw(struct session *ss, const char *ch);

/* ---- presence_settle.c ---- */

/* Followers are told of it; some may find it stale. */
void	presence_unsettle(struct presence *p);
/* They have been told it so, as a document's line carried it. */
void	presence_note_told(struct channel *ch, const struct said *told);
void	presence_settle(struct hub *h);

#endif
