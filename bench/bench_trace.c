/*
 * bench_trace: how fast the kernel replays the history of a document.
 *
 *	bench_trace TRACE.json [TYPE...]
 *
 * TRACE is one of the sequential traces of github.com/josephg/editing-traces,
 * unpacked: {"txns": [{"patches": [[pos, del, ins], ...]}, ...], "endContent"}.
 * Ops are parsed before the clock starts, except where it says so.  Each
 * figure is the best of five runs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ot/json.h"
#include "ot/type.h"

#define RUNS	5

struct trace {
	size_t			 n, room;
	struct buf		*op;		/* JSON, per patch */
	struct ot_edit		**edit;
	struct buf		 end;		/* endContent, JSON */
};

static void
die(const char *why)
{
	fprintf(stderr, "bench_trace: %s\n", why);
	exit(1);
}

static double
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static void
must(int rc, const struct ot_err *err)
{
	if (rc != 0)
		die(err->text);
}

/* ---- reading a trace ---- */

static char *
read_file(const char *path, size_t *len_out)
{
	FILE *f = fopen(path, "rb");
	char *text;
	long len;

	if (f == NULL || fseek(f, 0, SEEK_END) != 0 || (len = ftell(f)) < 0)
		die("cannot read the trace");
	rewind(f);
	text = malloc((size_t)len + 1);
	if (text == NULL || fread(text, 1, (size_t)len, f) != (size_t)len)
		die("cannot read the trace");
	fclose(f);
	*len_out = (size_t)len;
	return text;
}

/* A patch as an op of the type. */
static void
put_op(struct buf *b, bool rich, size_t pos, size_t del,
    const struct json_slice *ins)
{
	const char *comma = "";

	buf_putc(b, '[');
	if (pos > 0) {
		buf_puts(b, rich ? "{\"retain\":" : "");
		buf_put_u64(b, pos);
		buf_puts(b, rich ? "}" : "");
		comma = ",";
	}
	if (ins->len > 2) {
		buf_puts(b, comma);
		buf_puts(b, rich ? "{\"insert\":" : "");
		buf_put(b, ins->p, ins->len);
		buf_puts(b, rich ? "}" : "");
		comma = ",";
	}
	if (del > 0) {
		buf_puts(b, comma);
		buf_puts(b, rich ? "{\"delete\":" : "{\"d\":");
		buf_put_u64(b, del);
		buf_putc(b, '}');
	}
	buf_putc(b, ']');
}

static void
read_patch(struct trace *t, struct json_reader *r, bool rich)
{
	struct json_slice ins;
	double pos, del;

	must(json_enter(r, JSON_LIST), r->err);
	must(json_next_item(r) - 1, r->err);
	must(json_read_number(r, &pos), r->err);
	must(json_next_item(r) - 1, r->err);
	must(json_read_number(r, &del), r->err);
	must(json_next_item(r) - 1, r->err);
	must(json_skip(r, &ins), r->err);
	must(json_next_item(r), r->err);
	if (t->n == t->room) {
		t->room = t->room == 0 ? 1024 : t->room * 2;
		t->op = realloc(t->op, t->room * sizeof(t->op[0]));
		if (t->op == NULL)
			die("out of memory");
	}
	buf_init(&t->op[t->n], SIZE_MAX);
	put_op(&t->op[t->n++], rich, (size_t)pos, (size_t)del, &ins);
}

static void
read_transactions(struct trace *t, struct json_reader *r, bool rich)
{
	struct json_slice key;

	must(json_enter(r, JSON_LIST), r->err);
	while (json_next_item(r) > 0) {
		must(json_enter(r, JSON_OBJECT), r->err);
		while (json_next_member(r, &key) > 0) {
			if (!json_slice_is(&key, "patches")) {
				must(json_skip(r, NULL), r->err);
				continue;
			}
			must(json_enter(r, JSON_LIST), r->err);
			while (json_next_item(r) > 0)
				read_patch(t, r, rich);
		}
	}
}

static void
read_trace(struct trace *t, const char *json, size_t len, bool rich)
{
	struct json_reader r;
	struct json_slice key, value;
	struct ot_err err;

	memset(t, 0, sizeof(*t));
	buf_init(&t->end, SIZE_MAX);
	json_reader_init(&r, json, len, &err);
	must(json_enter(&r, JSON_OBJECT), &err);
	while (json_next_member(&r, &key) > 0) {
		if (json_slice_is(&key, "txns")) {
			read_transactions(t, &r, rich);
			continue;
		}
		must(json_skip(&r, &value), &err);
		if (json_slice_is(&key, "endContent")) {
			struct buf text = BUF_INIT;

			json_slice_string(&value, &text);
			json_put_string(&t->end, text.data, text.len);
			buf_done(&text);
		}
	}
}

/* ---- the measurements ---- */

static void
report(const char *type, const char *what, size_t n, double best_ms)
{
	printf("%-13s %-26s %9.2f ms %8.2f M/s\n", type, what, best_ms,
	    (double)n / best_ms / 1e3);
}

