/* Finding: content goes with commits, and finds see it. */
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/filter.h"
#include "tests/proto/quoted.h"

/* A job for the filter, written with '. */
static struct job *
asking(const char *collection, const char *text)
{
	char *q = quoted(text);
	struct json_slice slice = { q, strlen(q), JSON_OBJECT };
	struct filter *f = NULL;
	struct ot_err err;

	if (filter_parse(&slice, &f, &err) != 0)
		fail_msg("%s: %s", q, err.text);
	free(q);
	return job_new_find(collection, f, NULL);
}

/* The ids found, with spaces between. */
static void
assert_found(const char *collection, const char *q, const char *ids)
{
	struct job *job = rig_do(suite_store, asking(collection, q));
	struct buf found = BUF_INIT;
	size_t i;

	if (job->err != ERR_NONE)
		fail_msg("%s: %s %s", q, err_text(job->err), job->find.why);
	for (i = 0; i < job->find.n; i++) {
		buf_puts(&found, i > 0 ? " " : "");
		buf_puts(&found, job->find.found[i].id);
	}
	buf_putc(&found, '\0');
	if (strcmp(found.data, ids) != 0)
		fail_msg("%s: \"%s\", not \"%s\"", q, found.data, ids);
	buf_done(&found);
	job_free(job);
}

static void
assert_counted(const char *collection, const char *q, uint64_t n)
{
	struct job *job = rig_do(suite_store, asking(collection, q));

	assert_int_equal(job->err, ERR_NONE);
	assert_int_equal(job->find.count, n);
	job_free(job);
}

/*
 * Commit one op with the content after it: body NULL is a deleted document
 * when kind says so, else undefined content.
 */
static void
put(const char *collection, const char *id, uint64_t v, enum op_kind kind,
    const char *body)
{
	struct job *job = rig_commit();
	struct parcel *p = rig_parcel(job, collection, id, v);
	char *quoted_body = body != NULL ? quoted(body) : NULL;

	rig_op(job, p, kind, "finder", v, kind == OP_CREATE ? CREATE :
	    kind == OP_EDIT ? EDIT : NULL);
	p->has_content = true;
	p->body = quoted_body;
	p->len = body != NULL ? strlen(body) : 0;
	job = rig_do(suite_store, job);
	assert_int_equal(job->err, ERR_NONE);
	assert_true(rig_parcel_at(job, 0)->accepted);
	job_free(job);
}

void
find_by_filter(void **state)
{
	const char *c = "find_by_filter";

	(void)state;
	assert_found(c, "{}", "");
	put(c, "b", 0, OP_CREATE, "{'n':2,'tags':['x','y'],'in':{'k':'v'}}");
	put(c, "a", 0, OP_CREATE, "{'n':1,'tags':['y'],'in':[{'k':'v'}]}");
	put(c, "c", 0, OP_CREATE, "{'n':null}");
	put(c, "d", 0, OP_CREATE, "'text'");
	put("find_elsewhere", "e", 0, OP_CREATE, "{'n':1}");
	assert_found(c, "{}", "a b c d");
	assert_found(c, "{'n':1}", "a");
	assert_found(c, "{'n':null}", "c d");
	assert_found(c, "{'n':{'$ne':1}}", "b c d");
	assert_found(c, "{'tags':'y'}", "a b");
	assert_found(c, "{'tags':{'$all':['x','y']}}", "b");
	assert_found(c, "{'in.k':'v'}", "a b");
	assert_found(c, "{'in.0.k':'v'}", "a");
	assert_found(c, "{'tags':{'$regex':'^X','$options':'i'}}", "b");
	assert_found(c, "{'_data':'text'}", "d");
	assert_found(c, "{'_id':{'$in':['a','d','z']}}", "a d");
	assert_found(c, "{'_v':1,'_type':'" TYPE "'}", "a b c d");
	assert_found(c, "{'$or':[{'n':{'$gte':2}},{'_id':'c'}]}", "b c");
	assert_found(c, "{'$sort':{'n':-1}}", "b a c d");
	assert_found(c, "{'$sort':{'n':1},'$skip':1,'$limit':2}", "d a");
	assert_found(c, "{'$skip':3}", "d");
	assert_found(c, "{'$skip':4}", "");
	assert_found(c, "{'$limit':2}", "a b");
	assert_counted(c, "{'$count':true}", 4);
	assert_counted(c, "{'$count':true,'tags':{'$exists':true}}", 2);
	assert_counted(c, "{'$count':true,'tags':{'$size':1}}", 1);
	assert_counted(c, "{'$count':true,'$skip':1,'$limit':2}", 2);
	assert_counted(c, "{'$count':true,'$skip':9}", 0);
}

