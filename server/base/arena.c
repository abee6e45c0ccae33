/*
 * Blocks in a chain, the newest at its head.  Only the head is bumped; what
 * is larger than a block would be gets a block of its own behind the head,
 * so that the room left in the head is not lost.
 */
#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define BLOCK_BYTES	2048	/* with its header */
#define FIRST_BYTES	512	/* the first one: most requests fit */

struct arena_block {
	struct arena_block	*next;	/* older */
	size_t			 used;	/* bytes of data handed out */
	size_t			 size;	/* bytes of data */
	alignas(max_align_t) char data[];
};

void
arena_init(struct arena *a)
{
	a->head = NULL;
	a->bytes = 0;
}

void
arena_done(struct arena *a)
{
	struct arena_block *block, *next;

	for (block = a->head; block != NULL; block = next) {
		next = block->next;
		free(block);
	}
	arena_init(a);
}

static struct arena_block *
block_new(size_t size)
{
	struct arena_block *block;

	if (size > SIZE_MAX - sizeof(*block))
		bug("arena: size out of range");
	block = mem_get(sizeof(*block) + size);
	block->size = size;
	return block;
}

void *
arena_get(struct arena *a, size_t len_bytes)
{
	const size_t align = alignof(max_align_t);
	struct arena_block *block = a->head;
	const size_t block_size = (block == NULL ? FIRST_BYTES : BLOCK_BYTES) -
	    sizeof(struct arena_block);
	size_t len;
	void *p;

	if (len_bytes > SIZE_MAX - align)
		bug("arena: size out of range");
	len = (len_bytes + align - 1) / align * align;
	if (block == NULL || len > block->size - block->used) {
		if (len <= block_size / 2 || a->head == NULL) {
			block = block_new(len > block_size ? len : block_size);
			block->next = a->head;
			a->head = block;
		} else {
			block = block_new(len);
			block->next = a->head->next;
			a->head->next = block;
		}
	}
	p = block->data + block->used;
	block->used += len;
	a->bytes += len;
	return p;
}

char *
arena_copy(struct arena *a, const char *bytes, size_t len_bytes)
{
	char *copy;

	if (len_bytes == SIZE_MAX)
		bug("arena: size out of range");
	copy = arena_get(a, len_bytes + 1);
	if (len_bytes != 0)
		memcpy(copy, bytes, len_bytes);
	return copy;
}
