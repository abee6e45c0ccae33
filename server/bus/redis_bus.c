/*
 * redis_bus: see redis_bus.h for the model.
 *
 * hiredis 0.14: in a callback with a NULL reply the connection is going, and
 * no command may be given; PING on a subscribed connection never calls back
 * and leaks, so the heartbeat is published.
 */
#include "bus/redis_bus.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/breaker.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/mem.h"
#include "bus/bus.h"
#include "bus/codec.h"
#include "bus/followed.h"
#include "bus/redis_link.h"
#include "bus/redis_url.h"
#include "bus/resolve.h"

#define SUBJECT		"bus"
#define BATCH		256		/* channels in one SUBSCRIBE */
#define WINDOW		1024		/* channels asked for and not confirmed */
#define UNSENT_MAX	(32u << 20)	/* bytes published and not yet taken */

static const struct redis_bus_times usual_times = {
	.connect_ms = 5000,
	.heartbeat_ms = 2000,
	.silent_ms = 7000,
	.pause_min_ms = 100,
	.pause_max_ms = 400,
};

enum state { AWAY, CONNECTING, FOLLOWING, UP };

struct redis_bus {
	struct bus		 bus;
	struct loop		*loop;
	struct redis_url	 url;
	struct redis_bus_times	 times;
	struct addresses	 addresses;	/* of the host */
	struct lookup		*lookup;	/* of newer ones; NULL: none runs */

	enum state		 state;
	struct redis_link	 pub, sub;
	struct followed		 followed;	/* without our own channel */
	char			*own;		/* our channel, for heartbeats */
	bool			 own_on;	/* and it is confirmed */
	char			*all;		/* the channel that everybody is on */
	struct loop_timer	*retry;		/* runs while AWAY */
	struct loop_timer	*pulse;		/* runs otherwise */
	uint64_t		 alive_ms;	/* last sign of life, or of a new state */
	unsigned		 attempts;	/* since it was last UP */
	struct breaker		 breaker;	/* closed: UP, or never lost */
	bool			 was_up;	/* ever */
	bool			 owes;		/* words were lost that others waited for */

	uint64_t		 me;		/* the sender in our words */
	struct buf		 payload;	/* kept between words */
	struct buf		 channel;	/* the same */
	size_t			 unsent;	/* bytes published, not answered */
	struct bus_health	 counts;
};

static void	on_subscribed(redisAsyncContext *ac, void *reply, void *arg);
static bool	publish(struct redis_bus *rb, const char *channel,
		    const char *bytes, size_t len);

/* ---- states ---- */

static void
set_state(struct redis_bus *rb, enum state state)
{
	rb->state = state;
	rb->alive_ms = loop_now_ms(rb->loop);
	rb->counts.up = state == UP;
	if (state == AWAY)
		loop_timer_stop(rb->pulse);
	else
		loop_timer_start(rb->pulse, rb->times.heartbeat_ms);
}

/* Nothing is confirmed any more; forget what nobody wants. */
static void
forget_channels(struct redis_bus *rb)
{
	static const enum channel_state asked[] = {
		CHANNEL_ASKED, CHANNEL_ON, CHANNEL_LEAVING
	};
	struct channel *c;
	size_t i;

	for (i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
		while ((c = followed_first(&rb->followed, asked[i])) != NULL) {
			if (c->wanted)
				followed_move(&rb->followed, c, CHANNEL_IDLE);
			else
				followed_remove(&rb->followed, c);
		}
	}
	rb->own_on = false;
}

