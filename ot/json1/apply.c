/*
 * Two passes over the op, as apply of ot-json1 1.0.2: the first picks up and
 * removes, at paths of the document as it was; the second drops, inserts and
 * edits, at paths of the document as it will be.
 *
 * The document is changed in place, and every change leaves a step that takes
 * it back; a refusal takes them all back.  So the cost is that of the paths
 * and the changes, whatever the document's size.
 *
 * Steps point at containers.  That is sound because a container that was
 * changed belongs to the document alone (json_own), nothing in the document is
 * ever shared with anybody later, and steps are taken back newest first.
 *
 * Stricter than the reference: own keys only and none by a string in a list;
 * text edits of strings, adds to numbers, with a finite sum.
 */
#include "ot/json1/apply.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A value picked up and not dropped yet. */
struct json1_held {
	size_t		step;		/* that took it */
	unsigned	depth;		/* where it was */
};

/* ---- steps ---- */

int
json1_run_reserve(struct json1_run *run, size_t n)
{
	struct json1_step *steps;
	size_t room = run->room;

	if (n <= room - run->n)
		return 0;
	while (n > room - run->n)
		room *= 2;	/* far from overflow: an op has fewer */
	steps = realloc(run->steps == run->small ? NULL : run->steps,
	    room * sizeof(steps[0]));
	if (steps == NULL)
		return ot_fail(run->err, OT_ENOMEM, "out of memory");
	if (run->steps == run->small)
		memcpy(steps, run->small, run->n * sizeof(steps[0]));
	run->steps = steps;
	run->room = room;
	return 0;
}

void
json1_run_record(struct json1_run *run, struct json1_step step)
{
	run->steps[run->n++] = step;
}

/* Take the value out of the place of a PUT step. */
static struct json *
step_take(struct json **root, struct json1_step *s)
{
	struct json_gone gone;

	if (s->in == NULL) {
		gone.m.value = *root;
		*root = NULL;
	} else if (s->key == NULL) {
		gone.m.value = json_list_remove(s->in, s->index);
	} else {
		json_object_unlink(s->in, json_object_find(s->in, s->key),
		    &gone);
		json_key_unref(gone.m.key);
	}
	return gone.m.value;
}

/* Put the value of a TAKEN step back. */
static void
step_put(struct json **root, struct json1_step *s)
{
	if (s->in == NULL) {
		*root = s->old;
	} else if (s->key == NULL) {
		json_list_insert(s->in, s->index, s->old);
	} else {
		json_object_relink(s->in, &(struct json_gone){
		    { s->key, s->old }, s->after });
	}
}

/* Text goes in or out; neither can fail when it is taken back. */
static void
step_splice(struct json1_step *s)
{
	json_string_revert(s->in, s->index, s->kind == JSON1_TEXT_IN ?
	    s->index + s->len_u16 : s->index, s->old);
	json_unref(s->old);
}

static void
steps_undo(struct json **root, struct json1_step *steps, size_t n)
{
	struct json1_step *s;
	struct json_place place;
	struct json *v;

	while (n > 0) {
		s = &steps[--n];
		switch (s->kind) {
		case JSON1_TAKEN:
			step_put(root, s);
			break;
		case JSON1_PUT:
			v = step_take(root, s);
			if (s->from == JSON1_FROM_OP)
				json_unref(v);
			else
				steps[s->from].old = v;
			break;
		case JSON1_REPLACED:
			place.slot = root;
			if (s->in != NULL)
				json_place_at(s->in, s->key, s->index, &place);
			json_unref(*place.slot);
			*place.slot = s->old;
			break;
		case JSON1_TEXT_IN:
		case JSON1_TEXT_OUT:
			step_splice(s);
			break;
		}
	}
}

/* The changes stay: let go of what undoing would need. */
static void
steps_done(struct json1_step *steps, size_t n)
{
	struct json1_step *s;

	for (s = steps; s < steps + n; s++) {
		json_unref(s->old);
		if (s->kind == JSON1_TAKEN)
			json_key_unref(s->key);
	}
}

