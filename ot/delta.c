/*
 * The type rich-text: documents, and edits applied to them.
 *
 * A document is its text, with one NUL for each embed, in a rope, and beside
 * it the runs, which say what stretch of the text is what.  Applying is
 * composing (rich-text 4.1.0, lib/type.js), so the runs that an edit touches
 * are pushed again as quill-delta would, and those before and after stay as
 * they are; the text is edited by itself.  Refused, though let through there:
 * whatever is no delta (delta_read.c), and retains and deletes past the end.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "ot/delta_edit.h"
#include "ot/delta_ext.h"
#include "ot/delta_runs.h"
#include "ot/delta_transform.h"
#include "ot/json.h"
#include "ot/rope.h"
#include "ot/type.h"

#define RUNS_SMALL	DELTA_DRAFT_SMALL	/* window that needs no memory */

struct delta_data {
	struct rope	 text;
	struct tree	 runs;
};

static const char placeholder[] = "";		/* one NUL */
static const struct tree_size placeholder_size = { { 1, 1, 1 } };

static const struct delta_data *
data_peek(const struct ot_data *data)
{
	return (const struct delta_data *)data;
}

static struct delta_data *
data_of(struct ot_data *data)
{
	return (struct delta_data *)data;
}

static int
no_memory(struct ot_err *err)
{
	return ot_fail(err, OT_ENOMEM, "out of memory");
}

static int
change_failed(int rc, struct ot_err *err)
{
	return ot_fail(err, rc, rc == OT_ELIMIT ? "document too large" :
	    "out of memory");
}

/* ---- edits ---- */

static int
rich_edit_parse(const char *json, size_t len_bytes, struct ot_edit **edit_out,
    struct ot_err *err)
{
	return delta_edit_read(json, len_bytes, DELTA_OP, OT_EAPPLY, edit_out,
	    err);
}

/* A delta is an object in JavaScript's eyes: it has no length. */
static bool
rich_edit_is_empty(const struct ot_edit *edit)
{
	(void)edit;
	return false;
}

/* ---- documents ---- */

static int
insert_text(struct rope *text, size_t pos_u16, const struct delta_part *part)
{
	if (part->embed != NULL)
		return rope_insert(text, ROPE_U16, pos_u16, placeholder,
		    placeholder_size);
	return rope_insert(text, ROPE_U16, pos_u16, part->text, part->size);
}

static void
rich_data_free(struct ot_data *data)
{
	if (data == NULL)
		return;
	rope_done(&data_of(data)->text);
	tree_done(&data_of(data)->runs);
	free(data);
}

/* Append the parts of a delta of inserts to an empty document. */
static int
data_fill(struct delta_data *data, const struct delta_edit *e)
{
	struct delta_run run;
	uint64_t bytes = 0;
	uint32_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < e->n; i++) {
		bytes += e->part[i].embed != NULL ? 1 :
		    e->part[i].size.of[ROPE_BYTES];
		if (bytes > ROPE_BYTES_MAX)
			return OT_ELIMIT;
		run = (struct delta_run){ (uint32_t)e->part[i].len,
		    e->part[i].embed, e->part[i].attrs };
		rc = insert_text(&data->text, rope_length(&data->text,
		    ROPE_U16), &e->part[i]);
		if (rc == 0)
			rc = delta_runs_replace(&data->runs, i, 0, &run, 1);
	}
	return rc;
}

static int
rich_create(const char *json, size_t len_bytes, struct ot_data **data_out,
    struct ot_err *err)
{
	struct delta_data *data;
	struct ot_edit *edit = NULL;
	struct json_reader r;
	int rc = 0;

