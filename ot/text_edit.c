#include "ot/text_edit.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "ot/rope.h"
#include "ot/utf.h"

static const struct tree_size nothing = { { 0, 0, 0 } };

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
	struct text_piece *piece;
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

static struct text_piece *
draft_piece(struct text_draft *d, const struct text_part *part, bool more)
{
	struct text_piece *p;

	if (d->n == d->room && !draft_grow(d))
		return NULL;
	if (!more)
		d->open = d->n;
	p = &d->piece[d->n++];
	p->part = *part;
	p->more = more;
	p->lone = 0;
	return p;
}

void
text_draft_put(struct text_draft *d, const struct text_part *part)
{
	draft_piece(d, part, false);
}

/* Two deletes, of which at least one does not know its text. */
static void
forget_text(struct text_draft *d, uint64_t len)
{
	uint32_t i;

	for (i = d->open; i < d->n; i++)
		len += d->piece[i].part.len;
	d->n = d->open + 1;
	d->piece[d->open].part = (struct text_part){
		TEXT_DELETE, nothing, len, NULL
	};
}

void
text_draft_append(struct text_draft *d, const struct text_part *part)
{
	struct text_part *last;

	if (part->len == 0)
		return;
	last = d->n > 0 ? &d->piece[d->open].part : NULL;
	if (last == NULL || last->kind != part->kind)
		draft_piece(d, part, false);
	else if (part->kind == TEXT_SKIP)
		last->len += part->len;
	else if (part->kind == TEXT_INSERT || (part->text != NULL &&
	    last->text != NULL))
		draft_piece(d, part, true);
	else
		forget_text(d, part->len);
}

void
text_draft_append_len(struct text_draft *d, enum text_kind kind, uint64_t len)
{
	struct text_part part = { kind, nothing, len, NULL };

	text_draft_append(d, &part);
}

static void
draft_append_lone(struct text_draft *d, enum text_kind kind, uint16_t lone)
{
	struct text_part part = { kind, { { 3, 1, 1 } }, 1, NULL };
	bool more = d->n > 0 && d->piece[d->open].part.kind == kind;
	struct text_piece *p;

	if ((p = draft_piece(d, &part, more)) != NULL)
		p->lone = lone;
}

void
text_draft_append_chunk(struct text_draft *d, const struct text_chunk *chunk)
{
	struct text_part part;

	if (chunk->low == 0 && chunk->high == 0) {
		text_draft_append(d, &chunk->part);
		return;
	}
	/* Only inserts of text are cut inside a pair. */
	assert(chunk->part.kind == TEXT_INSERT && d->unit == ROPE_U16);
	part = chunk->part;
	part.len = part.size.of[ROPE_U16];
	if (chunk->low != 0)
		draft_append_lone(d, TEXT_INSERT, chunk->low);
	text_draft_append(d, &part);
	if (chunk->high != 0)
		draft_append_lone(d, TEXT_INSERT, chunk->high);
}

void
text_draft_trim(struct text_draft *d)
{
	if (d->n > 0 && d->piece[d->n - 1].part.kind == TEXT_SKIP)
		d->n--;
}

/* Append the text of p at end, to what begins at start; returns the new end. */
static char *
copy_text(const struct text_piece *p, const char *start, char *end)
{
	const char *text = p->part.text;
	char lone[UTF_SEQUENCE_MAX];
	uint32_t high, low;
	size_t len = p->part.size.of[ROPE_BYTES], size;

	if (p->lone != 0) {
		utf_encode(p->lone, lone);
		text = lone;
	}
	if (utf_starts_low(text, len) &&
	    utf_ends_high(start, (size_t)(end - start))) {
		high = utf_decode(end - 3, &size);
		low = utf_decode(text, &size);
		end += utf_encode(utf_pair(high, low), end - 3) - 3;
		text += size;
		len -= size;
	}
	memcpy(end, text, len);
	return end + len;
}

