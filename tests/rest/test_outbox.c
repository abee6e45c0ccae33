/*
 * outbox: every listener gets every event behind its place, once, in order,
 * however it comes and goes, and however slow it and the store are.  A table
 * of events in memory answers the questions, late and in any order; a stupid
 * twin counts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "core/desk.h"
#include "core/rows.h"
#include "rest/outbox.h"
#include "tests/ot/chance.h"

#define EVENTS_MAX	20000
#define READERS		6
#define OUT_MAX		64
#define STEPS		6000

/* ---- the store ---- */

struct row {
	uint64_t	xid, serial;
	bool		is_odd;		/* in the collection "odd", else "even" */
};

static struct row table[EVENTS_MAX];
static size_t n_table;			/* written */
static size_t n_visible;		/* what a question sees: it grows later */
static size_t n_gone;			/* deleted, from the first on */
static struct job *out[OUT_MAX];	/* asked, not answered */
static bool is_looked_up[OUT_MAX];	/* the answer is on its way */
static size_t n_out;

static void
put(char **cells, size_t column, uint64_t n)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)n);
	cells[column] = mem_copy(text, strlen(text));
}

static void
put_place(struct job *job, uint64_t xid, uint64_t serial)
{
	char **cells;

	job->rows.n_columns = 2;
	cells = rows_add(&job->rows);
	put(cells, 0, xid);
	put(cells, 1, serial);
}

static void
put_event(struct job *job, size_t i)
{
	const char *collection = table[i].is_odd ? "odd" : "even";
	char **cells;

	job->rows.n_columns = 8;
	cells = rows_add(&job->rows);
	put(cells, 0, table[i].xid);
	put(cells, 1, table[i].serial);
	put(cells, 2, 1000);
	cells[3] = mem_copy(collection, strlen(collection));
	cells[4] = mem_copy("x", 1);
	put(cells, 5, i);
	put(cells, 6, i + 1);
	cells[7] = mem_copy("edited", 6);
}

static void
answer_after(struct job *job)
{
	const struct place after = {
		strtoull(job->rows.params[0], NULL, 10),
		strtoull(job->rows.params[1], NULL, 10),
	};
	size_t left = strtoul(job->rows.params[2], NULL, 10);
	const char *collection = job->rows.what == ROWS_EVENTS_OF ?
	    job->rows.params[3] : NULL;

	for (size_t i = n_gone; i < n_visible && left > 0; i++) {
		const struct place at = { table[i].xid, table[i].serial };

		if (place_compare(&at, &after) <= 0 || (collection != NULL &&
		    table[i].is_odd != (strcmp(collection, "odd") == 0)))
			continue;
		put_event(job, i);
		left--;
	}
}

static void
answer(struct job *job)
{
	switch (job->rows.what) {
	case ROWS_EVENTS_NOW:
		if (n_visible > 0)
			put_place(job, table[n_visible - 1].xid,
			    table[n_visible - 1].serial);
		else
			put_place(job, 0, 0);
		break;
	case ROWS_EVENTS_HORIZON:
		if (n_gone > 0)
			put_place(job, table[n_gone - 1].xid,
			    table[n_gone - 1].serial);
		else
			put_place(job, 0, 0);
		break;
	case ROWS_EVENTS_AFTER:
	case ROWS_EVENTS_OF:
		answer_after(job);
		break;
	default:
		fail_msg("asked something else");
	}
}

/* One of the questions is looked up, or fails, or its answer arrives. */
static void
answer_one(struct chance *c, unsigned fails_in)
{
	size_t i = chance_below(c, n_out);
	struct job *job = out[i];

	if (!is_looked_up[i]) {
		is_looked_up[i] = true;
		if (fails_in > 0 && chance_below(c, fails_in) == 0)
			job->err = ERR_STORE_AWAY;
		else
			answer(job);
		return;
	}
	out[i] = out[--n_out];
	is_looked_up[i] = is_looked_up[n_out];
	job->settle(job);
}

static void
fetch_questions(struct desk *desk)
{
	struct job *job;

	while ((job = desk_next(desk)) != NULL) {
		assert_true(n_out < OUT_MAX);
		is_looked_up[n_out] = false;
		out[n_out++] = job;
	}
}

