#include "bench/load/wire.h"

#include <stdbool.h>
#include <string.h>

#define FIN		0x80
#define RESERVED	0x70
#define MASKED		0x80
#define HEAD_MAX	16384		/* bytes of an answer to the request */

/* A key and what it must be answered with: the example of section 1.3. */
static const char key[] = "dGhlIHNhbXBsZSBub25jZQ==";
static const char accept[] = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

enum wire_result
wire_read(const char *bytes, size_t len_bytes, struct wire_frame *frame_out,
    size_t *size_out)
{
	const unsigned char *p = (const unsigned char *)bytes;
	size_t head = 2;
	uint64_t len;

	*size_out = head;
	if (len_bytes < head)
		return WIRE_MORE;
	len = p[1];
	if (!(p[0] & FIN) || (p[0] & RESERVED) || (len & MASKED))
		return WIRE_FAULT;
	if (len >= 126) {
		head = len == 126 ? 4 : 10;
		*size_out = head;
		if (len_bytes < head)
			return WIRE_MORE;
		len = 0;
		for (size_t i = 2; i < head; i++)
			len = len << 8 | p[i];
	}
	if (len > SIZE_MAX / 2)
		return WIRE_FAULT;
	*size_out = head + (size_t)len;
	if (len_bytes < *size_out)
		return WIRE_MORE;
	switch (p[0] & 0x0f) {
	case WIRE_TEXT:
	case WIRE_CLOSE:
	case WIRE_PING:
	case WIRE_PONG:
		frame_out->opcode = (enum wire_opcode)(p[0] & 0x0f);
		frame_out->payload = bytes + head;
		frame_out->len = (size_t)len;
		return WIRE_FRAME;
	default:
		return WIRE_FAULT;
	}
}

/* Eight bytes at a time; the key's four bytes repeat in them. */
static void
mask(char *to, const char *from, size_t len, uint32_t with)
{
	uint64_t twice, word;
	size_t i = 0;

	memcpy(&twice, &with, sizeof(with));
	memcpy((char *)&twice + sizeof(with), &with, sizeof(with));
	for (; len - i >= sizeof(word); i += sizeof(word)) {
		memcpy(&word, from + i, sizeof(word));
		word ^= twice;
		memcpy(to + i, &word, sizeof(word));
	}
	for (; i < len; i++)
		to[i] = (char)(from[i] ^ ((const char *)&with)[i % sizeof(with)]);
}

void
wire_write(struct buf *b, enum wire_opcode opcode, const char *payload,
    size_t len_bytes, uint32_t mask_key)
{
	unsigned char head[14];
	size_t n = 0;
	char *to;

	head[n++] = (unsigned char)(FIN | opcode);
	if (len_bytes < 126) {
		head[n++] = (unsigned char)(MASKED | len_bytes);
	} else {
		unsigned width = len_bytes <= UINT16_MAX ? 2 : 8;

		head[n++] = (unsigned char)(MASKED | (width == 2 ? 126 : 127));
		while (width-- > 0)
			head[n++] = (unsigned char)((uint64_t)len_bytes >> 8 * width);
	}
	memcpy(head + n, &mask_key, sizeof(mask_key));
	n += sizeof(mask_key);
	buf_put(b, head, n);
	if ((to = buf_room(b, len_bytes)) != NULL) {
		mask(to, payload, len_bytes, mask_key);
		b->len += len_bytes;
	}
}

void
wire_ask(struct buf *b, const char *host, const char *path)
{
	buf_puts(b, "GET ");
	buf_puts(b, path);
	buf_puts(b, " HTTP/1.1\r\nHost: ");
	buf_puts(b, host);
	buf_puts(b, "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
	    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ");
	buf_puts(b, key);
	buf_puts(b, "\r\n\r\n");
}

enum wire_result
wire_agreed(const char *bytes, size_t len_bytes, size_t *size_out)
{
	static const char status[] = "HTTP/1.1 101 ";
	const char *end = memmem(bytes, len_bytes, "\r\n\r\n", 4);

	if (end == NULL)
		return len_bytes < HEAD_MAX ? WIRE_MORE : WIRE_FAULT;
	*size_out = (size_t)(end - bytes) + 4;
	if (*size_out < sizeof(status) ||
	    memcmp(bytes, status, sizeof(status) - 1) != 0)
		return WIRE_FAULT;
	return memmem(bytes, *size_out, accept, sizeof(accept) - 1) != NULL ?
	    WIRE_FRAME : WIRE_FAULT;
}
