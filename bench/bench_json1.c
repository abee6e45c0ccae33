/*
 * bench_json1: how fast json1 edits.
 *
 *	bench_json1 [TRACE.json]
 *
 * With a trace of github.com/josephg/editing-traces (unpacked) its history is
 * replayed as text edits of a string in an object.  Without, edits of a
 * hundred records are made: applied, transformed, composed.  Ops are parsed
 * before the clock starts, except where it says so.  Times are of the processor;
 * each figure is the best of five runs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ot/json.h"
#include "ot/json_value.h"
#include "ot/type.h"

#define RUNS	5
#define RECORDS	100
#define EDITS	100000

static const struct ot_type *const json1 = &ot_type_json1_auto;

struct ops {
	struct ot_edit	**edit;
	size_t		  n;
	struct buf	  text;		/* all of them as JSON, a line each */
};

static void
die(const char *why)
{
	fprintf(stderr, "bench_json1: %s\n", why);
	exit(1);
}

static void
must(int rc, const struct ot_err *err)
{
	if (rc != 0)
		die(err->text);
}

static double
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static void
report(const char *what, size_t n, double best_ms)
{
	printf("%-34s %9.2f ms %8.2f M/s\n", what, best_ms,
	    (double)n / best_ms / 1e3);
}

/* Take over the op in b, which is empty then. */
static void
add_op(struct ops *ops, struct buf *b)
{
	buf_put(&ops->text, b->data, b->len);
	buf_putc(&ops->text, '\n');
	buf_reset(b);
	ops->n++;
}

static void
parse_all(struct ops *ops)
{
	const char *line, *end;
	struct ot_err err;
	double start, ms, best = 1e9;
	size_t i;
	int run;

	ops->edit = calloc(ops->n, sizeof(ops->edit[0]));
	if (ops->edit == NULL || buf_failed(&ops->text))
		die("out of memory");
	for (run = 0; run < RUNS; run++) {
		for (i = 0; i < ops->n; i++)
			json1->edit_free(ops->edit[i]);
		start = now_ms();
		line = ops->text.data;
		for (i = 0; i < ops->n; i++, line = end + 1) {
			end = memchr(line, '\n', (size_t)(ops->text.data +
			    ops->text.len - line));
			must(json1->edit_parse(line, (size_t)(end - line),
			    &ops->edit[i], &err), &err);
		}
		ms = now_ms() - start;
		best = ms < best ? ms : best;
	}
	report("parse", ops->n, best);
}

static void
free_ops(struct ops *ops)
{
	while (ops->n > 0)
		json1->edit_free(ops->edit[--ops->n]);
	free(ops->edit);
	buf_done(&ops->text);
}

static void
apply_all(const char *what, const char *doc, const struct ops *ops)
{
	struct ot_data *data;
	struct ot_undo *undo;
	struct ot_err err;
	double start, ms, best = 1e9;
	size_t i;
	int run;

	for (run = 0; run < RUNS; run++) {
		must(json1->load(doc, strlen(doc), &data, &err), &err);
		start = now_ms();
		for (i = 0; i < ops->n; i++) {
			must(json1->apply(data, ops->edit[i], &undo, &err),
			    &err);
			json1->undo_free(undo);
		}
		ms = now_ms() - start;
		best = ms < best ? ms : best;
		json1->data_free(data);
	}
	report(what, ops->n, best);
}

/* ---- a trace ---- */

/*
 * The patch that the reader stands before, as an op.  Positions in the traces
 * count code points, and here they count as units: the texts have no pairs.
 */
static void
read_patch(struct ops *ops, struct json_reader *r, struct json *now)
{
	struct json *ins;
	struct buf b = BUF_INIT;
	double pos, del;

	must(json_enter(r, JSON_LIST), r->err);
	must(json_next_item(r) - 1, r->err);
	must(json_read_number(r, &pos), r->err);
	must(json_next_item(r) - 1, r->err);
	must(json_read_number(r, &del), r->err);
	must(json_next_item(r) - 1, r->err);
	must(json_read(r, 0, &ins), r->err);
	must(json_next_item(r), r->err);
	buf_puts(&b, "[\"t\",{\"es\":[");
	if (pos > 0) {
		json_put_number(&b, pos);
		buf_putc(&b, ',');
	}
	if (json_string_len_u16(ins) > 0) {
		json_print(ins, &b);
		buf_puts(&b, del > 0 ? "," : "]}]");
	}
	if (del > 0) {
		buf_puts(&b, "{\"d\":");
		json_put_number(&b, del);
		buf_puts(&b, "}]}]");
	}
	if (json_string_splice(now, (size_t)pos, (size_t)(pos + del),
	    ins) != 0)
		die("out of memory");
	add_op(ops, &b);
	json_unref(ins);
	buf_done(&b);
}

static void
read_transactions(struct ops *ops, struct json_reader *r, struct json *now)
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
				read_patch(ops, r, now);
		}
	}
}

static void
measure_trace(const char *path)
{
	struct ops ops = { .text = BUF_INIT };
	struct buf text = BUF_INIT;
	struct json_reader r;
	struct json_slice key;
	struct json *now = json_string("", 0);
	struct ot_err err;
	FILE *f = fopen(path, "rb");
	char *room;
	size_t n;

	if (f == NULL || now == NULL)
		die("cannot read the trace");
	while ((room = buf_room(&text, 65536)) != NULL &&
	    (n = fread(room, 1, 65536, f)) > 0)
		text.len += n;
	fclose(f);
	json_reader_init(&r, text.data, text.len, &err);
	must(json_enter(&r, JSON_OBJECT), &err);
	while (json_next_member(&r, &key) > 0) {
		if (json_slice_is(&key, "txns"))
			read_transactions(&ops, &r, now);
		else
			must(json_skip(&r, NULL), &err);
	}
	parse_all(&ops);
	apply_all("replay in {\"t\": ...}", "{\"t\":\"\"}", &ops);
	free_ops(&ops);
	json_unref(now);
	buf_done(&text);
}

