#include "ot/json0_journal.h"

void
json0_step_free(struct json0_step *s)
{
	if (s->kind == STEP_REMOVED)
		json_key_unref(s->key);
	json_unref(s->old);
}

size_t
json0_journal_room(const struct lift_list *parts)
{
	const struct json0_part *c;
	size_t i, steps = 0;

	for (i = 0; i < parts->n; i++) {
		c = lift_list_at(parts, i);
		steps += c->kind == JSON0_SUB ? c->u.sub->parts.n : 1;
	}
	return steps;
}

void
json0_journal_done(struct json0_journal *journal)
{
	while (journal->n > 0)
		json0_step_free(&journal->steps[--journal->n]);
}

static void
step_undo(struct json **root, struct json0_step *s)
{
	struct json_gone gone = { { s->key, s->old }, s->after };
	struct json_place place = { .slot = root };

	switch (s->kind) {
	case STEP_VALUE:
		if (s->in != NULL)
			json_place_at(s->in, s->key, s->index, &place);
		json_unref(*place.slot);
		*place.slot = s->old;
		return;
	case STEP_ADDED:
		json_object_unlink(s->in, json_object_find(s->in, s->key),
		    &gone);
		json_gone_free(&gone);
		return;
	case STEP_REMOVED:
		json_object_relink(s->in, &gone);
		return;
	case STEP_INSERTED:
		json_unref(json_list_remove(s->in, s->index));
		return;
	case STEP_DELETED:
		json_list_insert(s->in, s->index, s->old);
		return;
	case STEP_MOVED:
		json_list_move(s->in, s->to, s->index);
		return;
	case STEP_TEXT:
		text0_undo_part(s->in, s->insert, s->old, s->index);
		json_unref(s->old);
		return;
	}
}

void
json0_rollback(struct json **root, struct json0_journal *journal)
{
	while (journal->n > 0)
		step_undo(root, &journal->steps[--journal->n]);
}
