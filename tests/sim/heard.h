/*
 * heard: a server's message, as a client reads it.
 */
#ifndef TESTS_SIM_HEARD_H
#define TESTS_SIM_HEARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ot/json.h"

struct heard {
	char		 a[8], d[16], ch[8], src[16], code[64];	/* "" absent */
	bool		 has_v;
	uint64_t	 v, seq, id, pv;	/* id: 0 for what is no number */
	struct json_slice op, create, del, data, p;
	struct json_slice b_first;	/* of a list in "b" */
	bool		 is_error;
};

/* The id of a question for a version of a document, or for that or newer. */
#define HISTORY_ID(v, doc, or_newer)	((((v) * 8 + (doc)) * 2 + (or_newer)) + 1)

/* A snapshot, as in "data" or one member of a bulk's. */
struct heard_snapshot {
	uint64_t	 v;
	bool		 is_error;
	bool		 is_there;	/* there is a document */
	char		 type[64];	/* "" for the default */
	struct json_slice data;
};

/* What is not JSON, or lacks what every message has, is a bug. */
void	heard_read(const char *text, size_t len, struct heard *h);
void	heard_snapshot_read(const struct json_slice *s,
	    struct heard_snapshot *snap);
/* Is it an op for readers (no acknowledgement, no refusal)? */
bool	heard_is_op(const struct heard *h);
/* The string of a slice, cut to fit. */
void	slice_string(const struct json_slice *s, char *to, size_t size);

#endif