void
find_follows_commits(void **state)
{
	const char *c = "find_follows_commits";
	struct job *job;

	(void)state;
	put(c, "a", 0, OP_CREATE, "{'n':1}");
	put(c, "a", 1, OP_EDIT, "{'n':2}");
	assert_found(c, "{'n':1}", "");
	job = rig_do(suite_store, asking(c, "{'n':2}"));
	assert_int_equal(job->find.n, 1);
	assert_int_equal(job->find.found[0].v, 2);
	assert_string_equal(job->find.found[0].type, TYPE);
	assert_int_equal(job->find.found[0].len, strlen("{\"n\":2}"));
	assert_memory_equal(job->find.found[0].body, "{\"n\":2}", 7);
	job_free(job);
	put(c, "a", 2, OP_EDIT, NULL);
	assert_found(c, "{'n':null}", "a");
	put(c, "a", 3, OP_DELETE, NULL);
	assert_found(c, "{}", "");
	put(c, "a", 4, OP_CREATE, "{'n':5}");
	assert_found(c, "{'n':5}", "a");
}

/* A parcel that is refused leaves content alone; one without leaves it old. */
void
find_and_parcels(void **state)
{
	const char *c = "find_and_parcels";
	struct job *job;
	struct parcel *p;

	(void)state;
	put(c, "a", 0, OP_CREATE, "{'n':1}");
	put(c, "b", 0, OP_CREATE, "{'n':1}");
	assert_found(c, "{}", "a b");
	job = rig_commit();
	p = rig_parcel(job, c, "a", 7);
	rig_op(job, p, OP_EDIT, "x", 1, EDIT);
	p->has_content = true;
	p->body = quoted("{'n':9}");
	p->len = strlen(p->body);
	p = rig_parcel(job, c, "b", 1);
	rig_op(job, p, OP_EDIT, "x", 2, EDIT);
	p = rig_parcel(job, c, "n", 0);
	rig_op(job, p, OP_CREATE, "x", 3, CREATE);
	p->has_content = true;
	p->body = quoted("{'n':3}");
	p->len = strlen(p->body);
	job = rig_do(suite_store, job);
	assert_int_equal(job->err, ERR_NONE);
	assert_false(rig_parcel_at(job, 0)->accepted);
	assert_true(rig_parcel_at(job, 1)->accepted);
	assert_true(rig_parcel_at(job, 2)->accepted);
	job_free(job);
	assert_found(c, "{'n':9}", "");
	assert_found(c, "{'n':1}", "a b");
	assert_found(c, "{'n':3}", "n");
}

