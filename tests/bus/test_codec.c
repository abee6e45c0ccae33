/*
 * codec: what is written is read again; anything else is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bus/codec.h"

#define SENDER	0x0102030405060708u

static struct word *
word_of(const char *collection, const char *id)
{
	return word_new(WORD_OPS, collection, id);
}

static void
add(struct word *w, enum op_kind kind, uint64_t v, const char *src,
    uint64_t seq, const char *body)
{
	struct op *op = op_new(kind, v, src, seq, body,
	    body == NULL ? 0 : strlen(body));

	assert_non_null(op);
	op_list_add(&w->ops, op);
}

/* A word with one op of each kind. */
static struct word *
sample(void)
{
	struct word *w = word_of("notes", "42");

	add(w, OP_CREATE, 7, "a-src", 1, "{\"type\":\"x\",\"data\":\"h\xc3\xa9\"}");
	add(w, OP_EDIT, 8, "", OP_NUMBER_MAX, "[]");
	add(w, OP_DELETE, 9, "b", 300, NULL);
	return w;
}

static void
assert_same(const struct word *a, const struct word *b)
{
	const struct op *x, *y;
	size_t i;

	assert_int_equal(a->kind, b->kind);
	assert_string_equal(a->collection, b->collection);
	assert_string_equal(a->id, b->id);
	assert_int_equal(a->ops.n, b->ops.n);
	assert_true(a->head_v == b->head_v);
	assert_int_equal(a->has_content, b->has_content);
	assert_true((a->type == NULL) == (b->type == NULL));
	if (a->type != NULL)
		assert_string_equal(a->type, b->type);
	assert_int_equal(a->len, b->len);
	assert_true((a->body == NULL) == (b->body == NULL));
	if (a->body != NULL)
		assert_memory_equal(a->body, b->body, a->len);
	for (i = 0; i < a->ops.n; i++) {
		x = a->ops.ops[i];
		y = b->ops.ops[i];
		assert_int_equal(x->kind, y->kind);
		assert_true(x->v == y->v && x->seq == y->seq);
		assert_string_equal(x->src, y->src);
		assert_int_equal(x->body_len, y->body_len);
		assert_true((x->body == NULL) == (y->body == NULL));
		if (x->body != NULL)
			assert_memory_equal(x->body, y->body, x->body_len);
	}
}

static void
there_and_back(struct word *w)
{
	struct buf b = BUF_INIT;
	struct word *got;
	uint64_t sender = 0;

	codec_write(&b, SENDER, w);
	assert_false(buf_failed(&b));
	assert_true(codec_sender(b.data, b.len, &sender));
	assert_true(sender == SENDER);
	got = codec_read(b.data, b.len);
	assert_non_null(got);
	assert_same(w, got);
	word_free(got);
	word_free(w);
	buf_done(&b);
}

