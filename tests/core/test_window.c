/*
 * window: beside a plain array, by chance; and what it counts.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "core/window.h"
#include "tests/ot/chance.h"

#define VERSIONS	4000

static const struct op_undo nothing = { OP_EDIT, NULL, NULL, NULL };

/* All there ever were, by version; the window has [start, end) of them. */
struct model {
	struct op	*ops[VERSIONS];
	uint64_t	 start, end;
};

static struct op *
make_op(uint64_t v, size_t body_len)
{
	static const char body[100];

	return op_new(OP_EDIT, v, "s", v, body, body_len);
}

static void
check(const struct window *w, const struct model *m)
{
	uint64_t v;
	size_t bytes = 0;

	assert_int_equal(w->start, m->start);
	assert_int_equal(window_end(w), m->end);
	for (v = m->start; v < m->end; v++) {
		assert_ptr_equal(window_at(w, v)->op, m->ops[v]);
		bytes += window_at(w, v)->cost;
	}
	assert_int_equal(w->bytes, bytes);
	/* The model holds one count, the window the other. */
	for (v = 0; v < VERSIONS; v++)
		if (m->ops[v] != NULL)
			assert_int_equal(m->ops[v]->refs,
			    v >= m->start && v < m->end ? 2 : 1);
}

static void
push(struct window *w, struct model *m, struct chance *c)
{
	struct op *op;

	if (m->end == VERSIONS)
		return;
	if (m->ops[m->end] == NULL)
		m->ops[m->end] = make_op(m->end, chance_below(c, 100));
	op = op_ref(m->ops[m->end++]);
	window_push(w, op, &nothing);
}

static void
pop(struct window *w, struct model *m)
{
	struct window_slot s;

	if (m->start == m->end)
		return;
	s = window_pop(w);
	assert_ptr_equal(s.op, m->ops[--m->end]);
	op_unref(s.op);
}

static void
trim(struct window *w, struct model *m, struct chance *c)
{
	size_t max_ops = chance_below(c, 20);
	uint64_t keep = m->start + chance_below(c, m->end - m->start + 2);

	window_trim(w, keep, max_ops, SIZE_MAX);
	while (m->end - m->start > max_ops && m->start < keep)
		m->start++;
	if (chance_below(c, 3) == 0) {
		window_fit(w);
		assert_true(w->n == 0 ? w->cap == 0 : w->cap < 2 * w->n);
	}
}

/* Older ones, sometimes with a gap, sometimes with some it has. */
static void
prepend(struct window *w, struct model *m, struct chance *c)
{
	struct op_list older = { NULL, 0 };
	uint64_t from, to, v;
	size_t taken;

	from = m->start - (m->start > 0 ? chance_below(c, m->start < 30 ?
	    m->start + 1 : 30) : 0);
	to = m->start + chance_below(c, 3);
	if (to > m->end)
		to = m->end;
	if (chance_below(c, 10) == 0 && to > 0)
		to--;		/* no longer joins on */
	for (v = from; v < to; v++)
		if (m->ops[v] != NULL)
			op_list_add(&older, op_ref(m->ops[v]));
	taken = window_prepend(w, &older);
	if (to >= m->start && from < m->start) {
		assert_int_equal(taken, m->start - from);
		m->start = from;
	} else {
		assert_int_equal(taken, 0);
	}
	op_list_done(&older);
}

static void
test_beside_a_model(void **state)
{
	static struct model m;
	struct window w;
	struct chance c;
	unsigned i, v;

	(void)state;
	chance_init(&c, "window", 7);
	window_init(&w, 0);
	for (i = 0; i < 20000; i++) {
		switch (chance_below(&c, 10)) {
		case 0: case 1: case 2: case 3: case 4:
			push(&w, &m, &c);
			break;
		case 5: case 6:
			pop(&w, &m);
			break;
		case 7:
			trim(&w, &m, &c);
			break;
		default:
			prepend(&w, &m, &c);
			break;
		}
		if (i % 16 == 0)
			check(&w, &m);
	}
	check(&w, &m);
	assert_true(m.start > 1000);
	window_done(&w);
	for (v = 0; v < VERSIONS; v++)
		op_unref(m.ops[v]);
}

static void
test_trims_by_bytes(void **state)
{
	struct window w;
	uint64_t v;
	size_t each;

	(void)state;
	window_init(&w, 5);
	for (v = 5; v < 15; v++)
		window_push(&w, make_op(v, 50), &nothing);
	each = w.bytes / 10;
	window_trim(&w, 15, SIZE_MAX, 3 * each);
	assert_int_equal(w.start, 12);
	/* What is needed stays, whatever it costs. */
	window_trim(&w, 13, 0, 0);
	assert_int_equal(w.start, 13);
	window_trim(&w, 15, 0, 0);
	assert_int_equal(w.start, 15);
	assert_int_equal(w.bytes, 0);
	window_done(&w);
}

/* Parsing gives an op another body; what was counted is given back. */
static void
test_counts_what_it_counted(void **state)
{
	static const char text[] = "[  \"a\"  ]";
	struct window w;
	struct op *op = op_new(OP_EDIT, 0, "s", 1, text, sizeof(text) - 1);
	struct ot_err err;

	(void)state;
	window_init(&w, 0);
	window_push(&w, op, &nothing);
	assert_int_equal(op_parse(op, &ot_type_text, &err), 0);
	assert_int_equal(op->body_len, 5);
	window_trim(&w, 1, 0, 0);
	assert_int_equal(w.n, 0);
	assert_int_equal(w.bytes, 0);
	window_done(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_beside_a_model),
		cmocka_unit_test(test_trims_by_bytes),
		cmocka_unit_test(test_counts_what_it_counted),
	};

	return cmocka_run_group_tests_name("window", tests, NULL, NULL);
}