void
find_odd_content(void **state)
{
	const char *c = "find_odd_content";

	(void)state;
	put(c, "nul", 0, OP_CREATE, "{'s':'a\\u0000b'}");
	put(c, "lone", 0, OP_CREATE, "{'s':'\\ud800'}");
	put(c, "back", 0, OP_CREATE, "{'s':'\\\\u0000'}");
	put(c, "big", 0, OP_CREATE, "{'s':1e308}");
	assert_found(c, "{'s':'a\\u0000b'}", "nul");
	assert_found(c, "{'s':'\\ud800'}", "lone");
	assert_found(c, "{'s':'\\ufffd'}", "");
	assert_found(c, "{'s':'\\\\u0000'}", "back");
	assert_found(c, "{'s':1e308}", "big");
	assert_found(c, "{'s':{'$ne':'\\ud800'}}", "back big nul");
	assert_found(c, "{'s':{'$nin':['a\\u0000b',1]}}", "back big lone");
	assert_counted(c, "{'$count':true,'s':{'$gt':'\\\\'}}", 3);
	assert_found(c, "{'_id':'\\u0000'}", "");
	assert_found(c, "{'s\\ud800':1}", "");
}

void
find_among_ids(void **state)
{
	const char *c = "find_among_ids";
	struct job *job;

	(void)state;
	put(c, "a", 0, OP_CREATE, "{'n':1}");
	put(c, "b", 0, OP_CREATE, "{'n':1}");
	put(c, "c", 0, OP_CREATE, "{'n':2}");
	job = asking(c, "{'n':1}");
	job_find_id(job, "b");
	job_find_id(job, "c");
	job_find_id(job, "\"; --");
	job->find.with_bodies = false;
	job = rig_do(suite_store, job);
	assert_int_equal(job->err, ERR_NONE);
	assert_int_equal(job->find.n, 1);
	assert_string_equal(job->find.found[0].id, "b");
	assert_null(job->find.found[0].body);
	job_free(job);
}

void
find_refuses_too_many(void **state)
{
	const char *c = "find_refuses_too_many";
	struct job *job;
	char id[16];
	int i;

	(void)state;
	for (i = 0; i < 4; i++) {
		snprintf(id, sizeof(id), "d%d", i);
		put(c, id, 0, OP_CREATE, "{'n':1}");
	}
	for (i = 0; i < 2; i++) {
		job = asking(c, i == 0 ? "{'n':1}" : "{'$sort':{'n':1}}");
		job->find.max_results = 3;
		job = rig_do(suite_store, job);
		assert_int_equal(job->err, ERR_FIND_MANY);
		assert_int_equal(job->find.n, 0);
		assert_string_equal(job->find.why, "the query finds more than "
		    "3 documents: give it a $limit");
		job_free(job);
	}
	job = asking(c, "{'$limit':3}");
	job->find.max_results = 3;
	job = rig_do(suite_store, job);
	assert_int_equal(job->err, ERR_NONE);
	assert_int_equal(job->find.n, 3);
	job_free(job);
	job = asking(c, "{}");
	job->find.max_bytes = 20;
	job = rig_do(suite_store, job);
	assert_int_equal(job->err, ERR_FIND_MANY);
	job_free(job);
	assert_found(c, "{}", "d0 d1 d2 d3");
}

/* Enough to be busy with for longer than it may; no more than is stored soon. */
#define N_SLOW	400

void
find_ends_in_time(void **state)
{
	const char *c = "find_ends_in_time";
	struct job *job = rig_commit(), *load;
	struct parcel *p;
	char (*ids)[16] = calloc(N_SLOW, sizeof(*ids));
	size_t i, len = 20000;

	(void)state;
	for (i = 0; i < N_SLOW; i++) {
		snprintf(ids[i], sizeof(ids[i]), "d%zu", i);
		p = rig_parcel(job, c, ids[i], 0);
		rig_op(job, p, OP_CREATE, "x", i, CREATE);
		p->has_content = true;
		p->len = len;
		p->body = calloc(1, len + 1);
		memset(p->body, 'a', len);
		memcpy(p->body, "{\"s\":\"", 6);
		memcpy(p->body + len - 2, "\"}", 2);
	}
	job = rig_do(suite_store, job);
	assert_int_equal(job->err, ERR_NONE);
	job_free(job);
	free(ids);

	/* A load meanwhile does not wait: it has the longer to show it. */
	job = asking(c, "{'s':{'$regex':'(a?){30}a{30}(b|c)'}}");
	job->find.timeout_ms = 1000;
	suite_store->ops->start(suite_store, job);
	load = rig_load(c, "d7");
	suite_store->ops->start(suite_store, load);
	assert_ptr_equal(rig_next(suite_store), load);
	assert_int_equal(load->load.v, 1);
	job_free(load);
	assert_ptr_equal(rig_next(suite_store), job);
	assert_int_equal(job->err, ERR_FIND_SLOW);
	assert_string_equal(job->find.why,
	    "the query took more than 1000 ms and was ended");
	job_free(job);
	assert_found(c, "{'_id':'d1'}", "d1");
}