/* Both connections go; come back after a pause. */
static void
lose(void *arg, const char *why)
{
	struct redis_bus *rb = arg;

	/* Once in a row: what follows is the same story. */
	log_line(rb->attempts == 0 ? LOG_WARN : LOG_DEBUG, SUBJECT,
	    "%s %s:%d: %s; trying again", rb->state == UP ? "lost" :
	    "could not reach", rb->url.host, rb->url.port, why);
	redis_link_drop(&rb->pub);
	redis_link_drop(&rb->sub);
	forget_channels(rb);
	if (rb->unsent > 0)
		rb->owes = true;	/* nobody knows what became of them */
	rb->unsent = 0;
	set_state(rb, AWAY);
	breaker_failed(&rb->breaker, loop_now_ms(rb->loop));
	loop_timer_start(rb->retry, breaker_wait_ms(&rb->breaker,
	    loop_now_ms(rb->loop)));
	rb->attempts++;
}

static void
hear(struct redis_bus *rb, struct word *w)
{
	list_push(&rb->bus.heard, &w->node);
}

/* To everybody: compare versions, we have said less than we wanted to. */
static void
tell_all(struct redis_bus *rb)
{
	buf_reset(&rb->payload);
	codec_write_head(&rb->payload, rb->me);
	if (!buf_failed(&rb->payload) &&
	    publish(rb, rb->all, rb->payload.data, rb->payload.len))
		rb->owes = false;
}

static void
come_up(struct redis_bus *rb)
{
	set_state(rb, UP);
	if (rb->was_up)
		rb->counts.reconnects++;
	rb->was_up = true;
	rb->attempts = 0;
	breaker_worked(&rb->breaker);
	log_line(LOG_INFO, SUBJECT, "connected to %s:%d, %zu channels followed",
	    rb->url.host, rb->url.port, rb->followed.n[CHANNEL_ON]);
	hear(rb, word_new(WORD_BACK, NULL, NULL));
	if (rb->owes)
		tell_all(rb);
}

/* ---- following ---- */

/* One SUBSCRIBE for some of the idle channels; false: the connection fails. */
static bool
subscribe_batch(struct redis_bus *rb)
{
	const char *argv[BATCH + 1] = { "SUBSCRIBE" };
	size_t len[BATCH + 1] = { strlen("SUBSCRIBE") };
	struct channel *c;
	int n = 1;

	while (n <= BATCH &&
	    (c = followed_first(&rb->followed, CHANNEL_IDLE)) != NULL) {
		argv[n] = c->name;
		len[n++] = strlen(c->name);
		followed_move(&rb->followed, c, CHANNEL_ASKED);
	}
	return redisAsyncCommandArgv(rb->sub.ac, on_subscribed, NULL, n, argv,
	    len) == REDIS_OK;
}

/*
 * Ask for channels while the window has room.  On failure the disconnect
 * callback is on its way and puts everything back.
 */
static void
follow_some(struct redis_bus *rb)
{
	if (!rb->sub.ready)
		return;
	while (rb->followed.n[CHANNEL_IDLE] > 0 &&
	    rb->followed.n[CHANNEL_ASKED] <= WINDOW - BATCH)
		if (!subscribe_batch(rb))
			return;
	if (rb->state == FOLLOWING && rb->own_on &&
	    rb->followed.n[CHANNEL_IDLE] == 0 &&
	    rb->followed.n[CHANNEL_ASKED] == 0)
		come_up(rb);
}

static void
leave(struct redis_bus *rb, struct channel *c)
{
	const char *argv[] = { "UNSUBSCRIBE", c->name };
	size_t len[] = { strlen(argv[0]), strlen(c->name) };

	followed_move(&rb->followed, c, CHANNEL_LEAVING);
	(void)redisAsyncCommandArgv(rb->sub.ac, NULL, NULL, 2, argv, len);
}

static void
follow(struct redis_bus *rb, const char *name)
{
	struct channel *c = followed_find(&rb->followed, name);

	if (c == NULL)
		(void)followed_add(&rb->followed, name);
	else
		c->wanted = true;
	follow_some(rb);
}

static void
unfollow(struct redis_bus *rb, const char *name)
{
	struct channel *c = followed_find(&rb->followed, name);

	if (c == NULL)
		return;
	c->wanted = false;
	if (c->state == CHANNEL_IDLE)
		followed_remove(&rb->followed, c);
	else if (c->state == CHANNEL_ON)
		leave(rb, c);
	/* else: when the answer under way has come */
}

