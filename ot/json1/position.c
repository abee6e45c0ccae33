/* transformPosition of ot-json1 1.0.2. */
#include "ot/json1/transform.h"

#include <math.h>

#include "ot/json1/trie.h"
#include "ot/text_transform.h"

#define CURSOR_MAX	9007199254740991.0	/* what JavaScript counts exactly */

/* Numbers may be larger than any index is. */
struct step {
	struct json_key		*name;		/* NULL: a number */
	double			 number;
};

struct path {
	struct json1_scratch	*s;
	struct step		*steps;		/* of the scratch */
	size_t			 n;
};

/* ---- reading and printing ---- */

static int
read_step(struct json_reader *r, struct json1_scratch *s,
    struct step *step_out)
{
	struct buf b = BUF_INIT;
	int rc;

	*step_out = (struct step){ .name = NULL };
	if (json_peek(r) != JSON_STRING) {
		if ((rc = json_read_number(r, &step_out->number)) != 0)
			return rc;
		if (step_out->number >= 0 &&
		    floor(step_out->number) == step_out->number)
			return 0;
		return ot_fail(r->err, OT_EBADLY,
		    "Indices must be whole numbers, 0 or more");
	}
	if ((rc = json_read_string(r, &b)) == 0) {
		step_out->name = json1_keep_name(s,
		    json_key_new(b.data, b.len));
		rc = s->rc;
	}
	buf_done(&b);
	return rc;
}

static int
read_path(const struct json_slice *slice, struct path *path,
    struct ot_err *err)
{
	struct json_reader r;
	size_t n = 0;
	int rc;

	json_reader_init(&r, slice->p, slice->len, err);
	if ((rc = json_enter(&r, JSON_LIST)) != 0)
		return rc;
	while ((rc = json_next_item(&r)) > 0) {
		n++;
		if ((rc = json_skip(&r, NULL)) != 0)
			return rc;
	}
	if (rc != 0)
		return rc;
	path->steps = json1_table(path->s, n, sizeof(path->steps[0]));
	if (path->steps == NULL)
		return path->s->rc;
	json_reader_init(&r, slice->p, slice->len, err);
	if ((rc = json_enter(&r, JSON_LIST)) != 0)
		return rc;
	while ((rc = json_next_item(&r)) > 0)
		if ((rc = read_step(&r, path->s, &path->steps[path->n++])) != 0)
			return rc;
	return rc;
}

static void
print_path(const struct path *path, struct buf *out)
{
	const struct step *step;

	buf_putc(out, '[');
	for (step = path->steps; step < path->steps + path->n; step++) {
		if (step != path->steps)
			buf_putc(out, ',');
		if (step->name != NULL)
			json_put_string(out, step->name->text,
			    step->name->len);
		else
			json_put_number(out, step->number);
	}
	buf_putc(out, ']');
}

/* ---- moving ---- */

/*
 * The child that a step leads to.  A number past all indices leads nowhere,
 * but passes them all.
 */
static const struct json1_node *
seek(struct json1_walk *walk, const struct step *step, bool picks)
{
	struct json1_key key = { step->name, 0 };

	if (step->name == NULL)
		key.index = step->number > JSON1_INDEX_MAX ?
		    (int64_t)JSON1_INDEX_MAX + 1 : (int64_t)step->number;
	return picks ? json1_seek_count(walk, &key, json1_picks) :
	    json1_seek_skip(walk, &key, json1_drops);
}

/*
 * To where the path leads after the picks.  Returns false if that was
 * removed.  *pick_out: the innermost pick on the way, at step *at_out.
 */
static bool
pass_picks(struct path *path, const struct json1_node *node,
    const struct json1_node **pick_out, size_t *at_out)
{
	struct json1_walk walk;
	bool removed = false;
	size_t i;

	*pick_out = NULL;
	*at_out = 0;
	for (i = 0; node != NULL; i++) {
		if (node->comp != NULL && node->comp->remove != NULL) {
			removed = true;
		} else if (json1_picks(node)) {
			removed = false;
			*pick_out = node;
			*at_out = i;
		}
		if (i == path->n)
			break;
		walk = json1_walk(node);
		node = seek(&walk, &path->steps[i], true);
		if (path->steps[i].name == NULL)
			path->steps[i].number -= (double)walk.off;
	}
	return !removed;
}

static const struct json1_node *
find_drop(const struct json1_node *node, int32_t slot)
{
	const struct json1_node *child, *found;

	if (node->comp != NULL && node->comp->drop == slot)
		return node;
	for (child = node->first; child != NULL; child = child->next)
		if ((found = find_drop(child, slot)) != NULL)
			return found;
	return NULL;
}

/* The first n steps give way to the path of node; returns its length. */
static size_t
replace_start(struct path *path, size_t n, const struct json1_node *node)
{
	const struct json1_node *up;
	struct step *steps;
	size_t depth = 0, i;

	for (up = node; up->parent != NULL; up = up->parent)
		depth++;
	steps = json1_table(path->s, depth + path->n - n, sizeof(steps[0]));
	if (steps == NULL)
		return 0;
	for (i = depth, up = node; i > 0; up = up->parent)
		steps[--i] = (struct step){ up->key.name,
		    (double)up->key.index };
	for (i = n; i < path->n; i++)
		steps[depth + i - n] = path->steps[i];
	path->steps = steps;
	path->n = depth + path->n - n;
	return depth;
}

/* JavaScript would reckon with it. */
static bool
is_digits(const struct json_key *name)
{
	size_t i;

	for (i = 0; i < name->len; i++)
		if (name->text[i] < '0' || name->text[i] > '9')
			return false;
	return true;
}

/* A number in a text that is edited is a cursor there; a name is nothing. */
static void
pass_change(struct path *path, const struct json1_comp *comp,
    struct step *step)
{
	if (comp->change != JSON1_TEXT)
		return;
	if (step->name != NULL && is_digits(step->name))
		json1_scratch_fail(path->s, OT_ETYPE,
		    "A place in a text is a number");
	else if (step->name == NULL && step->number <= CURSOR_MAX)
		step->number = (double)text_move_cursor(comp->u.text->edit,
		    (uint64_t)step->number);
}

/* From step i on, which is in what node is about, past the drops. */
static void
pass_drops(struct path *path, size_t i, const struct json1_node *node)
{
	struct json1_walk walk;

	for (; i < path->n && node != NULL; i++) {
		if (json1_changes(node)) {
			pass_change(path, node->comp, &path->steps[i]);
			return;
		}
		walk = json1_walk(node);
		node = seek(&walk, &path->steps[i], false);
		if (path->steps[i].name == NULL)
			path->steps[i].number += (double)walk.off;
	}
}

int
json1_transform_position(const struct json_slice *slice,
    const struct json1_edit *op, struct buf *out, struct ot_err *err)
{
	const struct json1_node *node = json1_root(op), *pick;
	struct json1_scratch s;
	struct path path = { .s = &s };
	size_t at;
	int rc;

	json1_scratch_init(&s, err);
	if ((rc = read_path(slice, &path, err)) != 0)
		goto out;
	if (!pass_picks(&path, node, &pick, &at)) {
		buf_puts(out, "null");
		goto out;
	}
	if (pick != NULL) {
		node = find_drop(node, pick->comp->pick);
		at = replace_start(&path, at, node);
	}
	if ((rc = s.rc) != 0)
		goto out;
	pass_drops(&path, at, node);
	if ((rc = s.rc) == 0)
		print_path(&path, out);
out:
	json1_scratch_done(&s);
	return rc;
}