/* Documents from before queries were switched on. */
void
find_of_what_was_before(void **state)
{
	const char *c = "find_of_what_was_before";
	struct job *job;
	int i;

	(void)state;
	assert_true(rig_put(suite_store, c, "old", 0, OP_CREATE, "x", 1, CREATE));
	assert_true(rig_put(suite_store, c, "gone", 0, OP_CREATE, "x", 2, CREATE));
	assert_true(rig_put(suite_store, c, "gone", 1, OP_DELETE, "x", 3, NULL));
	put(c, "new", 0, OP_CREATE, "{'n':1}");
	put(c, "stale", 0, OP_CREATE, "{'n':1}");
	assert_true(rig_put(suite_store, c, "stale", 1, OP_EDIT, "x", 4, EDIT));
	job = rig_do(suite_store, asking(c, "{}"));
	assert_int_equal(job->err, ERR_FIND_UNREADY);
	assert_non_null(strstr(job->find.why, "otd doc index"));
	job_free(job);

	for (i = 0; i < 2; i++) {
		job = job_new(JOB_LACKING, NULL);
		job->lacking.collection = c;
		job->lacking.after = i == 0 ? "" : "old";
		job->lacking.max = 10;
		job = rig_do(suite_store, job);
		assert_int_equal(job->err, ERR_NONE);
		assert_int_equal(job->lacking.n, i == 0 ? 2 : 1);
		assert_string_equal(job->lacking.ids[0],
		    i == 0 ? "old" : "stale");
		job_free(job);
	}
	/* At another version than the document's it does nothing. */
	for (i = 0; i < 3; i++) {
		job = job_new(JOB_CONTENT, NULL);
		job->content.collection = c;
		job->content.id = i < 2 ? "old" : "stale";
		job->content.v = i == 1 ? 1 : 2;
		job->content.type = TYPE;
		job->content.body = "{\"n\":7}";
		job->content.len = 7;
		job = rig_do(suite_store, job);
		assert_int_equal(job->err, ERR_NONE);
		job_free(job);
	}
	assert_found(c, "{}", "new old stale");
	assert_found(c, "{'n':7}", "old stale");
}

/* Deleted while nobody wrote content: that is lacking too, and can be said. */
void
find_forgets_the_deleted(void **state)
{
	const char *c = "find_forgets_the_deleted";
	struct job *job;

	(void)state;
	put(c, "a", 0, OP_CREATE, "{'n':1}");
	assert_true(rig_put(suite_store, c, "a", 1, OP_DELETE, "x", 1, NULL));
	job = rig_do(suite_store, asking(c, "{}"));
	assert_int_equal(job->err, ERR_FIND_UNREADY);
	job_free(job);
	job = job_new(JOB_CONTENT, NULL);
	job->content.collection = c;
	job->content.id = "a";
	job->content.v = 2;
	job = rig_do(suite_store, job);
	assert_int_equal(job->err, ERR_NONE);
	job_free(job);
	assert_found(c, "{}", "");
}