/* The other side confirmed that we are on a channel, or off it. */
static void
confirmed(struct redis_bus *rb, const char *name, bool on)
{
	struct channel *c;

	if (strcmp(name, rb->own) == 0) {
		rb->own_on = on;
		rb->alive_ms = loop_now_ms(rb->loop);
	} else if ((c = followed_find(&rb->followed, name)) == NULL) {
		return;
	} else if (on) {
		followed_move(&rb->followed, c, CHANNEL_ON);
		if (!c->wanted)
			leave(rb, c);
		else if (rb->state == UP)	/* else WORD_BACK says it */
			hear(rb, codec_channel_word(WORD_FOLLOWED,
			    rb->url.prefix, name));
	} else if (c->wanted) {
		followed_move(&rb->followed, c, CHANNEL_IDLE);
	} else {
		followed_remove(&rb->followed, c);
	}
	follow_some(rb);
}

/* ---- hearing ---- */

static void
heard(struct redis_bus *rb, const char *channel, const char *bytes, size_t len)
{
	const struct channel *c;
	const char *topic;
	struct word *w;
	uint64_t sender;

	if (strcmp(channel, rb->own) == 0) {
		rb->alive_ms = loop_now_ms(rb->loop);
		return;
	}
	c = followed_find(&rb->followed, channel);
	if ((c == NULL || !c->wanted) && strcmp(channel, rb->all) != 0)
		return;
	if (!codec_sender(bytes, len, &sender))
		goto bad;
	if (sender == rb->me)
		return;
	if (c == NULL) {
		hear(rb, word_new(WORD_BACK, NULL, NULL));
		return;
	}
	topic = codec_topic(rb->url.prefix, channel);
	w = topic == NULL ? codec_read(bytes, len) :
	    codec_read_topic(topic, bytes, len);
	if (w == NULL)
		goto bad;
	rb->counts.heard++;
	hear(rb, w);
	return;
bad:
	rb->counts.bad++;
	LOG_LIMITED(LOG_WARN, SUBJECT, "what came on channel \"%s\" is no word "
	    "of ours, %zu bytes", channel, len);
}

/* A confirmation or a message: [kind, channel, count or payload]. */
static void
on_subscribed(redisAsyncContext *ac, void *r, void *arg)
{
	struct redis_bus *rb = redis_link_owner(ac);
	const redisReply *reply = r;
	const char *kind, *channel;

	(void)arg;
	if (rb == NULL || reply == NULL || reply->type != REDIS_REPLY_ARRAY ||
	    reply->elements != 3 || reply->element[0]->str == NULL ||
	    reply->element[1]->str == NULL)
		return;
	kind = reply->element[0]->str;
	channel = reply->element[1]->str;
	if (strcmp(kind, "message") == 0 &&
	    reply->element[2]->type == REDIS_REPLY_STRING)
		heard(rb, channel, reply->element[2]->str,
		    (size_t)reply->element[2]->len);
	else if (strcmp(kind, "subscribe") == 0)
		confirmed(rb, channel, true);
	else if (strcmp(kind, "unsubscribe") == 0)
		confirmed(rb, channel, false);
}

/* ---- saying ---- */

/* arg: the payload's size, no pointer. */
static void
on_published(redisAsyncContext *ac, void *r, void *arg)
{
	struct redis_bus *rb = redis_link_owner(ac);
	const redisReply *reply = r;

	if (rb == NULL || reply == NULL)
		return;
	rb->unsent -= (uintptr_t)arg;
	if (reply->type == REDIS_REPLY_ERROR) {
		rb->counts.dropped++;
		LOG_LIMITED(LOG_WARN, SUBJECT, "could not publish: %s",
		    reply->str);
	}
}