static void
write_some(struct chance *c)
{
	static uint64_t xid, serial;
	size_t n = chance_below(c, 8);

	if (n_table == 0)
		xid = serial = 0;
	xid += chance_below(c, 3);
	while (n-- > 0 && n_table < EVENTS_MAX) {
		if (chance_below(c, 3) == 0)
			xid++;
		table[n_table++] = (struct row){
			xid, ++serial, chance_below(c, 2) == 0,
		};
	}
}

/* ---- readers, and what they must have ---- */

struct reader {
	struct listener	 listener;
	bool		 is_here;
	bool		 is_ready;
	unsigned	 room;
	struct place	 have;		/* all up to this one */
	bool		 has_place;
	size_t		 taken;
};

static void
on_take(struct listener *l, const struct event *e)
{
	struct reader *r = LIST_ITEM(l, struct reader, listener);
	size_t i;

	assert_true(r->has_place);
	/* The next one in the table behind what it has, and no other. */
	for (i = 0; i < n_visible; i++) {
		const struct place at = { table[i].xid, table[i].serial };

		if (place_compare(&at, &r->have) > 0 &&
		    (l->collection == NULL ||
		    table[i].is_odd == (strcmp(l->collection, "odd") == 0)))
			break;
	}
	assert_true(i < n_visible);
	assert_int_equal(e->place.xid, table[i].xid);
	assert_int_equal(e->place.serial, table[i].serial);
	assert_int_equal(place_compare(&l->place, &e->place), 0);
	r->have = e->place;
	r->taken++;
	if (r->room > 0)
		r->room--;
	if (r->room % 7 == 1)		/* it may say so at any time */
		outbox_more(l);
}

static bool
on_room(const struct listener *l)
{
	return LIST_ITEM(l, struct reader, listener)->room > 0;
}

static void
on_ready(struct listener *l)
{
	struct reader *r = LIST_ITEM(l, struct reader, listener);

	r->is_ready = true;
	if (!r->has_place || l->is_late)
		r->have = l->place;
	r->has_place = true;
}

static void
come(struct outbox *o, struct chance *c, struct reader *r)
{
	static const char *const collections[] = { NULL, "odd", "even" };

	if (!r->has_place || chance_below(c, 3) == 0) {
		r->has_place = false;
		r->listener.collection = collections[chance_below(c, 3)];
	}
	r->listener.take = on_take;
	r->listener.has_room = on_room;
	r->listener.ready = on_ready;
	r->room = 1 + (unsigned)chance_below(c, 300);
	r->is_here = true;
	r->is_ready = false;
	outbox_listen(o, &r->listener, r->has_place ? &r->have : NULL);
}

static void
step(struct outbox *o, struct desk *desk, struct chance *c,
    struct reader *readers, uint64_t *now_ms, unsigned fails_in)
{
	struct reader *r = &readers[chance_below(c, READERS)];

	switch (chance_below(c, 8)) {
	case 0:
		write_some(c);
		break;
	case 1:
		n_visible += chance_below(c, n_table - n_visible + 1);
		break;
	case 2:
		if (!r->is_here) {
			come(o, c, r);
		} else if (chance_below(c, 20) == 0) {
			outbox_leave(&r->listener);
			r->is_here = false;
		}
		break;
	case 3:
		r->room = (unsigned)chance_below(c, 300);
		if (r->is_here && r->room > 0)
			outbox_more(&r->listener);
		break;
	case 4:
		*now_ms += chance_below(c, 300);
		outbox_tick(o, *now_ms);
		break;
	default:
		if (n_out > 0)
			answer_one(c, fails_in);
		break;
	}
	fetch_questions(desk);
}

/* So that the outbox begins anew, sooner or later than who comes back. */
static void
leave_all(struct reader *readers)
{
	for (size_t i = 0; i < READERS; i++) {
		if (readers[i].is_here)
			outbox_leave(&readers[i].listener);
		readers[i].is_here = false;
	}
}

