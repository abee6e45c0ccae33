/*
 * bench_kernel: one type does one thing, on and on, and says how long it took.
 *
 *	bench_kernel VERB TYPE FILE
 *
 * FILE is a document as JSON and then an op a line.  For every line on
 * standard input there is one on standard output:
 *
 *	STEPS		do so many of the steps:
 *			{"steps":N,"ms":T,"first_ms":T,"held":BYTES}
 *	show STEPS	the same, and answer with what came of it
 *
 *	parse		a step reads an op; nothing comes of it
 *	apply		a step applies an op to the document; comes: the document
 *	undoable	the same, each so that it could be taken back
 *	next		as apply, after a first op that is timed by itself
 *	transform	an op after the one that follows; comes: the ops
 *	carry		the first op over the others, again and again; the ends
 *	compose		runs of RUN ops into one each; the composed
 *
 * Reading the file is not timed, nor loading and freeing the document.  The
 * time is the processor's.  bench/reference.mjs does the same in JavaScript;
 * bench/kernel.mjs asks both.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ot/ot.h"

#define RUN	100

struct line {
	const char	*p;
	size_t		 len;
};

struct work {
	const struct ot_type	 *type;
	struct buf		  text;		/* the file */
	struct line		  doc;
	struct line		 *op;
	struct ot_edit		**edit;		/* the ops, parsed */
	size_t			  n;		/* ops */
	double			  since;	/* ms; when the clock started */
	double			  ms;		/* what it showed in the end */
	double			  first_ms;	/* of next: what the first op took */
	size_t			  held;		/* bytes of the document, if there was one */
	struct ot_err		  err;
};

struct verb {
	const char	*name;
	/* Returns the steps done, at most so many; show may be NULL. */
	size_t		(*run)(struct work *w, size_t steps, struct buf *show);
};

static void
die(const char *why)
{
	fprintf(stderr, "bench_kernel: %s\n", why);
	exit(1);
}

static void
must(const struct work *w, int rc)
{
	if (rc != 0)
		die(w->err.text);
}

static double
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static void
clock_start(struct work *w)
{
	w->since = now_ms();
}

static void
clock_stop(struct work *w)
{
	w->ms = now_ms() - w->since;
}

static void
show_edit(const struct work *w, const struct ot_edit *edit, struct buf *show)
{
	if (show == NULL)
		return;
	if (show->len > 1)
		buf_putc(show, ',');
	w->type->edit_print(edit, show);
}

/* ---- the verbs ---- */

static size_t
run_parse(struct work *w, size_t steps, struct buf *show)
{
	size_t i, n = steps < w->n ? steps : w->n;

	(void)show;
	for (i = 0; i < n; i++)
		w->type->edit_free(w->edit[i]);
	clock_start(w);
	for (i = 0; i < n; i++)
		must(w, w->type->edit_parse(w->op[i].p, w->op[i].len,
		    &w->edit[i], &w->err));
	clock_stop(w);
	return n;
}

static void
apply_one(struct work *w, struct ot_data *data, size_t i, bool undoable)
{
	struct ot_undo *undo;

	must(w, w->type->apply(data, w->edit[i], undoable ? &undo : NULL,
	    &w->err));
	if (undoable)
		w->type->undo_free(undo);
}

static size_t
apply(struct work *w, size_t steps, struct buf *show, bool undoable,
    bool first_apart)
{
	struct ot_data *data;
	size_t done = 0, from = 0;

	must(w, w->type->load(w->doc.p, w->doc.len, &data, &w->err));
	if (first_apart && w->n > 0) {
		clock_start(w);
		apply_one(w, data, from++, undoable);
		clock_stop(w);
		w->first_ms = w->ms;
	}
	clock_start(w);
	for (; done < steps && from + done < w->n; done++)
		apply_one(w, data, from + done, undoable);
	clock_stop(w);
	w->held = w->type->data_size(data);
	if (show != NULL)
		w->type->print(data, show);
	w->type->data_free(data);
	return done;
}

static size_t
run_apply(struct work *w, size_t steps, struct buf *show)
{
	return apply(w, steps, show, false, false);
}

static size_t
run_undoable(struct work *w, size_t steps, struct buf *show)
{
	return apply(w, steps, show, true, false);
}

static size_t
run_next(struct work *w, size_t steps, struct buf *show)
{
	return apply(w, steps, show, false, true);
}

static size_t
run_transform(struct work *w, size_t steps, struct buf *show)
{
	struct ot_edit *out;
	size_t i;

	clock_start(w);
	for (i = 0; i + 1 < w->n && i < steps; i++) {
		must(w, w->type->transform(w->edit[i], w->edit[i + 1], OT_LEFT,
		    &out, &w->err));
		show_edit(w, out, show);
		w->type->edit_free(out);
	}
	clock_stop(w);
	return i;
}