/* False: dropped. */
static bool
publish(struct redis_bus *rb, const char *channel, const char *bytes, size_t len)
{
	const char *argv[] = { "PUBLISH", channel, bytes };
	size_t lens[] = { strlen(argv[0]), strlen(channel), len };

	if (!rb->pub.ready || len > UNSENT_MAX - rb->unsent)
		return false;
	if (redisAsyncCommandArgv(rb->pub.ac, on_published,
	    (void *)(uintptr_t)len, 3, argv, lens) != REDIS_OK)
		return false;
	rb->unsent += len;
	return true;
}

static void
say_something(struct redis_bus *rb, const char *channel, const struct word *w)
{
	buf_reset(&rb->payload);
	codec_write(&rb->payload, rb->me, w);
	/* Larger than the ceiling: readers elsewhere find it in the store. */
	if (!buf_failed(&rb->payload) &&
	    publish(rb, channel, rb->payload.data, rb->payload.len)) {
		rb->counts.said++;
		return;
	}
	rb->counts.dropped++;
	rb->owes = true;
}

static void
redis_say(struct bus *b, struct word *w)
{
	struct redis_bus *rb = (struct redis_bus *)b;

	buf_reset(&rb->channel);
	codec_word_channel(&rb->channel, rb->url.prefix, w);
	buf_putc(&rb->channel, '\0');
	if (buf_failed(&rb->channel))
		bug("out of memory");
	switch (w->kind) {
	case WORD_OPS:
	case WORD_HEAD:
	case WORD_PRESENCE:
		say_something(rb, rb->channel.data, w);
		break;
	case WORD_FOLLOW:
		follow(rb, rb->channel.data);
		break;
	case WORD_UNFOLLOW:
		unfollow(rb, rb->channel.data);
		break;
	case WORD_FOLLOWED:
	case WORD_BACK:
		bug("a word that is heard, never said");
	}
	word_free(w);
}

static void
redis_flush(struct bus *b)
{
	struct redis_bus *rb = (struct redis_bus *)b;

	redis_link_flush(&rb->pub);
	redis_link_flush(&rb->sub);
}

/* ---- connecting ---- */

/* One of the connections stands; with the other one we can follow. */
static void
on_ready(void *arg)
{
	struct redis_bus *rb = arg;
	/* Confirmed in this order: on our own, we are on the other too. */
	const char *argv[] = { "SUBSCRIBE", rb->all, rb->own };
	size_t len[] = { strlen(argv[0]), strlen(rb->all), strlen(rb->own) };

	if (!rb->pub.ready || !rb->sub.ready)
		return;
	set_state(rb, FOLLOWING);
	(void)redisAsyncCommandArgv(rb->sub.ac, on_subscribed, NULL, 3, argv,
	    len);
	follow_some(rb);
}

static void
on_looked_up(const struct addresses *found, void *arg)
{
	struct redis_bus *rb = arg;
	unsigned i;

	rb->lookup = NULL;
	if (found == NULL)
		return;		/* the old ones may come back */
	addresses_done(&rb->addresses);
	for (i = 0; i < found->n; i++)
		rb->addresses.text[i] = mem_copy(found->text[i],
		    strlen(found->text[i]));
	rb->addresses.n = found->n;
}

static void
on_retry(void *arg)
{
	struct redis_bus *rb = arg;
	const char *address =
	    rb->addresses.text[rb->attempts % rb->addresses.n];
	uint64_t now_ms = loop_now_ms(rb->loop);

	if (!breaker_try(&rb->breaker, now_ms)) {	/* a timer may be early */
		loop_timer_start(rb->retry, breaker_wait_ms(&rb->breaker,
		    now_ms));
		return;
	}
	/* All were tried in vain: has it moved? */
	if (rb->attempts > 0 && rb->attempts % rb->addresses.n == 0 &&
	    rb->lookup == NULL)
		rb->lookup = lookup_start(rb->loop, rb->url.host, on_looked_up,
		    rb);
	set_state(rb, CONNECTING);
	redis_link_start(&rb->pub, address, rb->loop);
	if (rb->state == CONNECTING)	/* the first was not lost at once */
		redis_link_start(&rb->sub, address, rb->loop);
}