	json_reader_init(&r, json == NULL ? "null" : json,
	    json == NULL ? 4 : len_bytes, err);
	if (json_peek(&r) == JSON_NULL) {
		if ((rc = json_skip(&r, NULL)) != 0 ||
		    (rc = json_finish(&r)) != 0)
			return rc;
	} else if ((rc = delta_edit_read(json, len_bytes, DELTA_DOCUMENT,
	    OT_ETYPE, &edit, err)) != 0)
		return rc;
	if ((data = malloc(sizeof(*data))) == NULL) {
		delta_edit_free(edit);
		return no_memory(err);
	}
	rope_init(&data->text);
	delta_runs_init(&data->runs);
	if (edit != NULL)
		rc = data_fill(data, delta_edit_of(edit));
	delta_edit_free(edit);
	if (rc != 0) {
		rich_data_free((struct ot_data *)data);
		return change_failed(rc, err);
	}
	*data_out = (struct ot_data *)data;
	return 0;
}

static bool
rich_print(const struct ot_data *data, struct buf *b)
{
	const struct delta_data *d = data_peek(data);
	const struct delta_run *run;
	struct delta_runs_walk w;
	struct buf text = BUF_INIT;
	size_t pos = 0;

	buf_puts(b, "{\"ops\":[");
	delta_runs_walk_init(&w, &d->runs, 0);
	while ((run = delta_runs_walk_next(&w)) != NULL) {
		if (pos > 0)
			buf_putc(b, ',');
		buf_reset(&text);
		if (run->embed == NULL)
			rope_read(&d->text, ROPE_U16, pos, run->len_u16,
			    &text);
		delta_insert_print(text.data, text.len, run->embed, run->attrs,
		    b);
		if (buf_failed(&text))
			b->failed = true;
		pos += run->len_u16;
	}
	buf_puts(b, "]}");
	buf_done(&text);
	return true;
}

static size_t
rich_data_size(const struct ot_data *data)
{
	const struct delta_data *d = data_peek(data);

	return sizeof(*d) + rope_memory(&d->text) +
	    delta_runs_memory(&d->runs);
}

/* ---- apply: the runs ---- */

/* The document's runs as a sequence of inserts, whose text is elsewhere. */
struct run_cursor {
	struct delta_cursor	 c;
	struct delta_runs_walk	 walk;
	struct delta_part	 part;		/* the run c stands on */
};

static const struct delta_part *
next_run(struct delta_cursor *c)
{
	struct run_cursor *rc = (struct run_cursor *)c;
	const struct delta_run *run = delta_runs_walk_next(&rc->walk);

	if (run == NULL)
		return NULL;
	rc->part = (struct delta_part){ .kind = DELTA_INSERT,
	    .len = run->len_u16, .embed = run->embed, .attrs = run->attrs };
	return &rc->part;
}

/* What an edit makes of the runs: n runs in the place of some others. */
struct window {
	size_t			 at, count;	/* those others */
	size_t			 n;
	struct delta_run	*run;		/* small, or heap */
	struct delta_run	 small[RUNS_SMALL];
	struct delta_draft	 draft;		/* holds what the runs hold */
};

static void
window_done(struct window *w)
{
	if (w->run != w->small)
		free(w->run);
	delta_draft_done(&w->draft);
}

/* The pieces of the draft, joined, are the new runs. */
static int
window_fill(struct window *w)
{
	const struct delta_chunk *p;
	uint32_t i;

	w->run = w->small;
	w->n = 0;
	if (w->draft.failed)
		return OT_ENOMEM;
	if (w->draft.n > RUNS_SMALL) {
		w->run = malloc(w->draft.n * sizeof(w->run[0]));
		if (w->run == NULL) {
			w->run = w->small;
			return OT_ENOMEM;
		}
	}
	for (i = 0; i < w->draft.n; i++) {
		p = &w->draft.piece[i];
		assert(p->kind == DELTA_INSERT);
		if (p->more)
			w->run[w->n - 1].len_u16 += (uint32_t)p->len;
		else
			w->run[w->n++] = (struct delta_run){
				(uint32_t)p->len, p->embed, p->attrs
			};
	}
	return 0;
}

