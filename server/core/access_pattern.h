/*
 * access_pattern: names with holes, as rules write them.
 *
 *	"{claims.team}-*"  --parse--> pattern --fill--> filled --match--> a name
 *	                                   principal --^    '--put---> a filter
 *
 * A star stands for any bytes, none included, slashes too.  {sub} is the
 * principal's subject and {claims.PATH} one of its claims, taken literally: a
 * star in it is a star.  {*}, {{} and {}} are these characters themselves.
 */
#ifndef CORE_ACCESS_PATTERN_H
#define CORE_ACCESS_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#include "core/principal.h"
#include "ot/buf.h"
#include "ot/ot_err.h"

#define ACCESS_PATTERN_MAX	400	/* bytes of one, as it is written */
#define ACCESS_PARTS_MAX	16	/* texts, stars and holes in it */
/*
 * Bytes of one that is filled; so that each of them becomes a regular
 * expression that is not too long (REGEX_PATTERN_MAX).
 */
#define ACCESS_FILLED_MAX	450

struct access_pattern;

enum access_fill {
	FILL_DONE,
	FILL_ABSENT,	/* the principal has no such claim, or is nobody */
	FILL_UNFIT,	/* it has, but that cannot stand in a name, or is too long */
};

/* A piece of a filled pattern; borrowed. */
struct access_piece {
	const char	*text;		/* NULL: a star */
	size_t		 len;		/* bytes */
};

struct access_filled {
	struct access_piece	pieces[ACCESS_PARTS_MAX];
	size_t			n;
	char			rooms[ACCESS_PARTS_MAX][PRINCIPAL_ROOM];
};

/* 0, or OT_EBADLY or OT_ELIMIT with what is wrong in err->text. */
int		 access_pattern_parse(const char *text, size_t len_bytes,
		    struct access_pattern **pattern_out, struct ot_err *err)
		    OT_MUST_CHECK;
void		 access_pattern_free(struct access_pattern *p);	/* NULL is fine */

/* Is it "*": does it fit every name whoever asks? */
bool		 access_pattern_is_all(const struct access_pattern *p);
/* Might it fit the name for somebody? */
bool		 access_pattern_may_fit(const struct access_pattern *p,
		    const char *name);

/*
 * Fill the holes; *out is valid as long as pattern and principal, and must
 * not be moved.  No allocation.
 */
enum access_fill access_pattern_fill(const struct access_pattern *p,
		    const struct principal *who, struct access_filled *out);
/* Does the name fit?  O(name times pattern). */
bool		 access_filled_fits(const struct access_filled *f,
		    const char *name);
/* Append {"_id":...}, in the filter language: ids that fit. */
void		 access_filled_put(const struct access_filled *f,
		    struct buf *out);

#endif