static void
on_pulse(void *arg)
{
	struct redis_bus *rb = arg;
	uint64_t quiet_ms = loop_now_ms(rb->loop) - rb->alive_ms;

	if (rb->state == CONNECTING && quiet_ms >= rb->times.connect_ms) {
		lose(rb, "no connection in time");
		return;
	}
	if (rb->state != CONNECTING && quiet_ms >= rb->times.silent_ms) {
		lose(rb, "it is silent");
		return;
	}
	if (rb->own_on)
		(void)publish(rb, rb->own, "", 0);
	if (rb->owes && rb->state == UP)	/* dropped for other reasons */
		tell_all(rb);
	loop_timer_start(rb->pulse, rb->times.heartbeat_ms);
}

/* ---- opening and closing ---- */

static void
redis_health(const struct bus *b, struct bus_health *out)
{
	const struct redis_bus *rb = (const struct redis_bus *)b;

	*out = rb->counts;
	out->breaker = breaker_count(&rb->breaker);
}

static void
redis_close(struct bus *b)
{
	struct redis_bus *rb = (struct redis_bus *)b;

	redis_link_drop(&rb->pub);
	redis_link_drop(&rb->sub);
	lookup_cancel(rb->lookup);
	loop_timer_free(rb->retry);
	loop_timer_free(rb->pulse);
	followed_done(&rb->followed);
	bus_forget_heard(b);
	buf_done(&rb->payload);
	buf_done(&rb->channel);
	addresses_done(&rb->addresses);
	redis_url_done(&rb->url);
	free(rb->own);
	free(rb->all);
	free(rb);
}

static const struct bus_ops redis_ops = {
	"redis", redis_say, redis_flush, redis_health, redis_close
};

struct bus *
redis_bus_open(const char *url, struct loop *loop,
    const struct redis_bus_times *times, char *why, size_t why_len)
{
	struct redis_bus *rb = mem_get(sizeof(*rb));
	uint64_t random[2];
	char name[128];

	rb->bus.ops = &redis_ops;
	rb->loop = loop;
	rb->times = times != NULL ? *times : usual_times;
	rb->pub = rb->sub = (struct redis_link){
		.owner = rb, .on_ready = on_ready, .on_lost = lose,
		.url = &rb->url,
	};
	list_init(&rb->bus.heard);
	followed_init(&rb->followed);
	buf_init(&rb->payload, UNSENT_MAX);
	buf_init(&rb->channel, SIZE_MAX);
	rb->retry = loop_timer_new(loop, on_retry, rb);
	rb->pulse = loop_timer_new(loop, on_pulse, rb);
	if (redis_url_parse(url, &rb->url, why, why_len) != 0 ||
	    !resolve(rb->url.host, &rb->addresses, why, why_len))
		goto fail;
	/* me names us among all processes on this Redis. */
	if (getrandom(random, sizeof(random), 0) != sizeof(random)) {
		snprintf(why, why_len, "the system gave no random bytes");
		goto fail;
	}
	rb->me = random[0];
	/* Who ran in our place may have died before it had said all. */
	rb->owes = true;
	breaker_init(&rb->breaker, &(struct breaker_settings){
	    .failures = 1, .first_ms = rb->times.pause_min_ms,
	    .most_ms = rb->times.pause_max_ms }, random[1]);
	snprintf(name, sizeof(name), "%s:own:%016llx", rb->url.prefix,
	    (unsigned long long)rb->me);
	rb->own = mem_copy(name, strlen(name));
	snprintf(name, sizeof(name), "%s:all", rb->url.prefix);
	rb->all = mem_copy(name, strlen(name));
	loop_timer_start(rb->retry, 0);
	return &rb->bus;
fail:
	redis_close(&rb->bus);
	return NULL;
}