static bool
same_run(const struct delta_run *a, const struct delta_run *b)
{
	return a->len_u16 == b->len_u16 && a->embed == b->embed &&
	    a->attrs == b->attrs;
}

/* Leave the first and the last run alone when they are what they were. */
static void
window_narrow(struct window *w, const struct tree *runs)
{
	struct delta_runs_walk walk;

	delta_runs_walk_init(&walk, runs, w->at);
	if (w->n > 0 && w->count > 0 &&
	    same_run(delta_runs_walk_next(&walk), w->run)) {
		w->at++;
		w->count--;
		w->n--;
		memmove(w->run, w->run + 1, w->n * sizeof(w->run[0]));
	}
	if (w->n == 0 || w->count == 0)
		return;
	delta_runs_walk_init(&walk, runs, w->at + w->count - 1);
	if (same_run(delta_runs_walk_next(&walk), &w->run[w->n - 1])) {
		w->count--;
		w->n--;
	}
}

/*
 * Runs that lie wholly in a plain retain at the start of the edit stay; the
 * last of them is in the window, since what follows may join it.
 */
static int
window_init(struct window *w, const struct tree *runs,
    const struct delta_edit *e)
{
	struct run_cursor a;
	struct delta_cursor b;
	struct delta_chunk kept;
	size_t skip = 0, start, first;
	int rc;

	delta_draft_init(&w->draft);
	delta_cursor_init(&b, e);
	if (e->n > 0 && e->part[0].kind == DELTA_RETAIN &&
	    e->part[0].attrs == NULL)
		skip = e->part[0].len;
	first = delta_runs_find(runs, skip, &start);
	if (start > 0)
		delta_cursor_skip(&b, start);
	w->at = first > 0 ? first - 1 : 0;
	delta_runs_walk_init(&a.walk, runs, w->at);
	a.c = (struct delta_cursor){ .next = next_run };
	a.c.part = next_run(&a.c);
	if (first > 0) {
		delta_cursor_take_part(&a.c, &kept);
		delta_draft_put(&w->draft, &kept);
	}
	delta_compose_onto(&w->draft, &a.c, &b);
	assert(a.c.off == 0);
	w->count = a.walk.at - w->at - (a.c.part != NULL ? 1 : 0);
	if ((rc = window_fill(w)) != 0) {
		window_done(w);
		return rc;
	}
	window_narrow(w, runs);
	return 0;
}

/* ---- apply: all ---- */

/*
 * Does the edit stay within the document, and the document within its limit?
 * Tells how many parts change the text.
 */
static int
fit(const struct delta_edit *e, const struct rope *text, uint32_t *changes_out,
    struct ot_err *err)
{
	uint64_t left = rope_length(text, ROPE_U16);
	uint64_t bytes = rope_length(text, ROPE_BYTES);
	const struct delta_part *part;
	uint32_t i, changes = 0;

	for (i = 0; i < e->n; i++) {
		part = &e->part[i];
		changes += part->kind != DELTA_RETAIN;
		if (part->kind == DELTA_INSERT) {
			bytes += part->embed != NULL ? 1 :
			    part->size.of[ROPE_BYTES];
			continue;
		}
		if (part->len > left)
			return ot_fail(err, OT_EAPPLY,
			    "The op is too long for this document");
		left -= part->len;
	}
	if (bytes > ROPE_BYTES_MAX)
		return ot_fail(err, OT_ELIMIT, "document too large");
	*changes_out = changes;
	return 0;
}

static int
change_text(struct rope *text, const struct delta_edit *e)
{
	const struct delta_part *part;
	size_t pos = 0;
	uint32_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < e->n; i++) {
		part = &e->part[i];
		if (part->kind == DELTA_DELETE) {
			rc = rope_delete(text, ROPE_U16, pos, part->len);
			continue;
		}
		if (part->kind == DELTA_INSERT)
			rc = insert_text(text, pos, part);
		pos += part->len;
	}
	return rc;
}