/* Copy the pieces from *i on that make one part; returns the end of its text. */
static char *
copy_part(const struct text_draft *d, uint32_t *i, struct text_part *part,
    char *text)
{
	const struct text_piece *p = &d->piece[*i];
	char *end = text;

	*part = p->part;
	if (p->part.size.of[ROPE_BYTES] > 0) {
		end = copy_text(p, text, end);
		part->text = text;
	}
	for (++*i; *i < d->n && d->piece[*i].more; ++*i) {
		p = &d->piece[*i];
		end = copy_text(p, text, end);
		tree_size_add(&part->size, p->part.size);
		part->len += p->part.len;
	}
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
		bytes += d->piece[i].part.size.of[ROPE_BYTES];
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

/* ---- taking parts piecewise ---- */

void
text_cursor_init(struct text_cursor *c, const struct text_edit *edit)
{
	*c = (struct text_cursor){ edit, 0, 0, 0, false };
}

bool
text_cursor_at_end(const struct text_cursor *c)
{
	return c->i == c->edit->n;
}

enum text_kind
text_cursor_kind(const struct text_cursor *c)
{
	return text_cursor_at_end(c) ? TEXT_SKIP : c->edit->part[c->i].kind;
}

/* The surrogates of the pair at p. */
static void
halves(const char *p, uint16_t *high_out, uint16_t *low_out)
{
	size_t size;
	uint32_t cp = utf_decode(p, &size) - 0x10000;

	*high_out = (uint16_t)(0xD800 + (cp >> 10));
	*low_out = (uint16_t)(0xDC00 + (cp & 0x3FF));
}

/* Hand out len of the part's text; at_end: all that is left of it. */
static void
take_text(struct text_cursor *c, const struct text_part *part, uint64_t len,
    bool at_end, struct text_chunk *out)
{
	uint32_t from = c->off_bytes, bytes = part->size.of[ROPE_BYTES], to;
	uint16_t unused;

	if (c->inside) {
		halves(part->text + from, &unused, &out->low);
		from += 4;
		len--;
		c->inside = false;
	}
	if (at_end)
		to = bytes;
	else if (rope_size_ascii(part->size))
		to = from + (uint32_t)len;
	else if (c->edit->unit == ROPE_CP)
		to = from + (uint32_t)utf_seek_cp(part->text + from,
		    bytes - from, len);
	else
		to = from + (uint32_t)utf_seek_u16(part->text + from,
		    bytes - from, len, &c->inside);
	if (c->inside)
		halves(part->text + to, &out->high, &unused);
	c->off_bytes = to;
	out->part.text = part->text + from;
	out->part.size = from == 0 && to == bytes ? part->size :
	    rope_measure(part->text + from, to - from);
}

static void
take_part(struct text_cursor *c, uint64_t len, struct text_chunk *out)
{
	const struct text_part *part = &c->edit->part[c->i];
	bool at_end = len == part->len - c->off;

	out->low = out->high = 0;
	out->part.kind = part->kind;
	out->part.len = len;
	out->part.text = NULL;
	out->part.size = nothing;
	if (part->text != NULL)
		take_text(c, part, len, at_end, out);
	c->off += len;
	if (at_end) {
		c->i++;
		c->off = 0;
		c->off_bytes = 0;
	}
}

void
text_cursor_take(struct text_cursor *c, uint64_t len, enum text_kind whole,
    struct text_chunk *out)
{
	const struct text_part *part;
	uint64_t left;

	if (text_cursor_at_end(c)) {
		*out = (struct text_chunk){
			{ TEXT_SKIP, nothing, len, NULL }, 0, 0
		};
		return;
	}
	part = &c->edit->part[c->i];
	left = part->len - c->off;
	take_part(c, left <= len || part->kind == whole ? left : len, out);
}

void
text_cursor_take_part(struct text_cursor *c, struct text_chunk *out)
{
	assert(!text_cursor_at_end(c));
	take_part(c, c->edit->part[c->i].len - c->off, out);
}
