/*
 * content: what goes with commits for queries, and what later.
 */
#include "tests/core/rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/content.h"

#define LONG_BYTES	(3 * CONTENT_AT_ONCE)

/* Create c/x as a text of so many letters. */
static void
create(struct rig *r, struct session *ss, size_t len)
{
	static const char head[] = "{'a':'op','c':'c','d':'x','v':0,'seq':1,"
	    "'create':{'type':'text','data':'";
	char *text = mem_get(sizeof(head) + len + 8), *p = text;

	memcpy(p, head, sizeof(head) - 1);
	p += sizeof(head) - 1;
	memset(p, 'a', len);
	memcpy(p + len, "'}}", 4);
	rig_say(r, ss, text);
	free(text);
}

static void
edit(struct rig *r, struct session *ss, int v)
{
	char text[128];

	snprintf(text, sizeof(text), "{'a':'op','c':'c','d':'x','v':%d,"
	    "'seq':%d,'op':['b']}", v, v + 1);
	rig_say(r, ss, text);
}

/* The commit that is held back: does its parcel bring the content? */
static bool
brings_content(struct rig *r, size_t *len_out)
{
	struct job *job = rig_held(r, JOB_COMMIT);
	struct parcel *p;
	bool brings;

	assert_int_equal(job->commit.n_parcels, 1);
	p = LIST_ITEM(job->commit.parcels.next, struct parcel, node);
	brings = p->has_content;
	*len_out = p->len;
	rig_settle(r, JOB_COMMIT, ERR_NONE, true);
	rig_hold(r, JOB_COMMIT);
	return brings;
}

static struct session *
start(struct rig *r)
{
	struct session *ss;

	rig_init(r);
	rig_start(r);
	ss = rig_open(r, "A");
	rig_hold(r, JOB_COMMIT);
	return ss;
}

static void
test_short_goes_with_each_commit(void **state)
{
	struct rig r;
	struct session *ss = start(&r);
	size_t len;

	(void)state;
	create(&r, ss, 100);
	assert_true(brings_content(&r, &len));
	assert_int_equal(len, 102);
	for (int v = 1; v < 5; v++) {
		edit(&r, ss, v);
		assert_true(brings_content(&r, &len));
		assert_int_equal(len, 102 + v);
	}
	rig_done(&r);
}

static void
test_long_goes_when_it_is_earned(void **state)
{
	struct rig r;
	struct session *ss = start(&r);
	size_t len, brought = 0;
	int v;

	(void)state;
	create(&r, ss, LONG_BYTES);
	assert_true(brings_content(&r, &len));
	edit(&r, ss, 1);
	assert_false(brings_content(&r, &len));
	for (v = 2; v < 4000; v++) {
		edit(&r, ss, v);
		if (brings_content(&r, &len)) {
			brought += len;
			assert_int_equal(len, LONG_BYTES + 2 + v);
		}
	}
	/* Some, and less than the ops have earned. */
	assert_in_range(brought, 2 * LONG_BYTES, 4000 * 300);
	/* What is no more must not be found. */
	rig_say(&r, ss, "{'a':'op','c':'c','d':'x','v':4000,'seq':4001,"
	    "'del':true}");
	assert_true(brings_content(&r, &len));
	assert_int_equal(len, 0);
	rig_done(&r);
}

/* The content of c/x at that version is written apart from any commit. */
static void
expect_written(struct rig *r, uint64_t v)
{
	struct job *job = rig_held(r, JOB_CONTENT);

	assert_string_equal(job->content.collection, "c");
	assert_string_equal(job->content.id, "x");
	assert_int_equal(job->content.v, v);
	assert_int_equal(job->content.len, LONG_BYTES + 2 + v - 1);
	rig_settle(r, JOB_CONTENT, ERR_NONE, true);
}

static void
test_the_rest_goes_at_the_end(void **state)
{
	for (int is_drain = 0; is_drain < 2; is_drain++) {
		struct rig r;
		struct session *ss;
		size_t len;

		rig_init(&r);
		r.limits.idle_ms = 1000;
		rig_start(&r);
		ss = rig_open(&r, "A");
		rig_hold(&r, JOB_COMMIT);
		create(&r, ss, LONG_BYTES);
		assert_true(brings_content(&r, &len));
		edit(&r, ss, 1);
		assert_false(brings_content(&r, &len));
		rig_hold(&r, JOB_CONTENT);
		if (is_drain)
			hub_drain(r.hub);
		else
			rig_tick(&r, 2000);
		rig_run(&r);
		expect_written(&r, 2);
		rig_done(&r);
	}
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_short_goes_with_each_commit),
		cmocka_unit_test(test_long_goes_when_it_is_earned),
		cmocka_unit_test(test_the_rest_goes_at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
