/*
 * frame: sealed bytes ready for a socket.
 *
 *	| headroom | WebSocket header | payload ... |
 *	           ^ wire             ^ payload
 *
 * One unfragmented, unmasked text frame (RFC 6455, section 5.2), made once and
 * shared by every reader.  Immutable and counted: each outbox that holds it
 * has a count, the last one to let go frees it.  One thread, plain counts.
 * The headroom is what libwebsockets may scribble on before the bytes it is
 * given to write.
 */
#ifndef BASE_FRAME_H
#define BASE_FRAME_H

#include <stddef.h>
#include <stdint.h>

#define FRAME_HEADROOM	16	/* bytes; LWS_PRE fits, net/ws.c asserts it */

struct frame {
	uint32_t	refs;
	uint8_t		header_len;	/* bytes of WebSocket header: 2, 4 or 10 */
	size_t		wire_len;	/* header and payload, bytes */
	char		*wire;		/* into this very allocation */
};

/* A frame around a copy of payload; the caller holds the one count. */
struct frame	*frame_new(const char *payload, size_t len_bytes);
struct frame	*frame_ref(struct frame *f);
void		 frame_unref(struct frame *f);		/* NULL is fine */

static inline const char *
frame_payload(const struct frame *f)
{
	return f->wire + f->header_len;
}

static inline size_t
frame_payload_len(const struct frame *f)
{
	return f->wire_len - f->header_len;
}

#endif