static void
parse_all(const struct ot_type *type, struct trace *t)
{
	struct ot_err err;
	double start, ms, best = 1e9;
	size_t i;
	int run;

	t->edit = calloc(t->n, sizeof(t->edit[0]));
	if (t->edit == NULL)
		die("out of memory");
	for (run = 0; run < RUNS; run++) {
		for (i = 0; i < t->n; i++)
			type->edit_free(t->edit[i]);
		start = now_ms();
		for (i = 0; i < t->n; i++)
			must(type->edit_parse(t->op[i].data, t->op[i].len,
			    &t->edit[i], &err), &err);
		ms = now_ms() - start;
		best = ms < best ? ms : best;
	}
	report(type->name, "parse", t->n, best);
}

static void
check_end(const struct ot_type *type, const struct trace *t,
    const struct ot_data *data, bool rich)
{
	struct buf b = BUF_INIT;
	size_t skip = rich ? strlen("{\"ops\":[{\"insert\":") : 0;

	type->print(data, &b);
	if (b.len < skip + t->end.len ||
	    memcmp(b.data + skip, t->end.data, t->end.len) != 0)
		die("the replayed document is not the trace's end");
	buf_done(&b);
}

static void
replay(const struct ot_type *type, const struct trace *t, bool undoable)
{
	struct ot_data *data;
	struct ot_undo *undo;
	struct ot_err err;
	double start, ms, best = 1e9;
	bool rich = strcmp(type->name, "rich-text") == 0;
	size_t i, size = 0;
	int run;

	for (run = 0; run < RUNS; run++) {
		must(type->create(NULL, 0, &data, &err), &err);
		start = now_ms();
		for (i = 0; i < t->n; i++) {
			must(type->apply(data, t->edit[i],
			    undoable ? &undo : NULL, &err), &err);
			if (undoable)
				type->undo_free(undo);
		}
		ms = now_ms() - start;
		best = ms < best ? ms : best;
		check_end(type, t, data, rich);
		size = type->data_size(data);
		type->data_free(data);
	}
	report(type->name, undoable ? "replay, each undoable" : "replay", t->n,
	    best);
	if (!undoable)
		printf("%-13s %-26s %9.2f bytes a byte\n", type->name,
		    "memory", (double)size / (double)t->end.len);
}

static void
transform_neighbours(const struct ot_type *type, const struct trace *t)
{
	struct ot_edit *out;
	struct ot_err err;
	double start, ms, best = 1e9;
	size_t i;
	int run;

	for (run = 0; run < RUNS; run++) {
		start = now_ms();
		for (i = 0; i + 1 < t->n; i++) {
			must(type->transform(t->edit[i], t->edit[i + 1],
			    OT_LEFT, &out, &err), &err);
			type->edit_free(out);
		}
		ms = now_ms() - start;
		best = ms < best ? ms : best;
	}
	report(type->name, "transform by the next", t->n, best);
}

/* Compose runs of a hundred ops into one. */
static void
compose_runs(const struct ot_type *type, const struct trace *t)
{
	struct ot_edit *all, *next;
	struct ot_err err;
	double start, ms, best = 1e9;
	size_t i, k, n = 0;
	int run;

	for (run = 0; run < RUNS; run++) {
		n = 0;
		start = now_ms();
		for (i = 0; i + 100 <= t->n; i += 100) {
			must(type->compose(t->edit[i], t->edit[i + 1], &all,
			    &err), &err);
			for (k = 2; k < 100; k++) {
				must(type->compose(all, t->edit[i + k], &next,
				    &err), &err);
				type->edit_free(all);
				all = next;
			}
			type->edit_free(all);
			n += 99;
		}
		ms = now_ms() - start;
		best = ms < best ? ms : best;
	}
	report(type->name, "compose runs of 100", n, best);
}

static void
measure(const struct ot_type *type, const char *json, size_t len)
{
	struct trace t;
	size_t i;

	read_trace(&t, json, len, strcmp(type->name, "rich-text") == 0);
	parse_all(type, &t);
	replay(type, &t, false);
	replay(type, &t, true);
	transform_neighbours(type, &t);
	compose_runs(type, &t);
	for (i = 0; i < t.n; i++) {
		type->edit_free(t.edit[i]);
		buf_done(&t.op[i]);
	}
	free(t.edit);
	free(t.op);
	buf_done(&t.end);
}

int
main(int argc, char **argv)
{
	const struct ot_type *const types[] = {
		&ot_type_text, &ot_type_text_unicode, &ot_type_rich_text
	};
	size_t len, k;
	char *json;
	int i;

	if (argc < 2) {
		fprintf(stderr, "usage: bench_trace TRACE.json [TYPE...]\n");
		return 2;
	}
	json = read_file(argv[1], &len);
	for (k = 0; k < sizeof(types) / sizeof(types[0]); k++) {
		for (i = 2; i < argc; i++)
			if (strcmp(argv[i], types[k]->name) == 0)
				break;
		if (argc == 2 || i < argc)
			measure(types[k], json, len);
	}
	free(json);
	return 0;
}