/* One edit that leaves the content as it was; alone in its batch or not. */
static void
edit_behind(const char *c, const char *id, uint64_t v, enum content_lag lag,
    bool alone)
{
	struct job *job = rig_commit();
	struct parcel *p = rig_parcel(job, c, id, v);

	rig_op(job, p, OP_EDIT, "behind", v, EDIT);
	if (!alone)
		rig_op(job, p, OP_EDIT, "behind", v + 1, EDIT);
	p->lag = lag;
	job = rig_do(suite_store, job);
	assert_int_equal(job->err, ERR_NONE);
	assert_true(rig_parcel_at(job, 0)->accepted);
	job_free(job);
}

static void
assert_due(const char *c, const char *q, const char *due)
{
	struct job *job = asking(c, q);
	struct buf ids = BUF_INIT;
	size_t i;

	job = rig_do(suite_store, job);
	assert_int_equal(job->err, ERR_NONE);
	assert_int_equal(job->find.n, 0);
	for (i = 0; i < job->find.n_due; i++) {
		buf_puts(&ids, i > 0 ? " " : "");
		buf_puts(&ids, job->find.due[i]);
	}
	buf_putc(&ids, '\0');
	assert_string_equal(ids.data, due);
	buf_done(&ids);
	job_free(job);
}

static void
assert_lag(const char *c, const char *id, uint64_t v, enum content_lag lag)
{
	struct job *job = rig_do(suite_store, rig_load(c, id));

	assert_int_equal(job->load.v, v);
	assert_int_equal(job->load.lag, lag);
	job_free(job);
}

/* What was edited and not written is named, and nothing is found meanwhile. */
void
find_names_what_is_due(void **state)
{
	const char *c = "find_names_what_is_due";
	struct job *job;
	struct parcel *p;

	(void)state;
	put(c, "a", 0, OP_CREATE, "{'n':1}");
	put(c, "b", 0, OP_CREATE, "{'n':1}");
	put(c, "c", 0, OP_CREATE, "{'n':1}");
	put(c, "d", 0, OP_CREATE, "{'n':1}");
	assert_found(c, "{}", "a b c d");
	edit_behind(c, "b", 1, LAG_DUE, true);
	edit_behind(c, "b", 2, LAG_DUE, true);
	edit_behind(c, "c", 1, LAG_DUE, false);
	edit_behind(c, "d", 1, LAG_LATE, true);
	edit_behind(c, "d", 2, LAG_KEEP, true);
	assert_lag(c, "b", 3, LAG_DUE);
	assert_lag(c, "d", 3, LAG_LATE);
	assert_due(c, "{'n':1}", "b c");
	assert_due(c, "{'$count':true}", "b c");
	assert_due(c, "{'$sort':{'n':1},'$limit':1}", "b c");
	job = asking(c, "{}");
	job->find.is_settled = true;
	job = rig_do(suite_store, job);
	assert_int_equal(job->find.n, 4);
	job_free(job);

	/* Content alone; over what is newer it does nothing. */
	for (uint64_t v = 2; v <= 3; v++) {
		job = rig_commit();
		p = rig_parcel(job, c, "b", v);
		p->type_after = TYPE;
		p->has_content = true;
		p->body = quoted("{'n':3}");
		p->len = 7;
		job = rig_do(suite_store, job);
		assert_int_equal(job->err, ERR_NONE);
		p = rig_parcel_at(job, 0);
		assert_int_equal(p->accepted, v == 3);
		if (v == 2) {
			assert_int_equal(p->head_v, 3);
			assert_int_equal(p->missed.n, 1);
			assert_due(c, "{}", "b c");
		}
		job_free(job);
	}
	assert_lag(c, "b", 3, LAG_NONE);
	assert_due(c, "{}", "c");
	put(c, "c", 3, OP_EDIT, "{'n':4}");
	assert_found(c, "{'n':{'$gt':2}}", "b c");
	edit_behind(c, "a", 1, LAG_DUE, true);
	put(c, "a", 2, OP_DELETE, NULL);
	assert_found(c, "{}", "b c d");
}
