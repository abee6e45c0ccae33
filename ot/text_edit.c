#include "ot/text_edit.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static const struct slice no_text = { NULL, { { 0, 0, 0 } }, 0, 0 };

/* ---- drafts ---- */

void
text_draft_init(struct text_draft *d, enum rope_unit unit)
{
	d->unit = unit;
	d->failed = false;
	d->n = 0;
	d->open = 0;
	d->room = TEXT_DRAFT_SMALL;
	d->piece = d->small;
}

void
text_draft_done(struct text_draft *d)
{
	if (d->piece != d->small)
		free(d->piece);
	text_draft_init(d, d->unit);
}

static bool
draft_grow(struct text_draft *d)
{
	struct text_chunk *piece;
	uint32_t room = d->room * 2;

	if (d->failed || room < d->room)
		return false;
	piece = realloc(d->piece == d->small ? NULL : d->piece,
	    room * sizeof(*piece));
	if (piece == NULL) {
		d->failed = true;
		return false;
	}
	if (d->piece == d->small)
		memcpy(piece, d->small, sizeof(d->small));
	d->piece = piece;
	d->room = room;
	return true;
}

static void
draft_add(struct text_draft *d, const struct text_chunk *chunk, bool more)
{
	if (d->n == d->room && !draft_grow(d))
		return;
	if (!more)
		d->open = d->n;
	if (chunk != &d->piece[d->n])
		d->piece[d->n] = *chunk;
	d->piece[d->n++].more = more;
}

struct text_chunk *
text_draft_slot(struct text_draft *d)
{
	if (d->n == d->room && !draft_grow(d))
		return &d->scrap;
	return &d->piece[d->n];
}

static struct text_chunk
chunk_of(const struct text_part *part)
{
	return (struct text_chunk){
		part->kind, false, part->len, { part->text, part->size, 0, 0 }
	};
}

void
text_draft_put(struct text_draft *d, const struct text_part *part)
{
	struct text_chunk chunk = chunk_of(part);

	draft_add(d, &chunk, false);
}

/* Two deletes, of which at least one does not know its text. */
static void
forget_text(struct text_draft *d, uint64_t len)
{
	uint32_t i;

	for (i = d->open; i < d->n; i++)
		len += d->piece[i].len;
	d->n = d->open + 1;
	d->piece[d->open].len = len;
	d->piece[d->open].slice = no_text;
}

void
text_draft_append(struct text_draft *d, const struct text_chunk *chunk)
{
	struct text_chunk *last;

	if (chunk->len == 0)
		return;
	last = d->n > 0 ? &d->piece[d->open] : NULL;
	if (last == NULL || last->kind != chunk->kind)
		draft_add(d, chunk, false);
	else if (chunk->kind == TEXT_SKIP)
		last->len += chunk->len;
	else if (chunk->kind == TEXT_INSERT || (chunk->slice.text != NULL &&
	    last->slice.text != NULL))
		draft_add(d, chunk, true);
	else
		forget_text(d, chunk->len);
}

void
text_draft_append_part(struct text_draft *d, const struct text_part *part)
{
	struct text_chunk chunk = chunk_of(part);

	text_draft_append(d, &chunk);
}

void
text_draft_append_len(struct text_draft *d, enum text_kind kind, uint64_t len)
{
	struct text_chunk chunk = { kind, false, len, no_text };

	text_draft_append(d, &chunk);
}

void
text_draft_trim(struct text_draft *d)
{
	if (d->n > 0 && d->piece[d->n - 1].kind == TEXT_SKIP)
		d->n--;
}

/* Copy the pieces from *i on that make one part; returns the end of its text. */
static char *
copy_part(const struct text_draft *d, uint32_t *i, struct text_part *part,
    char *text)
{
	const struct text_chunk *p = &d->piece[*i];
	char *end = text;

	part->kind = p->kind;
	part->len = 0;
	part->text = p->slice.text != NULL ? text : NULL;
	part->size = p->slice.size;
	do {
		part->len += p->len;
		if (p->slice.text != NULL)
			end = slice_put(&p->slice, text, end);
		p = &d->piece[++*i];
	} while (*i < d->n && p->more);
	if ((size_t)(end - text) != part->size.of[ROPE_BYTES])
		part->size = rope_measure(text, (size_t)(end - text));
	return end;
}

struct ot_edit *
text_draft_finish(struct text_draft *d)
{
	struct text_edit *edit = NULL;
	size_t bytes = 0;
	uint32_t i, n = 0;
	char *text;

	for (i = 0; i < d->n; i++) {
		n += !d->piece[i].more;
		bytes += slice_bytes(&d->piece[i].slice);
	}
	if (!d->failed)
		edit = malloc(sizeof(*edit) + n * sizeof(edit->part[0]) +
		    bytes);
	if (edit != NULL) {
		edit->unit = d->unit;
		edit->n = n;
		text = (char *)&edit->part[n];
		for (i = 0, n = 0; i < d->n; n++)
			text = copy_part(d, &i, &edit->part[n], text);
	}
	text_draft_done(d);
	return (struct ot_edit *)edit;
}
