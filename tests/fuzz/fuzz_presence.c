/*
 * Words about presence from other processes: whatever they say, the hub's
 * invariants hold, and what its clients are told is JSON.
 *
 * The input is words, each after its length in two bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "core/hub.h"
#include "core/presence_word.h"
#include "fuzz/input.h"
#include "ot/json.h"

#define CH	"ch"
#define WORDS	64
#define TICK_MS	60

static void
say(struct hub *h, struct session *ss, const char *text)
{
	hub_receive(h, ss, text, strlen(text));
}

static void
drain(struct hub *h, struct session *ss)
{
	struct json_reader r;
	struct ot_err err;
	struct frame *f;
	struct job *job;
	struct word *w;

	hub_work(h);
	while ((f = session_shift(ss)) != NULL) {
		json_reader_init(&r, frame_payload(f), frame_payload_len(f),
		    &err);
		must(json_skip(&r, NULL) == 0 && json_finish(&r) == 0,
		    "what a client is told is not JSON");
		frame_unref(f);
	}
	while ((w = hub_next_word(h)) != NULL)
		word_free(w);
	while ((job = hub_next_job(h)) != NULL) {
		job->err = ERR_STORE_BROKEN;
		hub_finish(h, job);
	}
	while (hub_next_ready(h) != NULL)
		;
	hub_check(h);
}

static void
hear(struct hub *h, const uint8_t *bytes, size_t len)
{
	char *topic = topic_of(CH);
	struct word *w = word_new_topic(WORD_PRESENCE, topic);

	free(topic);
	buf_put(&w->text, bytes, len);
	hub_hear(h, w);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct hub_limits limits;
	struct session *ss;
	struct hub *h;
	uint64_t now_ms = 0;
	size_t n, word;

	hub_limits_default(&limits);
	limits.shared_store = true;
	limits.presence_ttl_ms = 20 * TICK_MS;
	h = hub_new(&limits, 1);
	ss = hub_open(h, NULL, "me", NULL, 0);
	say(h, ss, "{\"a\":\"ps\",\"ch\":\"" CH "\",\"seq\":1}");
	say(h, ss, "{\"a\":\"p\",\"ch\":\"" CH "\",\"id\":\"i\",\"pv\":1,"
	    "\"p\":1}");
	drain(h, ss);
	for (n = 0; n < WORDS && len > 2; n++) {
		word = (size_t)bytes[0] << 8 | bytes[1];
		bytes += 2;
		len -= 2;
		if (word > len)
			word = len;
		hear(h, bytes, word);
		bytes += word;
		len -= word;
		now_ms += TICK_MS;
		hub_tick(h, now_ms);
		drain(h, ss);
	}
	/* All of them fall silent. */
	hub_tick(h, now_ms + 30 * TICK_MS);
	drain(h, ss);
	must(h->presence.n_sights == 0, "the dead are still seen");
	hub_leave(h, ss);
	hub_free(h);
	return 0;
}
