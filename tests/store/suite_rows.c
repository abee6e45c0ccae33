/*
 * Statements of rows.def: grants, revocations, word of their changes.
 */
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"

int64_t
suite_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

struct job *
suite_asked(struct job *job)
{
	rig_do(suite_store, job);
	assert_int_equal(job->err, ERR_NONE);
	return job;
}

void
suite_done(struct job *job)
{
	job_free(suite_asked(job));
}

void
suite_assert_cell(const struct job *job, size_t row, size_t column,
    const char *wanted)
{
	const char *cell = rows_cell(job, row, column);

	if (wanted == NULL) {
		assert_null(cell);
		return;
	}
	assert_non_null(cell);
	assert_string_equal(cell, wanted);
}

/* The serial in a change's name, "serial" or "xid/serial". */
static long
serial_of(const char *name)
{
	const char *slash = strchr(name, '/');

	return strtol(slash != NULL ? slash + 1 : name, NULL, 10);
}

struct job *
suite_changes(struct suite_place *place)
{
	struct job *job = suite_asked(rows_new(ROWS_ACCESS_CHANGES, NULL, NULL,
	    place->cursor[0] != '\0' ? place->cursor : NULL));
	struct job_rows *r = &job->rows;
	size_t i, k, new = 0;

	assert_int_equal(r->n_columns, 10);
	assert_true(r->n_rows > 0);
	snprintf(place->cursor, sizeof(place->cursor), "%s",
	    rows_cell(job, 0, 0));
	/* What was seen may come again: by its name it is passed over. */
	for (i = 0; i < r->n_rows; i++) {
		const char *name = rows_cell(job, i, 1);

		if (name == NULL || serial_of(name) <= place->serial)
			continue;
		place->serial = serial_of(name);
		for (k = 0; k < r->n_columns; k++) {
			char *cell = r->cells[new * r->n_columns + k];

			r->cells[new * r->n_columns + k] =
			    r->cells[i * r->n_columns + k];
			r->cells[i * r->n_columns + k] = cell;
		}
		new++;
	}
	while (r->n_rows > new)
		for (r->n_rows--, k = 0; k < r->n_columns; k++)
			free(r->cells[r->n_rows * r->n_columns + k]);
	return job;
}

static struct job *
grant(const char *collection, const char *subject, const char *role,
    const char *expires)
{
	return rows_new(ROWS_GRANT_PUT, NULL, NULL, collection, "x", subject,
	    role, expires, "admin");
}

/* ---- statements ---- */

void
rows_grants(void **state)
{
	struct job *job;

	(void)state;
	job = suite_asked(grant("rows-grants", "b", "viewer", "1700000000123"));
	suite_assert_cell(job, 0, 0, "1");
	job_free(job);
	suite_done(grant("rows-grants", "a'\"", "editor", NULL));
	suite_done(grant("rows-grants", "b", "commenter", "253402300799999"));

	job = suite_asked(rows_new(ROWS_GRANTS_OF, NULL, NULL, "rows-grants", "x"));
	assert_int_equal(job->rows.n_rows, 2);
	assert_int_equal(job->rows.n_columns, 3);
	job_free(job);
	job = suite_asked(rows_new(ROWS_GRANT_LIST, NULL, NULL, "rows-grants", "x"));
	assert_int_equal(job->rows.n_rows, 2);
	suite_assert_cell(job, 0, 0, "a'\"");
	suite_assert_cell(job, 0, 1, "editor");
	suite_assert_cell(job, 0, 2, NULL);
	suite_assert_cell(job, 1, 0, "b");
	suite_assert_cell(job, 1, 1, "commenter");
	suite_assert_cell(job, 1, 2, "253402300799999");
	suite_assert_cell(job, 1, 3, "admin");
	assert_in_range(rows_number(job, 1, 4, 0), suite_now_ms() - 600000,
	    suite_now_ms() + 1000);
	assert_null(rows_cell(job, 2, 0));
	assert_null(rows_cell(job, 0, 5));
	job_free(job);

	job = suite_asked(rows_new(ROWS_GRANT_DROP, NULL, NULL, "rows-grants", "x",
	    "b"));
	assert_int_equal(job->rows.n_rows, 1);
	suite_assert_cell(job, 0, 0, "commenter");
	job_free(job);
	job = suite_asked(rows_new(ROWS_GRANT_DROP, NULL, NULL, "rows-grants", "x",
	    "b"));
	assert_int_equal(job->rows.n_rows, 0);
	job_free(job);
}

