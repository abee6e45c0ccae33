#include "ot/json1/trie.h"

#include <stdlib.h>
#include <string.h>

/* ---- memory ---- */

struct json1_block {
	struct json1_block	*next;
	_Alignas(max_align_t) char bytes[];
};

#define BLOCK_BYTES	((size_t)16 << 10)	/* of the first one */

void
json1_scratch_init(struct json1_scratch *s, struct ot_err *err)
{
	s->rc = 0;
	s->err = err;
	s->at = s->small;
	s->end = s->small + sizeof(s->small);
	s->blocks = NULL;
	s->kept = NULL;
}

void
json1_scratch_done(struct json1_scratch *s)
{
	struct json1_block *block, *next;
	struct json1_kept *kept;

	for (kept = s->kept; kept != NULL; kept = kept->next) {
		json_unref(kept->value);
		json1_text_unref(kept->text);
		json_key_unref(kept->name);
	}
	for (block = s->blocks; block != NULL; block = next) {
		next = block->next;
		free(block);
	}
}

void
json1_scratch_fail(struct json1_scratch *s, int code, const char *text)
{
	if (s->rc == 0)
		s->rc = ot_fail(s->err, code, "%s", text);
}

/* A block for n bytes and for more to come; each twice the one before. */
static bool
scratch_grow(struct json1_scratch *s, size_t n)
{
	size_t size = s->blocks == NULL ? BLOCK_BYTES :
	    (size_t)(s->end - s->blocks->bytes) * 2;
	struct json1_block *block;

	if (size < n)
		size = n;
	if (size > SIZE_MAX / 4 ||
	    (block = malloc(sizeof(*block) + size)) == NULL) {
		json1_scratch_fail(s, OT_ENOMEM, "out of memory");
		return false;
	}
	block->next = s->blocks;
	s->blocks = block;
	s->at = block->bytes;
	s->end = block->bytes + size;
	return true;
}

/* n bytes as they are, or NULL. */
static inline void *
scratch_take(struct json1_scratch *s, size_t n)
{
	void *p;

	n = (n + _Alignof(max_align_t) - 1) & ~(_Alignof(max_align_t) - 1);
	if (s->rc != 0 || (n > (size_t)(s->end - s->at) &&
	    !scratch_grow(s, n)))
		return NULL;
	p = s->at;
	s->at += n;
	return p;
}

void *
json1_alloc(struct json1_scratch *s, size_t n)
{
	void *p = scratch_take(s, n);

	return p != NULL && n > 0 ? memset(p, 0, n) : p;
}

void *
json1_table(struct json1_scratch *s, size_t n, size_t item_size)
{
	if (n > SIZE_MAX / 4 / item_size) {
		json1_scratch_fail(s, OT_ENOMEM, "out of memory");
		return NULL;
	}
	return json1_alloc(s, n * item_size);
}

/* Room to keep something; NULL: let it go. */
static struct json1_kept *
kept_new(struct json1_scratch *s, bool given)
{
	struct json1_kept *kept;

	if (!given) {
		json1_scratch_fail(s, OT_ENOMEM, "out of memory");
		return NULL;
	}
	if ((kept = json1_alloc(s, sizeof(*kept))) == NULL)
		return NULL;
	kept->next = s->kept;
	s->kept = kept;
	return kept;
}

struct json *
json1_keep(struct json1_scratch *s, struct json *v)
{
	struct json1_kept *kept = kept_new(s, v != NULL);

	if (kept == NULL) {
		json_unref(v);
		return NULL;
	}
	return kept->value = v;
}

struct json1_text *
json1_keep_text(struct json1_scratch *s, struct json1_text *text)
{
	struct json1_kept *kept = kept_new(s, text != NULL);

	if (kept == NULL) {
		json1_text_unref(text);
		return NULL;
	}
	return kept->text = text;
}

struct json_key *
json1_keep_name(struct json1_scratch *s, struct json_key *name)
{
	struct json1_kept *kept = kept_new(s, name != NULL);

	if (kept == NULL) {
		json_key_unref(name);
		return NULL;
	}
	return kept->name = name;
}

/* ---- places ---- */

struct json1_node *
json1_node_new(struct json1_scratch *s)
{
	struct json1_node *node = scratch_take(s, sizeof(*node));

	if (node != NULL)
		*node = (struct json1_node){ .parent = NULL };
	return node;
}

struct json1_node *
json1_child(struct json1_scratch *s, struct json1_node *node,
    const struct json1_key *key)
{
	struct json1_node *child, **link;
	int order = -1;

	if (node == NULL)
		return NULL;
	/* Writing goes mostly in order: begin where it was last. */
	link = &node->first;
	if (node->u.near != NULL) {
		order = json1_key_compare(&node->u.near->key, key);
		if (order == 0)
			return node->u.near;
		if (order < 0)
			link = &node->u.near->next;
	}
	for (order = 1; *link != NULL; link = &(*link)->next)
		if ((order = json1_key_compare(&(*link)->key, key)) >= 0)
			break;
	if (*link == NULL || order != 0) {
		if ((child = json1_node_new(s)) == NULL)
			return NULL;
		child->key = *key;
		child->parent = node;
		child->next = *link;
		*link = child;
	}
	return node->u.near = *link;
}

struct json1_node *
json1_same_path(struct json1_scratch *s, struct json1_node *root,
    const struct json1_node *place)
{
	if (place->parent == NULL)
		return root;
	return json1_child(s, json1_same_path(s, root, place->parent),
	    &place->key);
}

