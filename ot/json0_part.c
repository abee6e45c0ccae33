/* Parts themselves: what they hold and share, and how they print. */
#include <math.h>
#include <stdlib.h>

#include "ot/json0.h"

struct json0_sub *
json0_sub_new(void)
{
	struct json0_sub *sub = malloc(sizeof(*sub));

	if (sub == NULL)
		return NULL;
	sub->refs = 1;
	lift_list_init(&sub->parts, &text0_lift);
	return sub;
}

void
json0_sub_unref(struct json0_sub *sub)
{
	if (sub == NULL || --sub->refs > 0)
		return;
	lift_list_done(&sub->parts);
	free(sub);
}

void
json0_part_copy(void *to, const void *from)
{
	struct json0_part *c = to;

	*c = *(const struct json0_part *)from;
	json0_path_ref(c->path);
	switch (c->kind) {
	case JSON0_ADD:
		break;
	case JSON0_LIST:
	case JSON0_OBJECT:
		json_ref(c->u.v.put);
		json_ref(c->u.v.cut);
		break;
	case JSON0_MOVE:
		c->u.to = json0_seg_ref(&c->u.to);
		break;
	case JSON0_TEXT:
		json_ref(c->u.text.text);
		break;
	case JSON0_SUB:
		c->u.sub->refs++;
		break;
	}
}

void
json0_part_done(void *part)
{
	struct json0_part *c = part;

	json0_path_unref(c->path);
	switch (c->kind) {
	case JSON0_ADD:
		break;
	case JSON0_LIST:
	case JSON0_OBJECT:
		json_unref(c->u.v.put);
		json_unref(c->u.v.cut);
		break;
	case JSON0_MOVE:
		json0_seg_done(&c->u.to);
		break;
	case JSON0_TEXT:
		json_unref(c->u.text.text);
		break;
	case JSON0_SUB:
		json0_sub_unref(c->u.sub);
		break;
	}
}

const struct lift_kind json0_lift = {
	.size = sizeof(struct json0_part),
	.copy = json0_part_copy,
	.done = json0_part_done,
	.append = json0_append,
	.transform = json0_transform,
};

void
json0_part_clone_add(struct json0_part *c)
{
	if (c->kind == JSON0_ADD && !isfinite(c->u.add))
		c->u.add = NAN;
}

size_t
json0_count(const struct lift_list *parts)
{
	const struct json0_part *c;
	size_t i, n = parts->n;

	for (i = 0; i < parts->n; i++) {
		c = lift_list_at(parts, i);
		if (c->kind == JSON0_SUB)
			n += c->u.sub->parts.n;
	}
	return n;
}

int
json0_check_result(const struct lift_list *parts, struct ot_err *err)
{
	const struct json0_part *c;
	size_t i;

	for (i = 0; i < parts->n; i++) {
		c = lift_list_at(parts, i);
		if (c->kind == JSON0_ADD && !isfinite(c->u.add))
			return ot_fail(err, OT_ETYPE, "number out of range");
	}
	if (json0_count(parts) > LIFT_PARTS_MAX)
		return ot_fail(err, OT_ELIMIT, "too many components");
	return 0;
}

void
json0_forget(struct json **field)
{
	json_unref(*field);
	*field = NULL;
}

/* ---- writing ---- */

static void
print_segment(const struct json0_seg *seg, struct buf *b)
{
	if (seg->key != NULL)
		json_put_string(b, seg->key->text, seg->key->len);
	else
		json_put_number(b, seg->number);
}

static void
print_field(struct buf *b, const char *name, const struct json *value)
{
	if (value == NULL)
		return;
	buf_puts(b, name);
	json_print(value, b);
}

static void
print_part(const struct json0_part *c, struct buf *b)
{
	size_t i;

	buf_puts(b, "{\"p\":[");
	for (i = 0; i < c->path->n; i++) {
		if (i > 0)
			buf_putc(b, ',');
		print_segment(&c->path->seg[i], b);
	}
	buf_putc(b, ']');
	switch (c->kind) {
	case JSON0_ADD:
		buf_puts(b, ",\"na\":");
		json_put_number(b, c->u.add);
		break;
	case JSON0_LIST:
		print_field(b, ",\"ld\":", c->u.v.cut);
		print_field(b, ",\"li\":", c->u.v.put);
		break;
	case JSON0_MOVE:
		buf_puts(b, ",\"lm\":");
		print_segment(&c->u.to, b);
		break;
	case JSON0_OBJECT:
		print_field(b, ",\"od\":", c->u.v.cut);
		print_field(b, ",\"oi\":", c->u.v.put);
		break;
	case JSON0_TEXT:
		print_field(b, c->u.text.insert ? ",\"si\":" : ",\"sd\":",
		    c->u.text.text);
		break;
	case JSON0_SUB:
		buf_puts(b, ",\"t\":\"text0\",\"o\":");
		text0_print(&c->u.sub->parts, b);
		break;
	}
	buf_putc(b, '}');
}

void
json0_print(const struct lift_list *parts, struct buf *b)
{
	size_t i;

	buf_putc(b, '[');
	for (i = 0; i < parts->n; i++) {
		if (i > 0)
			buf_putc(b, ',');
		print_part(lift_list_at(parts, i), b);
	}
	buf_putc(b, ']');
}
