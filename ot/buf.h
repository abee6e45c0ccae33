/*
 * buf: growable bytes with a ceiling.
 *
 * Appending never returns an error: a buffer that ran out of memory or over
 * its ceiling remembers so and ignores what follows; ask buf_failed() once at
 * the end.  The bytes may hold NUL and are not terminated.
 */
#ifndef OT_BUF_H
#define OT_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
	char	*data;		/* heap; NULL while empty */
	size_t	 len;		/* bytes in use */
	size_t	 cap;		/* bytes allocated */
	size_t	 max;		/* ceiling for len; SIZE_MAX: none */
	bool	 failed;	/* sticky: out of memory or over max */
};

#define BUF_INIT	{ NULL, 0, 0, SIZE_MAX, false }

void	 buf_init(struct buf *b, size_t max_bytes);
/* Free the bytes; b is as after buf_init with the same ceiling. */
void	 buf_done(struct buf *b);
/* Forget the content and the failure, keep the allocation. */
void	 buf_reset(struct buf *b);

void	 buf_put(struct buf *b, const void *bytes, size_t len_bytes);
void	 buf_puts(struct buf *b, const char *cstr);
void	 buf_putc(struct buf *b, char c);
void	 buf_put_u64(struct buf *b, uint64_t n);	/* in decimal */
/* Room for n more bytes; returns where to write, or NULL (then failed). */
char	*buf_room(struct buf *b, size_t n);

bool	 buf_failed(const struct buf *b);
/*
 * Move the bytes out: the caller frees them with free().  NULL when failed or
 * empty; *len_out is set either way.  b is empty afterwards.
 */
char	*buf_take(struct buf *b, size_t *len_out);

#endif