void
rows_clash(void **state)
{
	struct job *job = rig_do(suite_store,
	    grant("rows-clash", "a", "emperor", NULL));

	(void)state;
	assert_int_equal(job->err, ERR_ROWS_CLASH);
	assert_int_equal(job->rows.n_rows, 0);
	job_free(job);
	job = suite_asked(rows_new(ROWS_GRANT_LIST, NULL, NULL, "rows-clash", "x"));
	assert_int_equal(job->rows.n_rows, 0);
	job_free(job);
}

/* All under way at once: one that is refused hurts nobody beside it. */
void
rows_in_company(void **state)
{
	enum { EACH = 40 };
	struct job *jobs[3 * EACH];
	char names[EACH][16];
	struct parcel *p;
	int i;

	(void)state;
	for (i = 0; i < EACH; i++) {
		snprintf(names[i], sizeof(names[i]), "n%02d", i);
		jobs[3 * i] = rig_commit();
		p = rig_parcel(jobs[3 * i], "rows-company", names[i], 0);
		rig_op(jobs[3 * i], p, OP_CREATE, "s", 1, CREATE);
		jobs[3 * i + 1] = grant("rows-company", names[i], "none", NULL);
		jobs[3 * i + 2] = grant("rows-company", names[i], "owner",
		    NULL);
	}
	for (i = 0; i < 3 * EACH; i++)
		suite_store->ops->start(suite_store, jobs[i]);
	for (i = 0; i < 3 * EACH; i++)
		rig_next(suite_store);
	for (i = 0; i < 3 * EACH; i++) {
		assert_int_equal(jobs[i]->err, i % 3 == 1 ? ERR_ROWS_CLASH :
		    ERR_NONE);
		if (i % 3 == 0)
			assert_true(rig_parcel_at(jobs[i], 0)->accepted);
		job_free(jobs[i]);
	}
	jobs[0] = suite_asked(rows_new(ROWS_GRANT_LIST, NULL, NULL, "rows-company",
	    "x"));
	assert_int_equal(jobs[0]->rows.n_rows, EACH);
	suite_assert_cell(jobs[0], EACH - 1, 0, "n39");
	job_free(jobs[0]);
}

void
rows_changes(void **state)
{
	struct suite_place place = { "", 0 };
	struct job *job;

	(void)state;
	job_free(suite_changes(&place));
	suite_done(grant("rows-changes", "a", "viewer", NULL));
	suite_done(grant("rows-changes", "a", "editor", NULL));
	suite_done(rows_new(ROWS_GRANT_DROP, NULL, NULL, "rows-changes", "x",
	    "a"));
	job = suite_changes(&place);
	assert_int_equal(job->rows.n_rows, 3);
	for (size_t i = 0; i < 3; i++) {
		suite_assert_cell(job, i, 2, "grant");
		suite_assert_cell(job, i, 3, "rows-changes");
		suite_assert_cell(job, i, 4, "x");
		suite_assert_cell(job, i, 5, "a");
		suite_assert_cell(job, i, 6, NULL);
	}
	job_free(job);

	suite_done(rows_new(ROWS_REVOKE, NULL, NULL, "token", "jti-1", NULL,
	    "253402300799000", "admin"));
	suite_done(rows_new(ROWS_REVOKE, NULL, NULL, "subject", "mallory",
	    "1700000000999", NULL, NULL));
	suite_done(rows_new(ROWS_REVOKE, NULL, NULL, "subject", "mallory",
	    "1800000000999", NULL, NULL));
	suite_done(rows_new(ROWS_REVOKE, NULL, NULL, "token", "over", NULL,
	    "1000", NULL));
	job = suite_changes(&place);
	assert_int_equal(job->rows.n_rows, 4);
	suite_assert_cell(job, 0, 2, "token");
	suite_assert_cell(job, 0, 3, NULL);
	suite_assert_cell(job, 0, 5, NULL);
	suite_assert_cell(job, 0, 6, "jti-1");
	suite_assert_cell(job, 2, 2, "subject");
	suite_assert_cell(job, 2, 5, "mallory");
	suite_assert_cell(job, 2, 6, NULL);
	suite_assert_cell(job, 2, 8, "1800000000999");
	job_free(job);
	job = suite_changes(&place);
	assert_int_equal(job->rows.n_rows, 0);
	job_free(job);

	job = suite_asked(rows_new(ROWS_REVOCATIONS, NULL, NULL));
	assert_int_equal(job->rows.n_rows, 2);
	suite_assert_cell(job, 0, 1, "mallory");
	suite_assert_cell(job, 0, 2, "1800000000999");
	suite_assert_cell(job, 0, 3, NULL);
	suite_assert_cell(job, 1, 1, "jti-1");
	suite_assert_cell(job, 1, 3, "253402300799000");
	suite_assert_cell(job, 1, 5, "admin");
	job_free(job);
}
