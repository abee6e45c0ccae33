/*
 * symbols: equal things get equal numbers, so that ot/diff/seq.h can compare
 * them.  Things are stretches of text, or values of JSON.
 */
#ifndef OT_DIFF_SYMBOLS_H
#define OT_DIFF_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ot/json_value.h"
#include "ot/ot_err.h"

struct symbol {
	uint64_t		 hash;
	const char		*text;	/* borrowed; NULL: a value */
	size_t			 len;	/* bytes */
	const struct json	*value;	/* borrowed; NULL: text */
};

struct symbols {
	struct symbol		*symbol;	/* n of them, by number */
	size_t			 n, room;
	uint32_t		*index;		/* number + 1; 0: free */
	size_t			 buckets;	/* a power of two */
	size_t			*steps;		/* for looking; see diff_symbol */
	bool			 failed;	/* out of memory; sticky */
};

void	 diff_symbols_init(struct symbols *s, size_t *steps);
void	 diff_symbols_done(struct symbols *s);
/*
 * The number of a thing, 0 up.  Where steps have run out, a number of its own,
 * as if it were like nothing else; bad hashes cost no more than that.  0 when
 * failed.
 */
uint32_t diff_symbol(struct symbols *s, const struct symbol *thing);

uint64_t diff_hash_bytes(uint64_t seed, const char *bytes, size_t len_bytes);

/* Hashes of values, equal for equal ones; each container is walked once. */
struct hashes {
	struct hashed {
		const struct json	*v;	/* NULL: free */
		uint64_t		 hash;
	}			*entry;
	size_t			 n, buckets;
	bool			 failed;
};

void	 diff_hashes_init(struct hashes *h);
void	 diff_hashes_done(struct hashes *h);
/* v must stay; JSON as deep as JSON_DEPTH_MAX.  Anything when failed. */
uint64_t diff_hash(struct hashes *h, const struct json *v);

#endif
