#include <stdlib.h>

#include "core/regex_in.h"

struct coder {
	struct regex	*re;
	size_t		 cap;		/* of re->code */
	struct ot_err	*err;
	int		 rc;		/* 0: nothing is wrong so far */
};

/* Append a step; its index. */
static uint32_t
put(struct coder *c, enum regex_step step, uint32_t a)
{
	struct regex *re = c->re;
	struct regex_code *more;

	if (c->rc != 0)
		return 0;
	if (re->n_code == REGEX_STEPS_MAX) {
		c->rc = ot_fail(c->err, OT_ELIMIT, "regular expression: "
		    "too long with its repeats unfolded");
		return 0;
	}
	if (re->n_code == c->cap) {
		c->cap = c->cap > 0 ? 2 * c->cap : 16;
		more = realloc(re->code, c->cap * sizeof(*more));
		if (more == NULL) {
			c->rc = ot_fail(c->err, OT_ENOMEM, "out of memory");
			return 0;
		}
		re->code = more;
	}
	re->code[re->n_code] = (struct regex_code){ step, a, 0 };
	return (uint32_t)re->n_code++;
}

static uint32_t
here(const struct coder *c)
{
	return (uint32_t)c->re->n_code;
}

static void
set_b(struct coder *c, uint32_t i, uint32_t b)
{
	if (c->rc == 0)
		c->re->code[i].b = b;
}

static void emit(struct coder *c, const struct regex_tree *t);

/* An attempt at t that may be left out. */
static void
emit_maybe(struct coder *c, const struct regex_tree *t)
{
	uint32_t split = put(c, STEP_SPLIT, here(c) + 1);

	emit(c, t);
	set_b(c, split, here(c));
}

static void
emit_repeat(struct coder *c, const struct regex_tree *t)
{
	uint32_t i, split, before;

	for (i = 0; i < t->min && c->rc == 0; i++) {
		before = here(c);
		emit(c, t->left);
		if (here(c) == before)
			return;		/* nothing, however often */
	}
	if (t->max != REGEX_FOREVER) {
		for (; i < t->max && c->rc == 0; i++)
			emit_maybe(c, t->left);
		return;
	}
	split = put(c, STEP_SPLIT, here(c) + 1);
	emit(c, t->left);
	put(c, STEP_JUMP, split);
	set_b(c, split, here(c));
}

static void
emit_either(struct coder *c, const struct regex_tree *t)
{
	uint32_t split = put(c, STEP_SPLIT, here(c) + 1), jump;

	emit(c, t->left);
	jump = put(c, STEP_JUMP, 0);
	set_b(c, split, here(c));
	emit(c, t->right);
	if (c->rc == 0)
		c->re->code[jump].a = here(c);
}

/* A long sequence leans to the left: its depth is no danger to the stack. */
static void
emit(struct coder *c, const struct regex_tree *t)
{
	switch (t->kind) {
	case TREE_EMPTY:
		break;
	case TREE_STEP:
		put(c, t->step, t->a);
		break;
	case TREE_CAT:
		emit(c, t->left);
		emit(c, t->right);
		break;
	case TREE_ALT:
		emit_either(c, t);
		break;
	case TREE_REPEAT:
		emit_repeat(c, t);
		break;
	}
}

int
regex_emit(struct regex *re, const struct regex_tree *t, struct ot_err *err)
{
	struct coder c = { .re = re, .err = err };

	emit(&c, t);
	put(&c, STEP_DONE, 0);
	return c.rc;
}
