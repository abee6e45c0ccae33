/*
 * text: a long text that short pieces are put into: what a document should
 * be, made without the kernel, which is on trial itself.
 *
 * An array of blocks of bytes.  An insert walks the blocks, so it costs by
 * their number: 10 MB are some hundreds.
 */
#ifndef LOAD_TEXT_H
#define LOAD_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct text_block;

/* All zero is empty. */
struct text {
	struct text_block	*blocks;
	size_t			 n;
	size_t			 cap;
	size_t			 len;	/* bytes of all */
};

void	text_done(struct text *t);	/* it is empty then */
/* False, and nothing happens: pos is past the end. */
bool	text_insert(struct text *t, size_t pos, const char *bytes, size_t len);
bool	text_is(const struct text *t, const char *bytes, size_t len);

#endif
