/*
 * hungry: every verb of a type, with each of its allocations failing in turn.
 * It must say OT_ENOMEM and leave nothing behind (ASan sees what it left),
 * until there is enough.  Include after starve.h.
 */
#ifndef TESTS_OT_HUNGRY_H
#define TESTS_OT_HUNGRY_H

#include "ot/type.h"

#define HUNGRY_MAX	1000	/* allocations; more is a verb that never ends */

/* Run CALL, which gives a code, hungrier and hungrier. */
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
hungry_verbs(const struct ot_type *type, const struct ot_data *data,
    const struct ot_edit *a, const struct ot_edit *b)
{
	struct buf json = BUF_INIT;
	struct ot_data *copy;
	struct ot_edit *out;
	struct ot_err err;

	assert_true(type->print(data, &json));
	HUNGRY(type->load(json.data, json.len, &copy, &err));
	type->data_free(copy);
	buf_reset(&json);
	type->edit_print(a, &json);
	HUNGRY(type->edit_parse(json.data, json.len, &out, &err));
	type->edit_free(out);
	HUNGRY(type->transform(a, b, OT_LEFT, &out, &err));
	type->edit_free(out);
	HUNGRY(type->compose(a, b, &out, &err));
	type->edit_free(out);
	buf_done(&json);
}

#endif
