/*
 * A client's message: taken, refused with an answer, or fatal; what is taken
 * keeps what message.h says.
 */
#include <string.h>

#include "fuzz/input.h"
#include "ot/json.h"
#include "ot/utf.h"
#include "proto/message.h"

static void
check_slice(const struct json_slice *s, const char *text, size_t len)
{
	if (s->kind == JSON_NONE)
		return;
	must(s->p >= text && s->len > 0 && s->len <= len &&
	    (size_t)(s->p - text) <= len - s->len, "a slice outside the text");
}

/* Of a refused message the whole may be a copy of what there was room for. */
static void
check_whole(const struct json_slice *s)
{
	struct json_reader r;
	struct ot_err err;

	must(s->kind == JSON_OBJECT, "a whole that is no object");
	json_reader_init(&r, s->p, s->len, &err);
	must(json_skip(&r, NULL) == 0 && json_finish(&r) == 0,
	    "a whole that is no JSON");
}

static void
check_name(const char *name)
{
	must(name == NULL || (strlen(name) <= NAME_MAX_BYTES &&
	    utf_is_utf8(name, strlen(name))), "a name that is none");
}

static void
check_message(const struct message *m, const char *text, size_t len)
{
	size_t i;

	must(m->action != ACTION_NONE, "taken without an action");
	check_slice(&m->whole, text, len);
	check_slice(&m->body, text, len);
	check_name(m->c);
	check_name(m->d);
	check_name(m->src);
	must(!m->has_v || m->v <= OP_NUMBER_MAX, "version");
	must(m->seq <= OP_NUMBER_MAX, "seq");
	for (i = 0; i < m->n_bulk; i++) {
		must(m->bulk[i].id != NULL, "a document without an id");
		check_name(m->bulk[i].id);
		must(m->bulk[i].v <= OP_NUMBER_MAX, "version in bulk");
		must(i == 0 || strcmp(m->bulk[i].id, m->bulk[i - 1].id) != 0,
		    "a document twice");
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	const char *text = (const char *)bytes;
	struct refusal refusal;
	struct message msg;
	struct arena arena;
	enum message_verdict verdict;

	arena_init(&arena);
	memset(&msg, 0, sizeof(msg));
	verdict = message_decode(text, len, JSON_DEPTH_MAX, &arena, &msg,
	    &refusal);
	if (verdict == MESSAGE_OK) {
		check_message(&msg, text, len);
	} else {
		must(strnlen(refusal.text, sizeof(refusal.text)) > 0 &&
		    memchr(refusal.text, '\0', sizeof(refusal.text)) != NULL,
		    "a refusal without words");
		must(refusal.code != NULL, "a refusal without a code");
	}
	if (verdict != MESSAGE_FATAL) {
		check_whole(&msg.whole);
		check_slice(&msg.a, text, len);
		check_slice(&msg.id, text, len);
		check_slice(&msg.c_raw, text, len);
		check_slice(&msg.d_raw, text, len);
		check_slice(&msg.b_raw, text, len);
	}
	arena_done(&arena);
	return 0;
}