/* ---- records ---- */

static uint32_t
chance(uint32_t below)
{
	static uint32_t state = 1;

	state = state * 1664525u + 1013904223u;
	return (state >> 8) % below;
}

static void
put_path(struct buf *b, const char *field)
{
	buf_puts(b, "[\"records\",");
	buf_put_u64(b, chance(RECORDS));
	buf_puts(b, ",\"");
	buf_puts(b, field);
	buf_puts(b, "\",");
}

static void
put_field_edit(struct buf *b)
{
	switch (chance(3)) {
	case 0:
		put_path(b, "count");
		buf_puts(b, "{\"ena\":1}]");
		break;
	case 1:
		put_path(b, "done");
		buf_puts(b, "{\"r\":false,\"i\":true}]");
		break;
	default:
		put_path(b, "name");
		buf_puts(b, "{\"r\":\"a name\",\"i\":\"a new name\"}]");
	}
}

static void
put_single_edit(struct buf *b)
{
	if (chance(2) == 0) {
		put_path(b, "count");
		buf_puts(b, "{\"ena\":1}]");
	} else {
		put_path(b, "name");
		buf_puts(b, "{\"es\":[2,\"x\"]}]");
	}
}

static void
put_move(struct buf *b)
{
	unsigned from = chance(RECORDS), to = chance(RECORDS);

	if (from == to)
		to = (to + 1) % RECORDS;
	buf_puts(b, "[\"records\",[");
	buf_put_u64(b, from < to ? from : to);
	buf_puts(b, from < to ? ",{\"p\":0}],[" : ",{\"d\":0}],[");
	buf_put_u64(b, from < to ? to : from);
	buf_puts(b, from < to ? ",{\"d\":0}]]" : ",{\"p\":0}]]");
}

static char *
records(void)
{
	struct buf b = BUF_INIT;
	size_t i, len;

	buf_puts(&b, "{\"records\":[");
	for (i = 0; i < RECORDS; i++)
		buf_puts(&b, i > 0 ? ",{\"name\":\"a name\",\"count\":0,"
		    "\"done\":false,\"text\":\"\"}" : "{\"name\":\"a name\","
		    "\"count\":0,\"done\":false,\"text\":\"\"}");
	buf_puts(&b, "]}");
	buf_putc(&b, '\0');
	return buf_take(&b, &len);
}

static void
transform_all(const char *what, const struct ops *ops)
{
	struct ot_edit *out;
	struct ot_err err;
	double start, ms, best = 1e9;
	size_t i;
	int run;

	for (run = 0; run < RUNS; run++) {
		start = now_ms();
		for (i = 0; i + 1 < ops->n; i++) {
			must(json1->transform(ops->edit[i], ops->edit[i + 1],
			    OT_LEFT, &out, &err), &err);
			json1->edit_free(out);
		}
		ms = now_ms() - start;
		best = ms < best ? ms : best;
	}
	report(what, ops->n - 1, best);
}

static void
compose_adds(void)
{
	static const char op[] = "[\"records\",5,\"count\",{\"ena\":1}]";
	struct ot_edit *add, *all, *next;
	struct ot_err err;
	double start, ms, best = 1e9;
	size_t i;
	int run;

	must(json1->edit_parse(op, sizeof(op) - 1, &add, &err), &err);
	for (run = 0; run < RUNS; run++) {
		start = now_ms();
		must(json1->compose(add, add, &all, &err), &err);
		for (i = 1; i < EDITS; i++) {
			must(json1->compose(all, add, &next, &err), &err);
			json1->edit_free(all);
			all = next;
		}
		json1->edit_free(all);
		ms = now_ms() - start;
		best = ms < best ? ms : best;
	}
	json1->edit_free(add);
	report("compose adds", EDITS, best);
}

static void
make_ops(struct ops *ops, void (*put_op)(struct buf *b))
{
	struct buf b = BUF_INIT;
	size_t i;

	for (i = 0; i < EDITS; i++) {
		put_op(&b);
		add_op(ops, &b);
	}
	buf_done(&b);
	parse_all(ops);
}

static void
put_any(struct buf *b)
{
	if (chance(3) == 0)
		put_move(b);
	else
		put_field_edit(b);
}

static void
measure_records(void)
{
	struct ops edits = { .text = BUF_INIT }, fields = { .text = BUF_INIT };
	struct ops all = { .text = BUF_INIT };
	char *doc = records();

	make_ops(&edits, put_single_edit);
	make_ops(&fields, put_field_edit);
	make_ops(&all, put_any);
	apply_all("apply adds and text", doc, &edits);
	apply_all("apply field edits", doc, &fields);
	apply_all("apply field edits and moves", doc, &all);
	transform_all("transform adds and text", &edits);
	transform_all("transform field edits and moves", &all);
	compose_adds();
	free_ops(&edits);
	free_ops(&fields);
	free_ops(&all);
	free(doc);
}

int
main(int argc, char **argv)
{
	if (argc > 2) {
		fprintf(stderr, "usage: bench_json1 [TRACE.json]\n");
		return 2;
	}
	if (argc == 2)
		measure_trace(argv[1]);
	else
		measure_records();
	return 0;
}
