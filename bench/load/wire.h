/*
 * wire: a WebSocket client's bytes, without a socket (RFC 6455).
 *
 * Whole messages only, one frame each, no extension: what otd and the ws
 * package send to a client that asks for nothing more.  A fragmented or
 * compressed message is a fault, and said so.
 *
 * Frames to the server are masked with one key, not zero, drawn once from the
 * seed.  A key of zero would be legal bits, but libwebsockets skips its work
 * for it, and no browser sends it: a server would look better than it is.  A
 * fresh key for each frame protects proxies (section 10.3); there are none on
 * loopback, and no server's work depends on it.
 */
#ifndef LOAD_WIRE_H
#define LOAD_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include "ot/buf.h"

enum wire_opcode {
	WIRE_TEXT = 1,
	WIRE_CLOSE = 8,
	WIRE_PING = 9,
	WIRE_PONG = 10,
};

struct wire_frame {
	enum wire_opcode	 opcode;
	const char		*payload;	/* in the bytes that were read */
	size_t			 len;		/* of the payload */
};

enum wire_result {
	WIRE_FRAME,	/* here is one */
	WIRE_MORE,	/* not all of it has come */
	WIRE_FAULT,	/* not what a server may send, or not to us */
};

/*
 * The frame that bytes begin with.  *size_out is how many bytes it takes,
 * header included: of WIRE_FRAME to go on behind it, of WIRE_MORE how many are
 * needed at least.
 */
enum wire_result wire_read(const char *bytes, size_t len_bytes,
    struct wire_frame *frame_out, size_t *size_out);
/* Append a frame, masked with key. */
void	wire_write(struct buf *b, enum wire_opcode opcode, const char *payload,
	    size_t len_bytes, uint32_t key);

/* Append the request to upgrade (section 4.1). */
void	wire_ask(struct buf *b, const char *host, const char *path);
/*
 * Has the server agreed?  WIRE_FRAME: yes, with *size_out bytes of head.
 * WIRE_MORE: the head is not whole.  WIRE_FAULT: it has not.
 */
enum wire_result wire_agreed(const char *bytes, size_t len_bytes,
    size_t *size_out);

#endif
