#include "ot/rope_node.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "ot/utf.h"

void *
rope_node_ref(void *node)
{
	uint32_t *refs = node;

	++*refs;
	return node;
}

struct rope_leaf *
rope_leaf_new(uint32_t room_bytes)
{
	struct rope_leaf *leaf;

	if ((leaf = malloc(sizeof(*leaf) + room_bytes)) == NULL)
		return NULL;
	leaf->refs = 1;
	leaf->room = room_bytes;
	leaf->size = (struct rope_size){ { 0, 0, 0 } };
	return leaf;
}

struct rope_inner *
rope_inner_new(void)
{
	struct rope_inner *in;

	if ((in = malloc(sizeof(*in))) == NULL)
		return NULL;
	in->refs = 1;
	in->n = 0;
	return in;
}

static struct rope_leaf *
leaf_copy(const struct rope_leaf *leaf, uint32_t room_bytes)
{
	struct rope_leaf *copy;

	if (room_bytes < leaf->room)
		room_bytes = leaf->room;
	if ((copy = rope_leaf_new(room_bytes)) == NULL)
		return NULL;
	copy->size = leaf->size;
	memcpy(copy->text, leaf->text, leaf->size.of[ROPE_BYTES]);
	return copy;
}

static struct rope_inner *
inner_copy(const struct rope_inner *in)
{
	struct rope_inner *copy;

	if ((copy = rope_inner_new()) == NULL)
		return NULL;
	rope_inner_absorb(copy, in, false);
	return copy;
}

void *
rope_node_copy(const void *node, unsigned height, uint32_t room_bytes)
{
	if (height > 0)
		return inner_copy(node);
	return leaf_copy(node, room_bytes);
}

void
rope_node_unref(void *node, unsigned height)
{
	struct rope_inner *in = node;
	uint32_t *refs = node;
	unsigned i;

	if (--*refs > 0)
		return;
	if (height > 0)
		for (i = 0; i < in->n; i++)
			rope_node_unref(in->child[i], height - 1);
	free(node);
}

uint32_t
rope_leaf_seek(const struct rope_leaf *leaf, enum rope_unit unit, size_t pos,
    bool *inside_out)
{
	uint32_t bytes = leaf->size.of[ROPE_BYTES];

	*inside_out = false;
	if (rope_size_ascii(leaf->size) || unit == ROPE_BYTES)
		return (uint32_t)pos;
	if (pos == leaf->size.of[unit])
		return bytes;
	if (unit == ROPE_CP)
		return (uint32_t)utf_seek_cp(leaf->text, bytes, pos);
	return (uint32_t)utf_seek_u16(leaf->text, bytes, pos, inside_out);
}

struct rope_size
rope_inner_total(const struct rope_inner *in)
{
	struct rope_size total = { { 0, 0, 0 } };
	unsigned i;

	for (i = 0; i < in->n; i++)
		rope_size_add(&total, rope_inner_get(in, i));
	return total;
}

/* Move count children within or between nodes; the places may overlap. */
static void
inner_move(struct rope_inner *to, unsigned to_at,
    const struct rope_inner *from, unsigned from_at, unsigned count)
{
	unsigned unit;

	for (unit = 0; unit < ROPE_UNITS; unit++)
		memmove(&to->of[unit][to_at], &from->of[unit][from_at],
		    count * sizeof(to->of[unit][0]));
	memmove(&to->child[to_at], &from->child[from_at],
	    count * sizeof(to->child[0]));
}

void
rope_inner_open(struct rope_inner *in, unsigned at)
{
	assert(in->n < ROPE_FANOUT && at <= in->n);
	inner_move(in, at + 1, in, at, in->n - at);
	in->n++;
}

void
rope_inner_close(struct rope_inner *in, unsigned at)
{
	assert(at < in->n);
	in->n--;
	inner_move(in, at, in, at + 1, in->n - at);
}

void
rope_inner_cut(struct rope_inner *in, unsigned at, struct rope_inner *to)
{
	assert(to->n == 0 && at <= in->n);
	to->n = in->n - at;
	inner_move(to, 0, in, at, to->n);
	in->n = at;
}

void
rope_inner_absorb(struct rope_inner *in, const struct rope_inner *from,
    bool in_front)
{
	unsigned i, at = in_front ? 0 : in->n;

	assert(in->n + from->n <= ROPE_FANOUT);
	inner_move(in, at + from->n, in, at, in->n - at);
	inner_move(in, at, from, 0, from->n);
	for (i = 0; i < from->n; i++)
		rope_node_ref(from->child[i]);
	in->n += from->n;
}

void
rope_leaf_absorb(struct rope_leaf *leaf, const struct rope_leaf *from,
    bool in_front)
{
	uint32_t bytes = leaf->size.of[ROPE_BYTES];
	uint32_t more = from->size.of[ROPE_BYTES];

	assert(bytes + more <= leaf->room);
	if (in_front)
		memmove(leaf->text + more, leaf->text, bytes);
	memcpy(leaf->text + (in_front ? 0 : bytes), from->text, more);
	rope_size_add(&leaf->size, from->size);
}
