/*
 * arena: memory of one request, freed in one stroke.
 *
 * Aligned for any type.  Never returns NULL: running out of memory for what a
 * request needs ends the process (sizes that a client influences are limited
 * before they get here).
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

struct arena_block;
struct arena {
	struct arena_block	*head;	/* newest block; NULL while unused */
	size_t			 bytes;	/* handed out so far */
};

void	 arena_init(struct arena *a);
void	 arena_done(struct arena *a);
void	*arena_get(struct arena *a, size_t len_bytes);	/* zeroed */
/* A copy with a NUL after it. */
char	*arena_copy(struct arena *a, const char *bytes, size_t len_bytes);

#endif
