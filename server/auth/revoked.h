/*
 * revoked: every revocation that can still matter, in memory.
 */
#ifndef AUTH_REVOKED_H
#define AUTH_REVOKED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"
#include "base/table.h"
#include "core/principal.h"

struct revoked {
	struct table	 all;
	struct list	 order;
};

enum revoked_kind { REVOKED_TOKEN, REVOKED_SUBJECT };

void	revoked_init(struct revoked *r, uint64_t seed);
void	revoked_done(struct revoked *r);

/*
 * A token by its "jti", or a subject's tokens that were issued before a time
 * (seconds since 1970; 0: all); anew, the last word counts.  From expires_ms
 * (since 1970; 0: never) on it does not matter any more.
 */
void	revoked_put(struct revoked *r, enum revoked_kind kind,
	    const char *value, uint64_t before_s, int64_t expires_ms);
/* It is not revoked any more. */
void	revoked_drop(struct revoked *r, enum revoked_kind kind,
	    const char *value);
/* Drop what does not matter any more.  O(n). */
void	revoked_sweep(struct revoked *r, int64_t wall_ms);
bool	revoked_has(const struct revoked *r, const struct principal *who,
	    int64_t wall_ms);

#endif
