/*
 * promises: what every type promises, checked for one document and edits made
 * for it.  Include after chance.h, edits.h and starve.h.
 *
 *	diamond		both ways round a pair of concurrent edits meet
 *	compose		two edits and their composition do the same
 *	return		undo restores the very bytes, and without memory too;
 *			an apply that fails for want of memory changes nothing
 *	hungry		each allocation of each verb failing in turn: OT_ENOMEM,
 *			and nothing is left behind (ASan sees what is)
 */
#ifndef TESTS_OT_PROMISES_H
#define TESTS_OT_PROMISES_H

#define HUNGRY_MAX	1000	/* allocations; more is a verb that never ends */

static struct ot_data *
promises_copy(const struct ot_type *t, const struct ot_data *d)
{
	char *json = edits_print(t, d);
	struct ot_data *copy = edits_load(t, json);

	free(json);
	return copy;
}

static void
promises_apply(const struct ot_type *t, struct ot_data *d,
    const struct ot_edit *e)
{
	struct ot_err err;

	if (t->apply(d, e, NULL, &err) != 0)
		fail_msg("%s", err.text);
}

/* The same content; the order of names may differ. */
static void
promises_equal(const struct ot_type *t, const struct ot_data *a,
    const struct ot_data *b)
{
	char *x = edits_print(t, a), *y = edits_print(t, b);

	if (!edits_same(x, y))
		fail_msg("%s\n%s", x, y);
	free(x);
	free(y);
}

static void
promises_diamond(const struct ot_type *t, const struct ot_data *d,
    const struct ot_edit *a, const struct ot_edit *b)
{
	struct ot_data *x = promises_copy(t, d), *y = promises_copy(t, d);
	struct ot_edit *a2, *b2;
	struct ot_err err;

	assert_int_equal(t->transform(a, b, OT_LEFT, &a2, &err), 0);
	assert_int_equal(t->transform(b, a, OT_RIGHT, &b2, &err), 0);
	promises_apply(t, x, a);
	promises_apply(t, x, b2);
	promises_apply(t, y, b);
	promises_apply(t, y, a2);
	promises_equal(t, x, y);
	t->edit_free(a2);
	t->edit_free(b2);
	t->data_free(x);
	t->data_free(y);
}

/* b is made for the document after a. */
static void
promises_compose(const struct ot_type *t, const struct ot_data *d,
    const struct ot_edit *a, const struct ot_edit *b)
{
	struct ot_data *x = promises_copy(t, d), *y = promises_copy(t, d);
	struct ot_edit *ab;
	struct ot_err err;

	assert_int_equal(t->compose(a, b, &ab, &err), 0);
	promises_apply(t, x, a);
	promises_apply(t, x, b);
	promises_apply(t, y, ab);
	promises_equal(t, x, y);
	t->edit_free(ab);
	t->data_free(x);
	t->data_free(y);
}

static void
promises_prints(const struct ot_type *t, const struct ot_data *d,
    const char *want)
{
	char *got = edits_print(t, d);

	assert_string_equal(got, want);
	free(got);
}

/* none is an edit that changes nothing. */
static void
promises_return(struct chance *c, const struct ot_type *t,
    const struct ot_data *d, const struct ot_edit *a,
    const struct ot_edit *none)
{
	struct ot_data *x = promises_copy(t, d);
	struct ot_undo *undo = NULL, *older = NULL;
	char *before = edits_print(t, x);
	bool undoable = chance_below(c, 2);
	struct ot_err err;
	int rc;

	assert_int_equal(t->apply(x, a, &undo, &err), 0);
	t->undo(x, undo);
	promises_prints(t, x, before);

	/* An older undo may share what is to be changed. */
	if (chance_below(c, 2))
		assert_int_equal(t->apply(x, none, &older, &err), 0);
	starve_after = (long)chance_below(c, 20);
	rc = t->apply(x, a, undoable ? &undo : NULL, &err);
	starve_after = 0;
	if (rc == 0 && undoable)
		t->undo(x, undo);
	starve_after = -1;
	assert_true(rc == 0 || rc == OT_ENOMEM);
	if (rc != 0 || undoable)
		promises_prints(t, x, before);
	t->undo_free(older);
	t->data_free(x);
	free(before);
}

/* Run the call, which gives a code, ever less hungry. */
#define HUNGRY(call) do {						\
	long n_;							\
	int rc_ = OT_ENOMEM;						\
	for (n_ = 0; rc_ != 0 && n_ < HUNGRY_MAX; n_++) {		\
		starve_after = n_;					\
		rc_ = (call);						\
		starve_after = -1;					\
		if (rc_ != 0)						\
			assert_int_equal(rc_, OT_ENOMEM);		\
	}								\
	assert_int_equal(rc_, 0);					\
} while (0)

static void
promises_hungry(const struct ot_type *t, const struct ot_data *d,
    const struct ot_edit *a, const struct ot_edit *b)
{
	char *json = edits_print(t, d);
	struct ot_data *copy;
	struct ot_edit *out;
	struct buf op = BUF_INIT;
	struct ot_err err;

	HUNGRY(t->load(json, strlen(json), &copy, &err));
	t->data_free(copy);
	free(json);
	t->edit_print(a, &op);
	HUNGRY(t->edit_parse(op.data, op.len, &out, &err));
	t->edit_free(out);
	HUNGRY(t->transform(a, b, OT_LEFT, &out, &err));
	t->edit_free(out);
	HUNGRY(t->compose(a, b, &out, &err));
	t->edit_free(out);
	buf_done(&op);
}

#endif