static int
change_runs(struct tree *runs, const struct window *w)
{
	if (w->n == w->count && delta_runs_prepare(runs, w->at, w->n)) {
		delta_runs_overwrite(runs, w->at, w->run, w->n);
		return 0;
	}
	return delta_runs_replace(runs, w->at, w->count, w->run, w->n);
}

static void
data_share(struct delta_data *data, struct delta_data *copy)
{
	rope_init(&copy->text);
	delta_runs_init(&copy->runs);
	rope_share(&data->text, &copy->text);
	tree_share(&data->runs, &copy->runs);
}

static void
data_move(struct delta_data *data, struct delta_data *from)
{
	rope_move(&data->text, &from->text);
	tree_move(&data->runs, &from->runs);
}

static int
change(struct delta_data *data, const struct delta_edit *e,
    const struct window *w, uint32_t changes)
{
	struct delta_data before;
	int rc;

	/* One change of the text, and runs that only need overwriting. */
	if (changes <= 1 && w->n == w->count &&
	    delta_runs_prepare(&data->runs, w->at, w->n)) {
		if ((rc = change_text(&data->text, e)) == 0)
			delta_runs_overwrite(&data->runs, w->at, w->run, w->n);
		return rc;
	}
	data_share(data, &before);
	if ((rc = change_text(&data->text, e)) == 0)
		rc = change_runs(&data->runs, w);
	if (rc != 0)
		data_move(data, &before);
	rope_done(&before.text);
	tree_done(&before.runs);
	return rc;
}

/* The whole document before the change, which costs nothing to keep. */
struct delta_undo {
	struct delta_data	 before;
};

static void
rich_undo_free(struct ot_undo *undo)
{
	struct delta_undo *u = (struct delta_undo *)undo;

	if (u == NULL)
		return;
	rope_done(&u->before.text);
	tree_done(&u->before.runs);
	free(u);
}

static void
rich_undo(struct ot_data *data, struct ot_undo *undo)
{
	data_move(data_of(data), &((struct delta_undo *)undo)->before);
	free(undo);
}

static int
rich_apply(struct ot_data *data, const struct ot_edit *edit,
    struct ot_undo **undo_out, struct ot_err *err)
{
	const struct delta_edit *e = delta_edit_of(edit);
	struct delta_undo *undo = NULL;
	struct window w;
	uint32_t changes = 0;
	int rc;

	if ((rc = fit(e, &data_of(data)->text, &changes, err)) != 0)
		return rc;
	if (window_init(&w, &data_of(data)->runs, e) != 0)
		return no_memory(err);
	if (undo_out != NULL) {
		if ((undo = malloc(sizeof(*undo))) == NULL) {
			window_done(&w);
			return no_memory(err);
		}
		data_share(data_of(data), &undo->before);
	}
	rc = change(data_of(data), e, &w, changes);
	window_done(&w);
	if (rc != 0) {
		rich_undo_free((struct ot_undo *)undo);
		return change_failed(rc, err);
	}
	if (undo_out != NULL)
		*undo_out = (struct ot_undo *)undo;
	return 0;
}

const struct ot_type ot_type_rich_text = {
	.name = "rich-text",
	.uri = "http://sharejs.org/types/rich-text/v1",
	.edit_parse = rich_edit_parse,
	.edit_print = delta_edit_print,
	.edit_free = delta_edit_free,
	.edit_is_empty = rich_edit_is_empty,
	.transform = delta_transform,
	.compose = delta_compose,
	.create = rich_create,
	.load = rich_create,
	.print = rich_print,
	.data_free = rich_data_free,
	.data_size = rich_data_size,
	.apply = rich_apply,
	.undo = rich_undo,
	.undo_free = rich_undo_free,
	.ext = &delta_ext,
};