static void
test_round_trip(void **state)
{
	struct word *w;
	char long_name[1000];
	uint64_t v;

	(void)state;
	there_and_back(sample());

	w = sample();
	word_set_content(w, "http://type", "{}", 2);
	there_and_back(w);
	w = sample();
	word_set_content(w, "http://type", NULL, 0);
	there_and_back(w);
	w = sample();
	word_set_content(w, NULL, NULL, 0);
	there_and_back(w);

	w = word_of("", "");
	add(w, OP_EDIT, 0, "", 0, "");
	there_and_back(w);

	w = word_new(WORD_HEAD, "notes", "42");
	w->head_v = OP_NUMBER_MAX;
	there_and_back(w);

	memset(long_name, 'n', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	w = word_of(long_name, "\xed\xa0\x80 a lone surrogate");
	for (v = OP_NUMBER_MAX - 200; v < OP_NUMBER_MAX; v++)
		add(w, OP_EDIT, v, long_name, v, long_name);
	there_and_back(w);
}

/* No part of a message is a message, and nothing may follow one. */
static void
cut_and_longer(struct word *w)
{
	struct buf b = BUF_INIT;
	char *exact;
	size_t len;

	codec_write(&b, SENDER, w);
	for (len = 0; len < b.len; len++) {
		/* An allocation of this very size: ASan sees a step over it. */
		exact = malloc(len + 1);
		memcpy(exact, b.data, len);
		exact = realloc(exact, len > 0 ? len : 1);
		assert_null(codec_read(exact, len));
		free(exact);
	}
	buf_putc(&b, '\0');
	assert_null(codec_read(b.data, b.len));
	buf_done(&b);
	word_free(w);
}

static void
test_cut_and_longer(void **state)
{
	struct word *w = sample();

	(void)state;
	cut_and_longer(w);
	w = sample();
	word_set_content(w, "http://type", "{}", 2);
	cut_and_longer(w);
}

/* Each refusal by itself: the bytes after format and sender. */
static void
test_refused(void **state)
{
#define ROW(what, bytes)	{ what, bytes, sizeof(bytes) - 1 }
#define BIG	"\xff\xff\xff\xff\xff\xff\xff"		/* 2^49 - 1 and on */
	static const struct {
		const char *what, *bytes;
		size_t len;
	} rows[] = {
		ROW("no ops, and more", "\1c\1i" "\5" "\0\0"),
		ROW("more ops than bytes", "\1c\1i" "\5" "\2" "\0\1\1s\1"),
		ROW("ops without end", "\1c\1i" "\5" BIG "\x0f" "\0\1\1s\1"),
		ROW("v over 2^53", "\1c\1i" BIG "\x1f" "\1" "\0\1\1s\1"),
		ROW("v + n over 2^53", "\1c\1i" BIG "\x0f" "\1" "\0\1\1s\1"),
		ROW("a number longer than need be",
		    "\1c\1i" "\x85\0" "\1" "\0\1\1s\1"),
		ROW("a number without end",
		    "\1c\1i" BIG BIG "\1" "\0\1\1s\1"),
		ROW("NUL in the collection", "\2c\0\1i" "\5" "\1" "\0\1\1s\1"),
		ROW("NUL in src", "\1c\1i" "\5" "\1" "\0\1\2s\0\1"),
		ROW("unknown kind", "\1c\1i" "\5" "\1" "\3\1\1s\1"),
		ROW("negative kind", "\1c\1i" "\5" "\1" "\xff\1\1s\1"),
		ROW("edit without body", "\1c\1i" "\5" "\1" "\0\1\1s\0"),
		ROW("delete with body", "\1c\1i" "\5" "\1" "\2\1\1s\1"),
		ROW("body longer than the rest", "\1c\1i" "\5" "\1" "\0\1\1s\3x"),
		ROW("name longer than the rest", BIG "\x0f" "c\1i\5\1\0\1\1s\1"),
	};
	static const char good[] = "\1c\1i" "\5" "\1" "\0\1\1s\1";
	char bytes[64] = { CODEC_FORMAT };
	struct word *w;
	size_t i;

	(void)state;
	memcpy(bytes + 9, good, sizeof(good) - 1);
	w = codec_read(bytes, 9 + sizeof(good) - 1);
	assert_non_null(w);
	assert_true(w->ops.ops[0]->v == 5);
	word_free(w);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memcpy(bytes + 9, rows[i].bytes, rows[i].len);
		w = codec_read(bytes, 9 + rows[i].len);
		if (w != NULL)
			fail_msg("read: %s", rows[i].what);
	}
	bytes[0] = CODEC_FORMAT + 1;
	memcpy(bytes + 9, good, sizeof(good) - 1);
	assert_null(codec_read(bytes, 9 + sizeof(good) - 1));
}

/* Damaged bytes are refused or read; what is read is written the same. */
static void
test_damaged(void **state)
{
	struct word *w = sample(), *got;
	struct buf b = BUF_INIT, again = BUF_INIT;
	uint64_t dice = 88172645463325252u, sender = 0;
	unsigned round, read = 0;
	char *bytes;
	size_t len;
	int hits;

	(void)state;
	codec_write(&b, SENDER, w);
	for (round = 0; round < 20000; round++) {
		len = b.len;
		bytes = malloc(len);
		memcpy(bytes, b.data, len);
		for (hits = 1 + (int)(round % 3); hits > 0; hits--) {
			dice ^= dice << 13;
			dice ^= dice >> 7;
			dice ^= dice << 17;
			bytes[dice % len] ^= (char)(1 << (dice >> 32 & 7));
		}
		if ((got = codec_read(bytes, len)) != NULL) {
			read++;
			assert_true(codec_sender(bytes, len, &sender));
			buf_reset(&again);
			codec_write(&again, sender, got);
			assert_int_equal(again.len, len);
			assert_memory_equal(again.data, bytes, len);
			word_free(got);
		}
		free(bytes);
	}
	/* Both ways were walked. */
	assert_true(read > 0 && read < round);
	buf_done(&again);
	buf_done(&b);
	word_free(w);
}

static void
test_channel(void **state)
{
	struct buf b = BUF_INIT;
	struct word *w;

	(void)state;
	codec_channel(&b, "otd", "a/b", "c");
	buf_putc(&b, '\0');
	assert_string_equal(b.data, "otd:doc:3:a/b/c");
	buf_reset(&b);
	codec_channel(&b, "otd", "a", "b/c");
	buf_putc(&b, '\0');
	assert_string_equal(b.data, "otd:doc:1:a/b/c");
	/* A collection's cannot be that of a document. */
	buf_reset(&b);
	codec_channel(&b, "otd", "a:b", NULL);
	buf_putc(&b, '\0');
	assert_string_equal(b.data, "otd:col:a:b");
	w = codec_channel_word(WORD_FOLLOWED, "otd", b.data);
	assert_int_equal(w->kind, WORD_FOLLOWED);
	assert_string_equal(w->collection, "a:b");
	assert_null(w->id);
	word_free(w);
	buf_done(&b);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_cut_and_longer),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_channel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
