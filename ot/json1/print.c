/* json1 ops as JSON. */
#include "ot/json1/edit.h"

static const char *const change_names[] = {
	[JSON1_ES] = "es", [JSON1_ENA] = "ena", [JSON1_E] = "e",
};

static void
put_name(struct buf *b, bool *first, const char *name)
{
	buf_puts(b, *first ? "{\"" : ",\"");
	buf_puts(b, name);
	buf_puts(b, "\":");
	*first = false;
}

static void
print_change(const struct json1_comp *c, bool *first, struct buf *b)
{
	const char *type = "number";

	if (c->type_field != JSON1_NO_TYPE) {
		if (c->change == JSON1_TEXT)
			type = c->type_field == JSON1_BY_NAME ?
			    ot_type_text_unicode.name :
			    ot_type_text_unicode.uri;
		put_name(b, first, "et");
		buf_putc(b, '"');
		buf_puts(b, type);
		buf_putc(b, '"');
	}
	put_name(b, first, change_names[c->change_field]);
	if (c->change == JSON1_TEXT)
		ot_type_text_unicode.edit_print(c->u.text->edit, b);
	else
		json_put_number(b, c->u.add);
}

static void
print_comp(const struct json1_comp *c, struct buf *b)
{
	bool first = true;

	if (c->remove != NULL) {
		put_name(b, &first, "r");
		json_print(c->remove, b);
	}
	if (c->pick >= 0) {
		put_name(b, &first, "p");
		buf_put_u64(b, (uint64_t)c->pick);
	}
	if (c->insert != NULL) {
		put_name(b, &first, "i");
		json_print(c->insert, b);
	}
	if (c->drop >= 0) {
		put_name(b, &first, "d");
		buf_put_u64(b, (uint64_t)c->drop);
	}
	if (c->change != JSON1_NO_CHANGE)
		print_change(c, &first, b);
	buf_putc(b, '}');
}

static void
print_key(const struct json1_key *key, struct buf *b)
{
	if (key->name == NULL)
		buf_put_u64(b, (uint64_t)key->index);
	else
		json_put_string(b, key->name->text, key->name->len);
}

/* What stands in a list from node's component on; comma: something before. */
static void
print_place(const struct json1_node *node, bool comma, struct buf *b)
{
	const struct json1_node *child;

	for (;; comma = true, node = node->first) {
		if (node->comp != NULL) {
			if (comma)
				buf_putc(b, ',');
			print_comp(node->comp, b);
			comma = true;
		}
		if (node->u.n != 1)
			break;
		if (comma)
			buf_putc(b, ',');
		print_key(&node->first->key, b);
	}
	for (child = node->first; child != NULL; child = child->next) {
		buf_puts(b, comma ? ",[" : "[");
		print_key(&child->key, b);
		print_place(child, true, b);
		buf_putc(b, ']');
		comma = true;
	}
}

void
json1_edit_print(const struct json1_edit *edit, struct buf *b)
{
	if (json1_root(edit) == NULL) {
		buf_puts(b, "null");
		return;
	}
	buf_putc(b, '[');
	print_place(json1_root(edit), false, b);
	buf_putc(b, ']');
}