struct json1_comp *
json1_comp(struct json1_scratch *s, struct json1_node *node)
{
	if (node == NULL || s->rc != 0)
		return NULL;
	if (node->comp == NULL) {
		node->comp = scratch_take(s, sizeof(*node->comp));
		if (node->comp != NULL)
			*node->comp = (struct json1_comp){ .pick = -1,
			    .drop = -1 };
	}
	return node->comp;
}

/* ---- fields ---- */

static void
overwritten(struct json1_scratch *s)
{
	json1_scratch_fail(s, OT_ETYPE,
	    "Internal consistency error: Overwritten component");
}

static void
put_slot(struct json1_scratch *s, int32_t *field, int32_t slot)
{
	if (*field >= 0 && *field != slot)
		overwritten(s);
	else
		*field = slot;
}

void
json1_put_pick(struct json1_scratch *s, struct json1_node *node, int32_t slot)
{
	struct json1_comp *comp = json1_comp(s, node);

	if (comp != NULL)
		put_slot(s, &comp->pick, slot);
}

void
json1_put_drop(struct json1_scratch *s, struct json1_node *node, int32_t slot)
{
	struct json1_comp *comp = json1_comp(s, node);

	if (comp != NULL)
		put_slot(s, &comp->drop, slot);
}

/* null may be overwritten, by anything. */
static void
put_value(struct json1_scratch *s, struct json **field, struct json *value)
{
	if (*field != NULL && *field != value &&
	    json_kind(*field) != JSON_NULL &&
	    !json_same_scalar(*field, value))
		overwritten(s);
	else
		*field = value;
}

void
json1_put_remove(struct json1_scratch *s, struct json1_node *node,
    struct json *value)
{
	struct json1_comp *comp = json1_comp(s, node);

	if (comp != NULL)
		put_value(s, &comp->remove, value);
}

void
json1_put_insert(struct json1_scratch *s, struct json1_node *node,
    struct json *value)
{
	struct json1_comp *comp = json1_comp(s, node);

	if (comp != NULL)
		put_value(s, &comp->insert, value);
}

void
json1_put_text(struct json1_scratch *s, struct json1_node *node,
    struct json1_text *text, bool empty)
{
	struct json1_comp *comp;

	if (text == NULL || (!empty && json1_text_is_empty(text)) ||
	    (comp = json1_comp(s, node)) == NULL)
		return;
	if (comp->change != JSON1_NO_CHANGE &&
	    (comp->change != JSON1_TEXT || comp->u.text != text)) {
		overwritten(s);
		return;
	}
	comp->change = JSON1_TEXT;
	comp->change_field = JSON1_ES;
	comp->u.text = text;
}

void
json1_put_add(struct json1_scratch *s, struct json1_node *node, double add)
{
	struct json1_comp *comp = json1_comp(s, node);

	if (comp == NULL)
		return;
	if (comp->change != JSON1_NO_CHANGE &&
	    (comp->change != JSON1_ADD || comp->u.add != add)) {
		overwritten(s);
		return;
	}
	comp->change = JSON1_ADD;
	comp->change_field = JSON1_ENA;
	comp->u.add = add;
}

void
json1_put_change(struct json1_scratch *s, struct json1_node *node,
    const struct json1_comp *comp, bool empty)
{
	if (comp->change == JSON1_TEXT)
		json1_put_text(s, node, comp->u.text, empty);
	else
		json1_put_add(s, node, comp->u.add);
}

/* ---- tries ---- */

void
json1_merge(struct json1_scratch *s, struct json1_node *node,
    const struct json1_node *from)
{
	const struct json1_comp *comp;
	const struct json1_node *child;

	if (node == NULL || from == NULL)
		return;
	if ((comp = from->comp) != NULL) {
		if (comp->pick >= 0)
			json1_put_pick(s, node, comp->pick);
		if (comp->drop >= 0)
			json1_put_drop(s, node, comp->drop);
		if (comp->remove != NULL)
			json1_put_remove(s, node, comp->remove);
		if (comp->insert != NULL)
			json1_put_insert(s, node, comp->insert);
		if (comp->change != JSON1_NO_CHANGE)
			json1_put_change(s, node, comp, true);
	}
	for (child = from->first; child != NULL; child = child->next)
		json1_merge(s, json1_child(s, node, &child->key), child);
}

struct json1_node *
json1_shape(struct json1_scratch *s, const struct json1_node *root)
{
	struct json1_node *copy = json1_node_new(s), **link;
	const struct json1_node *child;

	if (copy == NULL)
		return NULL;
	copy->key = root->key;
	copy->comp = root->comp;
	link = &copy->first;
	for (child = root->first; child != NULL; child = child->next) {
		if ((*link = json1_shape(s, child)) == NULL)
			return NULL;
		(*link)->parent = copy;
		link = &(*link)->next;
	}
	return copy;
}

bool
json1_is_empty(const struct json1_node *root)
{
	const struct json1_node *child;

	if (root == NULL)
		return true;
	if (json1_picks(root) || json1_drops(root) || json1_changes(root))
		return false;
	for (child = root->first; child != NULL; child = child->next)
		if (!json1_is_empty(child))
			return false;
	return true;
}

int
json1_scratch_finish(struct json1_scratch *s, struct json1_node *root,
    struct json1_edit **edit_out)
{
	if (s->rc != 0)
		return s->rc;
	return json1_edit_new(root, edit_out, s->err);
}
