/*
 * bus: opening by URL, and the bus within a process.
 *
 * Buses of one process that heard each other's words by pointer would share
 * ops, and with them what one of them parsed.  So a word is copied as the
 * codec would do it (word_copy).
 */
#include "bus/bus.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/loop.h"
#include "base/mem.h"
#include "bus/codec.h"
#include "bus/followed.h"
#include "bus/loss.h"
#include "bus/redis_bus.h"

struct local_bus {
	struct bus		 bus;
	struct list		 node;		/* local_buses */
	struct followed		 followed;
	struct loop_timer	*soon;		/* ends the loop's wait: words are here */
	unsigned long		 said, heard;
};

/* Every local bus of this process. */
static struct list local_buses = LIST_INIT(local_buses);

static void
local_wake(void *arg)
{
	(void)arg;		/* the turn looks at what was heard by itself */
}

static void
local_tell(struct local_bus *from, const char *channel, const struct word *w)
{
	struct list *n, *next;
	struct local_bus *to;
	struct word *copy;

	LIST_EACH(&local_buses, n, next) {
		to = LIST_ITEM(n, struct local_bus, node);
		if (to == from || followed_find(&to->followed, channel) == NULL)
			continue;
		copy = word_copy(w);
		list_push(&to->bus.heard, &copy->node);
		to->heard++;
		loop_timer_start(to->soon, 0);
	}
}

static void
local_say(struct bus *b, struct word *w)
{
	struct local_bus *lb = (struct local_bus *)b;
	struct channel *c;
	struct word *followed;
	struct buf name = BUF_INIT;

	codec_word_channel(&name, "", w);
	buf_putc(&name, '\0');
	if (buf_failed(&name))
		bug("out of memory");
	switch (w->kind) {
	case WORD_OPS:
	case WORD_HEAD:
	case WORD_PRESENCE:
		lb->said++;
		local_tell(lb, name.data, w);
		break;
	case WORD_FOLLOW:
		if (followed_find(&lb->followed, name.data) == NULL)
			(void)followed_add(&lb->followed, name.data);
		followed = codec_channel_word(WORD_FOLLOWED, "", name.data);
		list_push(&lb->bus.heard, &followed->node);
		loop_timer_start(lb->soon, 0);
		break;
	case WORD_UNFOLLOW:
		if ((c = followed_find(&lb->followed, name.data)) != NULL)
			followed_remove(&lb->followed, c);
		break;
	case WORD_FOLLOWED:
	case WORD_BACK:
		bug("a word that is heard, never said");
	}
	buf_done(&name);
	word_free(w);
}

static void
local_flush(struct bus *b)
{
	(void)b;		/* it was told at once */
}

static void
local_health(const struct bus *b, struct bus_health *out)
{
	const struct local_bus *lb = (const struct local_bus *)b;

	*out = (struct bus_health){
		.up = true, .said = lb->said, .heard = lb->heard
	};
}

static void
local_close(struct bus *b)
{
	struct local_bus *lb = (struct local_bus *)b;

	list_remove(&lb->node);
	followed_done(&lb->followed);
	loop_timer_free(lb->soon);
	bus_forget_heard(b);
	free(lb);
}

static const struct bus_ops local_ops = {
	"local", local_say, local_flush, local_health, local_close
};

static struct bus *
local_open(struct loop *loop)
{
	struct local_bus *lb = mem_get(sizeof(*lb));

	lb->bus.ops = &local_ops;
	list_init(&lb->bus.heard);
	followed_init(&lb->followed);
	lb->soon = loop_timer_new(loop, local_wake, NULL);
	list_push(&local_buses, &lb->node);
	return &lb->bus;
}

static struct bus *
open_real(const char *url, struct loop *loop, char *why, size_t why_len)
{
	if (strcmp(url, "local") == 0)
		return local_open(loop);
	if (strncmp(url, "redis://", strlen("redis://")) == 0)
		return redis_bus_open(url, loop, NULL, why, why_len);
	if (strncmp(url, "rediss://", strlen("rediss://")) == 0)
		snprintf(why, why_len, "Redis over TLS is not supported; "
		    "use redis:// through a tunnel or a private network");
	else
		snprintf(why, why_len, "a bus is \"local\" or redis://...");
	return NULL;
}

static struct bus *
open_lossy(const char *url, struct loop *loop, char *why, size_t why_len)
{
	struct bus *b;
	struct loss *loss;
	char *real = NULL;

	if ((loss = loss_new(url, &real, why, why_len)) == NULL)
		return NULL;
	if ((b = open_real(real, loop, why, why_len)) == NULL) {
		loss_free(loss);
	} else {
		b->loss = loss;
		log_line(LOG_WARN, "bus", "words are lost on purpose, which is "
		    "for tests");
	}
	free(real);
	return b;
}

struct bus *
bus_open(const char *url, struct loop *loop, char *why, size_t why_len)
{
	if (loss_is_asked(url))
		return open_lossy(url, loop, why, why_len);
	return open_real(url, loop, why, why_len);
}

struct word *
bus_next_heard(struct bus *b)
{
	struct list *n;

	if (b->loss != NULL)
		return loss_next(b->loss, &b->heard);
	n = list_shift(&b->heard);
	return n == NULL ? NULL : LIST_ITEM(n, struct word, node);
}

void
bus_forget_heard(struct bus *b)
{
	struct word *w;

	while ((w = bus_next_heard(b)) != NULL)
		word_free(w);
	loss_free(b->loss);
}