void
json1_rollback(struct json **root, struct json1_journal *journal)
{
	steps_undo(root, journal->steps, journal->n);
	free(journal);
}

void
json1_journal_free(struct json1_journal *journal)
{
	if (journal == NULL)
		return;
	steps_done(journal->steps, journal->n);
	free(journal);
}

/* ---- places ---- */

static int
fail(struct json1_run *run, const char *why)
{
	return ot_fail(run->err, OT_EAPPLY, "%s", why);
}

/* Make the value at place, which is there, the document's alone. */
static int
place_own(struct json1_run *run, const struct json_place *place)
{
	if (json_own(place->slot) != 0)
		return ot_fail(run->err, OT_ENOMEM, "out of memory");
	return 0;
}

/* ---- the first pass ---- */

/* Bytes that a place takes beside its value. */
static ptrdiff_t
beside(const struct json_place *at)
{
	return at->in == NULL ? 0 : at->member != NULL ?
	    (ptrdiff_t)JSON_MEMBER_BYTES : (ptrdiff_t)JSON_ITEM_BYTES;
}

static int
take(struct json1_run *run, const struct json1_comp *comp,
    const struct json_place *at, unsigned depth)
{
	struct json1_step s = { .kind = JSON1_TAKEN, .in = at->in,
	    .index = at->index };
	struct json_gone gone;
	int rc;

	if ((rc = json1_run_reserve(run, 1)) != 0)
		return rc;
	if (at->in == NULL) {
		s.old = *run->root;
		*run->root = NULL;
	} else if (at->member == NULL) {
		s.old = json_list_remove(at->in, at->index);
	} else {
		json_object_unlink(at->in, at->member, &gone);
		s.old = gone.m.value;
		s.key = gone.m.key;
		s.after = gone.after;
	}
	run->grown -= beside(at);
	if (comp->pick >= 0)
		run->held[comp->pick] = (struct json1_held){ run->n, depth };
	else
		run->grown -= (ptrdiff_t)json_size(s.old);
	json1_run_record(run, s);
	return 0;
}

/* Children before their parent, the last first, so that paths stay true. */
static int
pick(struct json1_run *run, const struct json1_node *node,
    const struct json_place *at, unsigned depth)
{
	const struct json1_node *child;
	struct json_place place;
	size_t i;
	int rc;

	if (at->slot == NULL)
		return fail(run, "Cannot pick up or remove undefined");
	if (node->u.n > 0 && (rc = place_own(run, at)) != 0)
		return rc;
	for (i = node->u.n; i > 0; i--) {
		child = &node->first[i - 1];
		if ((child->passes & JSON1_IN_PICK) == 0)
			continue;
		json_place_at(*at->slot, child->key.name,
		    (size_t)child->key.index, &place);
		if ((rc = pick(run, child, &place, depth + 1)) != 0)
			return rc;
	}
	return json1_picks(node) ? take(run, node->comp, at, depth) : 0;
}

/* ---- the second pass ---- */

/* May a value be put there?  Sees to it that putting cannot fail. */
static int
check_free(struct json1_run *run, const struct json1_key *key,
    const struct json_place *at)
{
	if (at->in == NULL)
		return at->slot == NULL ? 0 : fail(run, "Trying to overwrite "
		    "value at key. Your op needs to remove it first");
	if (key->name == NULL) {
		if (json_kind(at->in) != JSON_LIST)
			return fail(run, "Cannot use numerical key for object "
			    "container");
		if (at->index > json_list_len(at->in))
			return fail(run,
			    "Cannot insert into out of bounds index");
		if (json_list_reserve(at->in, 1) != 0)
			return ot_fail(run->err, OT_ENOMEM, "out of memory");
		return 0;
	}
	if (json_kind(at->in) != JSON_OBJECT)
		return fail(run, "Cannot insert into missing item");
	if (at->slot != NULL || json_key_is_inherited(key->name))
		return fail(run, "Trying to overwrite value at key. "
		    "Your op needs to remove it first");
	return 0;
}