static size_t
run_carry(struct work *w, size_t steps, struct buf *show)
{
	struct ot_edit *carried, *next;
	size_t i, done = 0;

	clock_start(w);
	while (w->n > 1 && done < steps) {
		carried = NULL;
		for (i = 1; i < w->n && done < steps; i++, done++) {
			must(w, w->type->transform(carried != NULL ? carried :
			    w->edit[0], w->edit[i], OT_LEFT, &next, &w->err));
			w->type->edit_free(carried);
			carried = next;
		}
		show_edit(w, carried, show);
		w->type->edit_free(carried);
	}
	clock_stop(w);
	return done;
}

static size_t
run_compose(struct work *w, size_t steps, struct buf *show)
{
	struct ot_edit *all, *next;
	size_t i, k, done = 0;

	clock_start(w);
	for (i = 0; i + RUN <= w->n && done < steps; i += RUN) {
		all = NULL;
		for (k = 1; k < RUN && done < steps; k++, done++) {
			must(w, w->type->compose(all != NULL ? all :
			    w->edit[i], w->edit[i + k], &next, &w->err));
			w->type->edit_free(all);
			all = next;
		}
		show_edit(w, all, show);
		w->type->edit_free(all);
	}
	clock_stop(w);
	return done;
}

static const struct verb verbs[] = {
	{ "parse", run_parse },
	{ "apply", run_apply },
	{ "undoable", run_undoable },
	{ "next", run_next },
	{ "transform", run_transform },
	{ "carry", run_carry },
	{ "compose", run_compose },
};

static const struct verb *
verb_find(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	die("no such verb");
	return NULL;
}

/* ---- the file ---- */

static void
read_file(struct buf *text, const char *path)
{
	FILE *f = fopen(path, "rb");
	char *room;
	size_t n;

	if (f == NULL)
		die("cannot open the file");
	while ((room = buf_room(text, 65536)) != NULL &&
	    (n = fread(room, 1, 65536, f)) > 0)
		text->len += n;
	if (buf_failed(text) || ferror(f))
		die("cannot read the file");
	fclose(f);
}

static bool
next_line(const struct buf *text, size_t *at, struct line *line)
{
	const char *end;

	if (*at >= text->len)
		return false;
	line->p = text->data + *at;
	end = memchr(line->p, '\n', text->len - *at);
	line->len = end != NULL ? (size_t)(end - line->p) : text->len - *at;
	*at += line->len + 1;
	return true;
}

static void
work_read(struct work *w, const char *path)
{
	size_t at = 0, i, room = 0;
	struct line line;

	read_file(&w->text, path);
	if (!next_line(&w->text, &at, &w->doc))
		die("the file is empty");
	while (next_line(&w->text, &at, &line)) {
		if (w->n == room) {
			room = room == 0 ? 1024 : room * 2;
			w->op = realloc(w->op, room * sizeof(w->op[0]));
			if (w->op == NULL)
				die("out of memory");
		}
		w->op[w->n++] = line;
	}
	w->edit = calloc(w->n + 1, sizeof(w->edit[0]));
	if (w->edit == NULL)
		die("out of memory");
	for (i = 0; i < w->n; i++)
		must(w, w->type->edit_parse(w->op[i].p, w->op[i].len,
		    &w->edit[i], &w->err));
}

static void
work_done(struct work *w)
{
	while (w->n > 0)
		w->type->edit_free(w->edit[--w->n]);
	free(w->edit);
	free(w->op);
	buf_done(&w->text);
}

/* ---- talking ---- */

static void
show_run(struct work *w, const struct verb *verb, size_t steps)
{
	struct buf show = BUF_INIT;
	bool is_doc = verb->run == run_apply || verb->run == run_next ||
	    verb->run == run_undoable;

	if (!is_doc)
		buf_putc(&show, '[');
	verb->run(w, steps, &show);
	if (!is_doc)
		buf_putc(&show, ']');
	if (buf_failed(&show))
		die("out of memory");
	fwrite(show.data, 1, show.len, stdout);
	putchar('\n');
	buf_done(&show);
}

int
main(int argc, char **argv)
{
	struct work w = { .text = BUF_INIT };
	const struct verb *verb;
	char line[64];
	size_t n;

	if (argc != 4) {
		fprintf(stderr, "usage: bench_kernel VERB TYPE FILE\n");
		return 2;
	}
	verb = verb_find(argv[1]);
	w.type = strcmp(argv[2], "json1") == 0 ? &ot_type_json1_auto :
	    ot_type_find(argv[2]);
	if (w.type == NULL)
		die("no such type");
	work_read(&w, argv[3]);
	while (fgets(line, sizeof(line), stdin) != NULL) {
		if (strncmp(line, "show ", 5) == 0) {
			show_run(&w, verb, strtoul(line + 5, NULL, 10));
		} else {
			n = verb->run(&w, strtoul(line, NULL, 10), NULL);
			printf("{\"steps\":%zu,\"ms\":%.6f,\"first_ms\":%.6f,"
			    "\"held\":%zu}\n", n, w.ms, w.first_ms, w.held);
		}
		fflush(stdout);
	}
	work_done(&w);
	return 0;
}
