#include "base/frame.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* FIN and opcode 1: a whole text message (RFC 6455, section 5.2). */
#define WS_FIN_TEXT	0x81

/* The shortest form of the length, as section 5.2 demands. */
static uint8_t
header_put(unsigned char *h, uint64_t len_bytes)
{
	h[0] = WS_FIN_TEXT;
	if (len_bytes < 126) {
		h[1] = (unsigned char)len_bytes;
		return 2;
	}
	if (len_bytes <= UINT16_MAX) {
		h[1] = 126;
		h[2] = (unsigned char)(len_bytes >> 8);
		h[3] = (unsigned char)len_bytes;
		return 4;
	}
	h[1] = 127;
	for (int i = 0; i < 8; i++)
		h[2 + i] = (unsigned char)(len_bytes >> (56 - 8 * i));
	return 10;
}

struct frame *
frame_new(const char *payload, size_t len_bytes)
{
	unsigned char header[10];
	uint8_t header_len = header_put(header, len_bytes);
	struct frame *f;
	char *p;

	if (len_bytes > SIZE_MAX / 2)
		bug("frame: size out of range");
	p = mem_grow(NULL, 1,
	    sizeof(*f) + FRAME_HEADROOM + header_len + len_bytes);
	f = (struct frame *)(void *)p;
	f->refs = 1;
	f->header_len = header_len;
	f->wire_len = header_len + len_bytes;
	f->wire = p + sizeof(*f) + FRAME_HEADROOM;
	memset(p + sizeof(*f), 0, FRAME_HEADROOM);
	memcpy(f->wire, header, header_len);
	if (len_bytes != 0)
		memcpy(f->wire + header_len, payload, len_bytes);
	return f;
}

struct frame *
frame_ref(struct frame *f)
{
	f->refs++;
	return f;
}

void
frame_unref(struct frame *f)
{
	if (f == NULL)
		return;
	if (f->refs == 0)
		bug("frame: let go once too often");
	if (--f->refs == 0)
		free(f);
}