/* Nothing gets deeper by a move to a place that is no deeper. */
static int
check_depth(struct json1_run *run, const struct json1_comp *comp,
    const struct json *v, unsigned depth)
{
	if (comp->drop >= 0 && depth <= run->held[comp->drop].depth)
		return 0;
	if (depth + json_height(v) > JSON1_DEPTH_MAX)
		return ot_fail(run->err, OT_ELIMIT,
		    "the document would be nested more than %d deep",
		    JSON1_DEPTH_MAX);
	return 0;
}

/* Put v at a place that is free; takes v, except on failure. */
static int
put_value(struct json1_run *run, const struct json1_key *key,
    struct json_place *at, struct json *v)
{
	if (at->in == NULL) {
		*run->root = v;
		at->slot = run->root;
	} else if (key->name == NULL) {
		json_list_insert(at->in, at->index, v);
		at->slot = json_list_slot(at->in, at->index);
	} else if (json_object_add(at->in, key->name, v, &at->member) == 0) {
		at->slot = &at->member->value;
	} else {
		return ot_fail(run->err, OT_ENOMEM, "out of memory");
	}
	return 0;
}

static int
put(struct json1_run *run, const struct json1_node *node,
    struct json_place *at, unsigned depth)
{
	const struct json1_comp *comp = node->comp;
	size_t from = JSON1_FROM_OP;
	struct json *v = comp->insert;
	int rc;

	if (comp->drop >= 0) {
		from = run->held[comp->drop].step;
		v = run->steps[from].old;
	}
	if ((rc = json1_run_reserve(run, 1)) != 0 ||
	    (rc = check_free(run, &node->key, at)) != 0 ||
	    (rc = check_depth(run, comp, v, depth)) != 0)
		return rc;
	if (from == JSON1_FROM_OP)
		json_ref(v);
	if ((rc = put_value(run, &node->key, at, v)) != 0) {
		if (from == JSON1_FROM_OP)
			json_unref(v);
		return rc;
	}
	if (from != JSON1_FROM_OP)
		run->steps[from].old = NULL;
	else
		run->grown += (ptrdiff_t)json_size(v);
	run->grown += beside(at);
	json1_run_record(run, (struct json1_step){ .kind = JSON1_PUT,
	    .in = at->in, .index = at->index, .key = json_place_key(at),
	    .from = from });
	return 0;
}

static int
add(struct json1_run *run, const struct json_place *at, double n)
{
	struct json *sum;
	int rc;

	if (json_kind(*at->slot) != JSON_NUMBER)
		return fail(run, "Cannot add to what is not a number");
	n = json_number_get(*at->slot) + n;
	if (!isfinite(n))
		return fail(run, "the sum is out of range");
	if ((rc = json1_run_reserve(run, 1)) != 0)
		return rc;
	if ((sum = json_number_new(n)) == NULL)
		return ot_fail(run->err, OT_ENOMEM, "out of memory");
	json1_run_record(run, (struct json1_step){ .kind = JSON1_REPLACED,
	    .in = at->in, .index = at->index, .key = json_place_key(at),
	    .old = *at->slot });
	*at->slot = sum;
	return 0;
}

static int
change(struct json1_run *run, const struct json_place *at,
    const struct json1_comp *comp)
{
	return comp->change == JSON1_ADD ? add(run, at, comp->u.add) :
	    json1_apply_text(run, at, comp->u.text);
}

/* Parents before their children, in order. */
static int
drop(struct json1_run *run, const struct json1_node *node,
    struct json_place *at, unsigned depth)
{
	const struct json1_node *child = node->first;
	struct json_place place;
	int rc = 0;

	if (json1_drops(node) && (rc = put(run, node, at, depth)) != 0)
		return rc;
	if (at->slot == NULL)
		return fail(run, "Cannot edit or insert into a missing value");
	if (json1_changes(node))
		rc = change(run, at, node->comp);
	if (rc == 0 && node->u.n > 0)
		rc = place_own(run, at);
	for (; rc == 0 && child != NULL; child = child->next) {
		if ((child->passes & JSON1_IN_DROP) == 0)
			continue;
		json_place_at(*at->slot, child->key.name,
		    (size_t)child->key.index, &place);
		rc = drop(run, child, &place, depth + 1);
	}
	return rc;
}

