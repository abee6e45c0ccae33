#include "ot/text_edit.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define WASTE_MAX	1024	/* bytes of room that an edit may keep for nothing */

int
text_draft_init(struct text_draft *d, enum rope_unit unit, uint32_t parts,
    size_t text_bytes)
{
	struct text_edit *edit;

	edit = malloc(sizeof(*edit) + text_bytes +
	    parts * (sizeof(edit->part[0]) + SLICE_MORE));
	if (edit == NULL)
		return OT_ENOMEM;
	edit->unit = unit;
	edit->n = 0;
	d->edit = edit;
	d->room = parts;
	d->end = (char *)&edit->part[parts];
	return 0;
}

/* A new part without text, at the end. */
static struct text_part *
add_part(struct text_draft *d, enum text_kind kind, uint64_t len)
{
	struct text_part *part = &d->edit->part[d->edit->n++];

	assert(d->edit->n <= d->room);
	*part = (struct text_part){ kind, { { 0, 0, 0 } }, len, NULL };
	return part;
}

/* Append text to what the last part has. */
static void
add_text(struct text_draft *d, struct text_part *last,
    const struct slice *slice)
{
	if (last->text == NULL)
		last->text = d->end;
	d->end = slice_put(slice, last->text, d->end, &last->size);
}

void
text_draft_put(struct text_draft *d, const struct text_part *part)
{
	const struct slice slice = { part->text, part->size, 0, 0 };
	struct text_part *last = add_part(d, part->kind, part->len);

	if (part->text != NULL)
		add_text(d, last, &slice);
}

/* Its text is the last of all. */
static void
forget_text(struct text_draft *d, struct text_part *last)
{
	if (last->text != NULL)
		d->end -= last->size.of[ROPE_BYTES];
	last->text = NULL;
	last->size = (struct tree_size){ { 0, 0, 0 } };
}

void
text_draft_append(struct text_draft *d, const struct text_chunk *chunk)
{
	struct text_edit *edit = d->edit;
	struct text_part *last;

	if (chunk->len == 0)
		return;
	last = edit->n > 0 ? &edit->part[edit->n - 1] : NULL;
	if (last == NULL || last->kind != chunk->kind) {
		last = add_part(d, chunk->kind, chunk->len);
		if (chunk->slice.text != NULL)
			add_text(d, last, &chunk->slice);
		return;
	}
	last->len += chunk->len;
	if (last->text != NULL && chunk->slice.text != NULL)
		add_text(d, last, &chunk->slice);
	else if (last->text != NULL)
		forget_text(d, last);
}

void
text_draft_append_part(struct text_draft *d, const struct text_part *part)
{
	const struct text_chunk chunk = {
		part->kind, part->len, { part->text, part->size, 0, 0 }
	};

	text_draft_append(d, &chunk);
}

void
text_draft_append_len(struct text_draft *d, enum text_kind kind, uint64_t len)
{
	const struct text_chunk chunk = { kind, len,
	    { NULL, { { 0, 0, 0 } }, 0, 0 } };

	text_draft_append(d, &chunk);
}

void
text_draft_trim(struct text_draft *d)
{
	struct text_edit *edit = d->edit;

	if (edit->n > 0 && edit->part[edit->n - 1].kind == TEXT_SKIP)
		edit->n--;
}

/* A copy without room to spare. */
static struct text_edit *
edit_copy(const struct text_edit *edit)
{
	struct text_edit *copy;
	char *text;
	uint32_t i;

	copy = malloc(sizeof(*copy) + edit->n * sizeof(edit->part[0]) +
	    edit->bytes);
	if (copy == NULL)
		return NULL;
	memcpy(copy, edit, sizeof(*copy) + edit->n * sizeof(edit->part[0]));
	text = (char *)&copy->part[copy->n];
	for (i = 0; i < copy->n; i++) {
		if (copy->part[i].text == NULL)
			continue;
		memcpy(text, copy->part[i].text,
		    copy->part[i].size.of[ROPE_BYTES]);
		copy->part[i].text = text;
		text += copy->part[i].size.of[ROPE_BYTES];
	}
	return copy;
}

struct ot_edit *
text_draft_finish(struct text_draft *d)
{
	struct text_edit *edit = d->edit, *copy;

	edit->bytes = (size_t)(d->end - (char *)&edit->part[d->room]);
	if ((d->room - edit->n) * sizeof(edit->part[0]) > WASTE_MAX &&
	    (copy = edit_copy(edit)) != NULL) {
		free(edit);
		edit = copy;
	}
	return (struct ot_edit *)edit;
}
