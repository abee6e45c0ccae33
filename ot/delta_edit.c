#include "ot/delta_edit.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static const struct slice no_text = { NULL, { { 0, 0, 0 } }, 0, 0 };

void
delta_edit_free(struct ot_edit *edit)
{
	struct delta_edit *e = (struct delta_edit *)edit;
	uint32_t i;

	if (e == NULL)
		return;
	for (i = 0; i < e->n; i++) {
		json_unref(e->part[i].embed);
		json_unref(e->part[i].attrs);
	}
	free(e);
}

/* ---- drafts ---- */

void
delta_draft_init(struct delta_draft *d)
{
	d->failed = false;
	d->odd = false;
	d->n = 0;
	d->room = DELTA_DRAFT_SMALL;
	d->piece = d->small;
}

void
delta_draft_done(struct delta_draft *d)
{
	uint32_t i;

	for (i = 0; i < d->n; i++) {
		json_unref(d->piece[i].embed);
		json_unref(d->piece[i].attrs);
	}
	if (d->piece != d->small)
		free(d->piece);
	delta_draft_init(d);
}

static bool
draft_grow(struct delta_draft *d)
{
	struct delta_chunk *piece;
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

struct delta_chunk *
delta_draft_slot(struct delta_draft *d)
{
	if (d->n == d->room && !draft_grow(d))
		return &d->scrap;
	return &d->piece[d->n];
}

static void
draft_insert(struct delta_draft *d, uint32_t at,
    const struct delta_chunk *chunk, bool more)
{
	struct delta_chunk *p, moved;

	if (d->n == d->room && !draft_grow(d))
		return;
	p = &d->piece[at];
	if (at < d->n) {
		moved = *chunk;		/* it may be in the slot */
		memmove(p + 1, p, (d->n - at) * sizeof(*p));
		*p = moved;
	} else if (p != chunk) {
		*p = *chunk;
	}
	d->n++;
	p->more = more;
	if (p->embed != NULL)
		json_ref(p->embed);
	delta_attr_ref(p->attrs);
}

void
delta_draft_put(struct delta_draft *d, const struct delta_chunk *chunk)
{
	draft_insert(d, d->n, chunk, false);
}

static bool
is_text(const struct delta_chunk *c)
{
	return c->kind == DELTA_INSERT && c->embed == NULL;
}

bool
delta_draft_push(struct delta_draft *d, const struct delta_chunk *chunk)
{
	uint32_t at = d->n;
	struct delta_chunk *last = at > 0 ? &d->piece[at - 1] : NULL;

	if (last != NULL && last->kind == DELTA_DELETE) {
		if (chunk->kind == DELTA_DELETE) {
			last->len += chunk->len;
			return false;
		}
		/* A delete is one piece; what inserts goes before it. */
		if (chunk->kind == DELTA_INSERT) {
			at--;
			last = at > 0 ? &d->piece[at - 1] : NULL;
		}
	}
	if (last != NULL && delta_attr_equal(last->attrs, chunk->attrs)) {
		if (is_text(chunk) && is_text(last)) {
			draft_insert(d, at, chunk, true);
			return false;
		}
		if (chunk->kind == DELTA_RETAIN && last->kind == DELTA_RETAIN) {
			last->len += chunk->len;
			return false;
		}
	}
	draft_insert(d, at, chunk, false);
	return at + 1 == d->n;
}

void
delta_draft_push_len(struct delta_draft *d, enum delta_kind kind, uint64_t len,
    struct json *attrs)
{
	struct delta_chunk chunk = {
		kind, false, false, len, no_text, NULL, attrs
	};

	delta_draft_push(d, &chunk);
}

void
delta_draft_chop(struct delta_draft *d)
{
	struct delta_chunk *last = d->n > 0 ? &d->piece[d->n - 1] : NULL;

	if (last != NULL && last->kind == DELTA_RETAIN && last->attrs == NULL)
		d->n--;
}

/*
 * Move the pieces from *i on that make one part into it, with what they hold;
 * returns the end of its text.
 */
static char *
move_part(struct delta_draft *d, uint32_t *i, struct delta_part *part,
    char *text)
{
	const struct delta_chunk *p = &d->piece[*i];
	char *end = text;

	*part = (struct delta_part){
		p->kind, p->odd, { { 0, 0, 0 } }, 0, NULL, p->embed, p->attrs
	};
	if (p->slice.text != NULL)
		part->text = text;
	for (;;) {
		part->len += p->len;
		if (p->slice.text != NULL)
			end = slice_put(&p->slice, text, end, &part->size);
		p = &d->piece[++*i];
		if (*i == d->n || !p->more)
			break;
		json_unref(p->attrs);
	}
	return end;
}

int
delta_draft_finish(struct delta_draft *d, struct ot_edit **edit_out,
    struct ot_err *err)
{
	struct delta_edit *edit = NULL;
	size_t bytes = 0;
	uint32_t i, n = 0;
	char *text;

	if (d->odd) {
		delta_draft_done(d);
		return ot_fail(err, OT_ETYPE, "Unknown field in an op");
	}
	for (i = 0; i < d->n; i++) {
		n += !d->piece[i].more;
		bytes += d->piece[i].slice.size.of[ROPE_BYTES] + SLICE_MORE;
	}
	if (!d->failed)
		edit = malloc(sizeof(*edit) + n * sizeof(edit->part[0]) +
		    bytes);
	if (edit == NULL) {
		delta_draft_done(d);
		return ot_fail(err, OT_ENOMEM, "out of memory");
	}
	edit->n = n;
	edit->bare = false;
	text = (char *)&edit->part[n];
	for (i = 0, n = 0; i < d->n; n++)
		text = move_part(d, &i, &edit->part[n], text);
	d->n = 0;
	delta_draft_done(d);
	*edit_out = (struct ot_edit *)edit;
	return 0;
}

/* ---- taking parts piecewise ---- */

static const struct delta_part *
next_of_edit(struct delta_cursor *c)
{
	return c->part + 1 == c->stop ? NULL : c->part + 1;
}

void
delta_cursor_init(struct delta_cursor *c, const struct delta_edit *edit)
{
	c->part = edit->n > 0 ? edit->part : NULL;
	c->off = 0;
	c->place = (struct slice_place){ 0, false };
	c->next = next_of_edit;
	c->stop = edit->part + edit->n;
}

void
delta_cursor_skip(struct delta_cursor *c, uint64_t len)
{
	struct delta_chunk unused;

	delta_cursor_take(c, len, &unused);
}

void
delta_cursor_take(struct delta_cursor *c, uint64_t len,
    struct delta_chunk *out)
{
	const struct delta_part *part = c->part;
	bool whole, rest;

	if (part == NULL) {
		*out = (struct delta_chunk){ .kind = DELTA_RETAIN, .len = len };
		return;
	}
	assert(len <= part->len - c->off);
	rest = len == part->len - c->off;
	whole = rest && c->off == 0;
	out->kind = part->kind;
	out->more = false;
	out->odd = part->odd && whole;
	out->len = len;
	out->embed = part->embed;
	out->attrs = part->attrs;
	if (part->text == NULL || whole)
		out->slice = (struct slice){ part->text, part->size, 0, 0 };
	else
		out->slice = slice_cut(&c->place, part->text, part->size,
		    ROPE_U16, len, rest);
	c->off += len;
	if (rest) {
		c->part = c->next(c);
		c->off = 0;
		c->place.bytes = 0;
	}
}

void
delta_cursor_take_part(struct delta_cursor *c, struct delta_chunk *out)
{
	delta_cursor_take(c, delta_cursor_left(c), out);
}
