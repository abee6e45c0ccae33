/*
 * slice: a stretch of somebody's text, cut in UTF-16 units or code points.
 *
 * A cut between the halves of a pair leaves a lone surrogate on each side.
 * A slice only borrows, so it names such halves beside the whole code points
 * between them; slice_put writes them out and joins what meets.
 */
#ifndef OT_SLICE_H
#define OT_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ot/buf.h"
#include "ot/json.h"
#include "ot/rope.h"

/* Most bytes that the halves at both ends take. */
#define SLICE_MORE	6

struct slice {
	const char		*text;	/* whole code points, borrowed; NULL: no text */
	struct tree_size	 size;	/* of these */
	uint16_t		 low;	/* half of a pair before them; 0: none */
	uint16_t		 high;	/* half of a pair behind them; 0: none */
};

/* How far text is cut already. */
struct slice_place {
	uint32_t		 bytes;
	bool			 inside; /* between the halves of the pair there */
};

/*
 * Cut the next len of text, in the unit, off at the place, which moves on;
 * with rest, len is all that is left.
 */
struct slice slice_cut(struct slice_place *place, const char *text,
	    struct tree_size size, enum rope_unit unit, uint64_t len,
	    bool rest);
/*
 * The text of a checked JSON string as WTF-8: borrowed from the JSON itself
 * when that has no escapes, else put at the end of decoded, whose room of
 * room_bytes is taken at once, so that earlier results stay where they are.
 * All strings that go through one buf are from one text of room_bytes.
 */
int	 slice_of_json(const struct json_slice *json, struct buf *decoded,
	    size_t room_bytes, const char **text_out, size_t *len_bytes_out)
	    OT_MUST_CHECK;
/*
 * Append the slice to the text that began at start and ends at end; returns
 * the new end.  *size, of that text, grows along.  Writes at most the bytes
 * of the slice's text and SLICE_MORE.
 */
char	*slice_put(const struct slice *s, const char *start, char *end,
	    struct tree_size *size);

#endif
