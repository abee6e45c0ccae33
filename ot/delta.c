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
#include <stdlib.h>

#include "ot/delta_edit.h"
#include "ot/delta_ext.h"
#include "ot/delta_runs.h"
#include "ot/delta_transform.h"
#include "ot/delta_window.h"
#include "ot/json.h"
#include "ot/rope_log.h"
#include "ot/type.h"

#define RUNS_UNDO	4	/* runs that an undo holds by themselves */

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

/* log NULL: it need not be taken back. */
static int
insert_text(struct rope *text, size_t pos_u16, const struct delta_part *part,
    struct rope_log *log)
{
	bool embed = part->embed != NULL;
	const char *put = embed ? placeholder : part->text;
	struct tree_size size = embed ? placeholder_size : part->size;

	return log != NULL ? rope_log_insert(log, text, pos_u16, put, size) :
	    rope_insert(text, ROPE_U16, pos_u16, put, size);
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
		    ROPE_U16), &e->part[i], NULL);
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

/* ---- apply ---- */

/* What an edit does to the text. */
struct plan {
	uint32_t	 changes;	/* parts that change it */
	uint64_t	 deleted;	/* UTF-16 units */
};

/* Does the edit stay within the document, and that within its limit? */
static int
plan_init(struct plan *p, const struct delta_edit *e, const struct rope *text,
    struct ot_err *err)
{
	uint64_t left = rope_length(text, ROPE_U16);
	uint64_t bytes = rope_length(text, ROPE_BYTES);
	const struct delta_part *part;
	uint32_t i;

	*p = (struct plan){ 0, 0 };
	for (i = 0; i < e->n; i++) {
		part = &e->part[i];
		p->changes += part->kind != DELTA_RETAIN;
		if (part->kind == DELTA_INSERT) {
			bytes += part->embed != NULL ? 1 :
			    part->size.of[ROPE_BYTES];
			continue;
		}
		if (part->len > left)
			return ot_fail(err, OT_EAPPLY,
			    "The op is too long for this document");
		left -= part->len;
		if (part->kind == DELTA_DELETE)
			p->deleted += part->len;
	}
	if (bytes > ROPE_BYTES_MAX)
		return ot_fail(err, OT_ELIMIT, "document too large");
	return 0;
}

static int
change_text(struct rope *text, const struct delta_edit *e,
    struct rope_log *log)
{
	const struct delta_part *part;
	size_t pos = 0;
	uint32_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < e->n; i++) {
		part = &e->part[i];
		if (part->kind == DELTA_DELETE) {
			rc = log != NULL ?
			    rope_log_delete(log, text, pos, part->len) :
			    rope_delete(text, ROPE_U16, pos, part->len);
			continue;
		}
		if (part->kind == DELTA_INSERT)
			rc = insert_text(text, pos, part, log);
		pos += part->len;
	}
	return rc;
}

/* How to take a change back. */
struct delta_undo {
	bool			 whole;	/* all runs are kept, shared */
	struct tree		 before;
	size_t			 at, n;	/* else these had been there */
	struct delta_run	 run[RUNS_UNDO];
	struct rope_log		 log;	/* of the text */
	struct rope_step	 room[];	/* of the log */
};

/* Can the new runs just take the place of the old ones? */
static bool
is_swap(struct tree *runs, const struct delta_window *w)
{
	return w->n == w->count && delta_runs_prepare(runs, w->at, w->n);
}

/* The runs that had been there come back in run. */
static void
swap_runs(struct tree *runs, const struct delta_window *w,
    struct delta_run *run)
{
	size_t i;

	for (i = 0; i < w->n; i++) {
		run[i] = w->run[i];
		delta_run_ref(&run[i]);
	}
	delta_runs_swap(runs, w->at, run, w->n);
}

/* Nothing is changed when it fails. */
static int
change_runs(struct tree *runs, const struct delta_window *w,
    struct delta_undo *undo)
{
	int rc;

	undo->whole = w->n > RUNS_UNDO || !is_swap(runs, w);
	if (undo->whole) {
		delta_runs_init(&undo->before);
		tree_share(runs, &undo->before);
		rc = delta_runs_replace(runs, w->at, w->count, w->run, w->n);
		if (rc != 0)
			tree_move(runs, &undo->before);
		return rc;
	}
	undo->at = w->at;
	undo->n = w->n;
	swap_runs(runs, w, undo->run);
	return 0;
}

static void
undo_done(struct delta_undo *undo)
{
	size_t i;

	if (undo->whole)
		tree_done(&undo->before);
	else
		for (i = 0; i < undo->n; i++)
			delta_run_unref(&undo->run[i]);
}

static void
rich_undo_free(struct ot_undo *undo)
{
	struct delta_undo *u = (struct delta_undo *)undo;

	if (u == NULL)
		return;
	rope_log_done(&u->log);
	undo_done(u);
	free(u);
}

static void
rich_undo(struct ot_data *data, struct ot_undo *undo)
{
	struct delta_undo *u = (struct delta_undo *)undo;
	struct delta_data *d = data_of(data);

	rope_log_undo(&u->log, &d->text);
	if (u->whole)
		tree_move(&d->runs, &u->before);
	else
		delta_runs_swap(&d->runs, u->at, u->run, u->n);
	undo_done(u);
	free(u);
}

/* A change of one piece of text, and of a few runs, is whole or nothing. */
static int
change_for_good(struct delta_data *data, const struct delta_edit *e,
    const struct delta_window *w)
{
	struct delta_run old[RUNS_UNDO];
	size_t i;
	int rc;

	if ((rc = change_text(&data->text, e, NULL)) != 0)
		return rc;
	swap_runs(&data->runs, w, old);
	for (i = 0; i < w->n; i++)
		delta_run_unref(&old[i]);
	return 0;
}

static int
change(struct delta_data *data, const struct delta_edit *e,
    const struct delta_window *w, const struct plan *p,
    struct ot_undo **undo_out)
{
	size_t room = rope_log_room(p->changes, p->deleted);
	struct delta_undo *undo;
	int rc;

	if ((undo = malloc(sizeof(*undo) + room)) == NULL)
		return OT_ENOMEM;
	rope_log_init(&undo->log, ROPE_U16, undo->room, room);
	if ((rc = change_text(&data->text, e, &undo->log)) != 0 ||
	    (rc = change_runs(&data->runs, w, undo)) != 0) {
		rope_log_undo(&undo->log, &data->text);
		free(undo);
		return rc;
	}
	*undo_out = (struct ot_undo *)undo;
	return 0;
}

static int
rich_apply(struct ot_data *data, const struct ot_edit *edit,
    struct ot_undo **undo_out, struct ot_err *err)
{
	const struct delta_edit *e = delta_edit_of(edit);
	struct delta_data *d = data_of(data);
	struct ot_undo *undo = NULL;
	struct delta_window w;
	struct plan plan;
	int rc;

	if ((rc = plan_init(&plan, e, &d->text, err)) != 0)
		return rc;
	if (delta_window_init(&w, &d->runs, e) != 0)
		return no_memory(err);
	if (undo_out == NULL && plan.changes <= 1 && w.n <= RUNS_UNDO &&
	    is_swap(&d->runs, &w))
		rc = change_for_good(d, e, &w);
	else
		rc = change(d, e, &w, &plan, &undo);
	delta_window_done(&w);
	if (rc != 0)
		return change_failed(rc, err);
	if (undo_out != NULL)
		*undo_out = undo;
	else
		rich_undo_free(undo);
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
