#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "bench/load/wire.h"

/* RFC 6455, section 5.7: "Hello" unmasked, a ping, a masked pong's fellows. */
static void
reads_what_servers_send(void **state)
{
	static const struct {
		const char		*bytes;
		size_t			 len;
		enum wire_opcode	 opcode;
		const char		*payload;
	} rows[] = {
		{ "\x81\x05Hello", 7, WIRE_TEXT, "Hello" },
		{ "\x81\x00", 2, WIRE_TEXT, "" },
		{ "\x89\x05Hello", 7, WIRE_PING, "Hello" },
		{ "\x8a\x00", 2, WIRE_PONG, "" },
		{ "\x88\x02\x03\xe8", 4, WIRE_CLOSE, "\x03\xe8" },
	};
	struct wire_frame f;
	size_t size;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(wire_read(rows[i].bytes, rows[i].len, &f,
		    &size), WIRE_FRAME);
		assert_int_equal(size, rows[i].len);
		assert_int_equal(f.opcode, rows[i].opcode);
		assert_int_equal(f.len, strlen(rows[i].payload));
		assert_memory_equal(f.payload, rows[i].payload, f.len);
		/* and of any part of it, that there is more to come */
		for (size_t part = 0; part < rows[i].len; part++) {
			assert_int_equal(wire_read(rows[i].bytes, part, &f,
			    &size), WIRE_MORE);
			assert_true(size > part && size <= rows[i].len);
		}
	}
}

static void
refuses_what_was_not_asked_for(void **state)
{
	static const struct {
		const char	*bytes;
		size_t		 len;
	} rows[] = {
		{ "\x01\x05Hello", 7 },			/* a fragment */
		{ "\x80\x05Hello", 7 },			/* and its rest */
		{ "\x82\x05Hello", 7 },			/* binary */
		{ "\xc1\x05Hello", 7 },			/* compressed */
		{ "\x81\x85\0\0\0\0Hello", 11 },	/* masked */
		{ "\x81\x7f\xff\0\0\0\0\0\0\0", 10 },	/* endless */
	};
	struct wire_frame f;
	size_t size;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(wire_read(rows[i].bytes, rows[i].len, &f,
		    &size), WIRE_FAULT);
}

/* Unmask a frame of a client; the payload's place. */
static char *
unmasked(char *frame, size_t len, size_t head)
{
	for (size_t i = head; i < len; i++)
		frame[i] = (char)(frame[i] ^ frame[head - 4 + (i - head) % 4]);
	return frame + head;
}

/* Section 5.2 and 5.3, at the edges of the three forms of the length. */
static void
writes_masked_frames(void **state)
{
	static const struct { size_t len, head; } rows[] = {
		{ 0, 6 }, { 1, 6 }, { 7, 6 }, { 8, 6 }, { 125, 6 }, { 126, 8 },
		{ 65535, 8 }, { 65536, 14 }, { 100003, 14 },
	};
	char *payload = malloc(100003);

	(void)state;
	assert_non_null(payload);
	for (size_t i = 0; i < 100003; i++)
		payload[i] = (char)(i * 7 + i / 251);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf b = BUF_INIT;
		struct wire_frame f;
		size_t len = rows[i].len, head = rows[i].head, size;
		char *plain;

		wire_write(&b, WIRE_TEXT, payload, len, 0x9b01a3f7);
		assert_false(buf_failed(&b));
		assert_int_equal(b.len, head + len);
		assert_int_equal(b.data[1] & 0x80, 0x80);
		if (len > 4)
			assert_memory_not_equal(b.data + head, payload, len);
		assert_memory_equal(unmasked(b.data, b.len, head), payload, len);
		/* As a server would send it: without the bit and the key. */
		plain = malloc(b.len);
		assert_non_null(plain);
		memcpy(plain, b.data, head - 4);
		plain[1] &= 0x7f;
		memcpy(plain + head - 4, b.data + head, len);
		assert_int_equal(wire_read(plain, b.len - 4, &f, &size),
		    WIRE_FRAME);
		assert_int_equal(f.len, len);
		assert_int_equal(size, b.len - 4);
		free(plain);
		buf_done(&b);
	}
	free(payload);
}

/* Section 4.2.2 */
static void
knows_an_agreement(void **state)
{
	static const char yes[] = "HTTP/1.1 101 Switching Protocols\r\n"
	    "Upgrade: websocket\r\nConnection: Upgrade\r\n"
	    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
	static const char no[] = "HTTP/1.1 404 Not Found\r\n\r\n";
	static const char other[] = "HTTP/1.1 101 Switching Protocols\r\n"
	    "Sec-WebSocket-Accept: AAAALMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
	char more[sizeof(yes) + 2];
	size_t size;

	(void)state;
	assert_int_equal(wire_agreed(no, sizeof(no) - 1, &size), WIRE_FAULT);
	assert_int_equal(wire_agreed(other, sizeof(other) - 1, &size),
	    WIRE_FAULT);
	for (size_t part = 0; part < sizeof(yes) - 1; part++)
		assert_int_equal(wire_agreed(yes, part, &size), WIRE_MORE);
	/* A first frame may come with it. */
	memcpy(more, yes, sizeof(yes) - 1);
	memcpy(more + sizeof(yes) - 1, "\x81\x00", 2);
	assert_int_equal(wire_agreed(more, sizeof(yes) + 1, &size), WIRE_FRAME);
	assert_int_equal(size, sizeof(yes) - 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_servers_send),
		cmocka_unit_test(refuses_what_was_not_asked_for),
		cmocka_unit_test(writes_masked_frames),
		cmocka_unit_test(knows_an_agreement),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