/* Nothing more happens: everybody who is here has everything. */
static void
settle(struct outbox *o, struct desk *desk, struct chance *c,
    struct reader *readers, uint64_t *now_ms)
{
	n_visible = n_table;
	for (int i = 0; i < 2000; i++) {
		*now_ms += 250;
		outbox_tick(o, *now_ms);
		fetch_questions(desk);
		while (n_out > 0) {
			answer_one(c, 0);
			fetch_questions(desk);
		}
		for (size_t k = 0; k < READERS; k++) {
			readers[k].room = 500;
			if (readers[k].is_here)
				outbox_more(&readers[k].listener);
		}
		fetch_questions(desk);
	}
	for (size_t k = 0; k < READERS; k++) {
		const struct reader *r = &readers[k];

		if (!r->is_here)
			continue;
		assert_true(r->is_ready);
		for (size_t i = n_table; i-- > 0;) {
			const struct place at = { table[i].xid,
			    table[i].serial };

			if (r->listener.collection != NULL && table[i].is_odd !=
			    (strcmp(r->listener.collection, "odd") == 0))
				continue;
			assert_true(place_compare(&r->have, &at) >= 0);
			break;
		}
	}
}

static size_t
run(uint64_t seed, unsigned fails_in)
{
	struct reader readers[READERS] = { 0 };
	struct chance c = { .state = seed };
	uint64_t now_ms = 1000;
	struct desk desk;
	struct outbox *o;
	size_t taken = 0;

	n_table = n_visible = n_gone = 0;
	desk_init(&desk);
	o = outbox_new(&desk);
	for (int i = 0; i < STEPS; i++) {
		if (i % 100 == 99)
			leave_all(readers);
		step(o, &desk, &c, readers, &now_ms, fails_in);
	}
	settle(o, &desk, &c, readers, &now_ms);
	for (size_t i = 0; i < READERS; i++)
		taken += readers[i].taken;
	leave_all(readers);
	while (n_out > 0)
		job_free(out[--n_out]);
	outbox_free(o);
	desk_done(&desk);
	return taken;
}

static void
nothing_is_passed_or_told_twice(void **state)
{
	size_t taken = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 40; seed++)
		taken += run(seed, seed % 2 == 0 ? 10 : 0);
	assert_true(taken > 20000);
}

static void
who_comes_too_late_is_told(void **state)
{
	struct chance c = { .state = 7 };
	struct reader readers[READERS] = { 0 };
	uint64_t now_ms = 1000;
	struct desk desk;
	struct outbox *o;

	(void)state;
	n_table = 0;
	while (n_table < 100)
		write_some(&c);
	n_visible = n_table;
	n_gone = 50;
	desk_init(&desk);
	o = outbox_new(&desk);
	/* One before the horizon, one at it, one behind it. */
	for (size_t i = 0; i < 3; i++) {
		struct reader *r = &readers[i];

		r->have = (struct place){ table[48 + i].xid,
		    table[48 + i].serial };
		r->has_place = true;
		r->listener = (struct listener){ .take = on_take,
		    .has_room = on_room, .ready = on_ready };
		r->room = 500;
		r->is_here = true;
		outbox_listen(o, &r->listener, &r->have);
	}
	fetch_questions(&desk);
	settle(o, &desk, &c, readers, &now_ms);
	assert_true(readers[0].listener.is_late);
	assert_false(readers[1].listener.is_late);
	assert_false(readers[2].listener.is_late);
	assert_int_equal(readers[0].taken, n_table - 50);
	assert_int_equal(readers[1].taken, n_table - 50);
	assert_int_equal(readers[2].taken, n_table - 51);
	leave_all(readers);
	while (n_out > 0)
		job_free(out[--n_out]);
	outbox_free(o);
	desk_done(&desk);
}

static void
places_are_read_and_written(void **state)
{
	static const char *const bad[] = { "", ".", "1", "1.", ".1", "1.2.3",
	    "1.2 ", " 1.2", "-1.2", "1.-2", "+1.2", "1,2", "0x1.2",
	    "99999999999999999999.1", "1.9223372036854775808" };
	struct place place = { 7, 7 };
	char text[PLACE_TEXT];
	const char *end;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (place_read(bad[i], &place, NULL))
			fail_msg("\"%s\" was read", bad[i]);
		assert_int_equal(place.xid, 7);
	}
	assert_true(place_read("9223372036854775807.0", &place, NULL));
	place_print(&place, text);
	assert_string_equal(text, "9223372036854775807.0");
	assert_true(place_read("1.2 3.4", &place, &end));
	assert_string_equal(end, " 3.4");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_passed_or_told_twice),
		cmocka_unit_test(who_comes_too_late_is_told),
		cmocka_unit_test(places_are_read_and_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