/* ---- both ---- */

static struct json_place
place_of_root(const struct json1_run *run)
{
	return (struct json_place){ .slot = *run->root != NULL ? run->root :
	    NULL };
}

/*
 * Most ops go a long way before anything happens.  Both passes begin where
 * that ends: in the container of the first place at which something does,
 * which stays where it is meanwhile.
 */
static int
run_passes(struct json1_run *run, const struct json1_node *node)
{
	struct json_place start = place_of_root(run), place;
	unsigned depth = 0;
	int rc;

	while (node->comp == NULL && node->u.n == 1 &&
	    node->first->comp == NULL && start.slot != NULL) {
		if ((rc = place_own(run, &start)) != 0)
			return rc;
		node = node->first;
		json_place_at(*start.slot, node->key.name,
		    (size_t)node->key.index, &start);
		depth++;
	}
	if ((node->passes & JSON1_IN_PICK) != 0 &&
	    (rc = pick(run, node, &start, depth)) != 0)
		return rc;
	if ((node->passes & JSON1_IN_DROP) == 0)
		return 0;
	place = depth > 0 ? start : place_of_root(run);
	return drop(run, node, &place, depth);
}

static int
journal_new(const struct json1_run *run, struct json1_journal **journal_out)
{
	struct json1_journal *journal;

	journal = malloc(sizeof(*journal) + run->n * sizeof(run->steps[0]));
	if (journal == NULL)
		return ot_fail(run->err, OT_ENOMEM, "out of memory");
	journal->grown = run->grown;
	journal->n = run->n;
	memcpy(journal->steps, run->steps, run->n * sizeof(run->steps[0]));
	*journal_out = journal;
	return 0;
}

static void
run_init(struct json1_run *run, struct json **root, struct json1_held *held,
    bool once, struct ot_err *err)
{
	run->once = once;
	run->root = root;
	run->held = held;
	run->steps = run->small;
	run->n = 0;
	run->room = JSON1_STEPS;
	run->grown = 0;
	run->err = err;
}

/* Take the changes back if rc is not 0; forget them. */
static void
run_done(struct json1_run *run, int rc, bool journaled)
{
	if (rc != 0)
		steps_undo(run->root, run->steps, run->n);
	else if (!journaled)
		steps_done(run->steps, run->n);
	if (run->steps != run->small)
		free(run->steps);
}

#define HELD_SMALL	16

int
json1_apply(struct json **root, const struct json1_edit *edit,
    struct json1_journal **journal_out, ptrdiff_t *grown_out,
    struct ot_err *err)
{
	struct json1_held held_small[HELD_SMALL], *held = held_small;
	struct json1_run run;
	int rc = 0;

	if (edit->unsound)
		return ot_fail(err, OT_EAPPLY,
		    "Picks and drops in the op do not match");
	if (edit->n_slots > HELD_SMALL &&
	    (held = malloc(edit->n_slots * sizeof(held[0]))) == NULL)
		return ot_fail(err, OT_ENOMEM, "out of memory");
	run_init(&run, root, held, journal_out == NULL && edit->n_comps == 1, err);
	if (json1_root(edit) != NULL)
		rc = run_passes(&run, json1_root(edit));
	if (rc == 0 && journal_out != NULL)
		rc = journal_new(&run, journal_out);
	if (rc == 0)
		*grown_out = run.grown;
	run_done(&run, rc, journal_out != NULL);
	if (held != held_small)
		free(held);
	return rc;
}

int
json1_apply_change(struct json **v, const struct json1_comp *comp,
    struct ot_err *err)
{
	struct json_place place = { .slot = v };
	struct json1_run run;
	int rc;

	run_init(&run, v, NULL, true, err);
	rc = change(&run, &place, comp);
	run_done(&run, rc, false);
	return rc;
}
