#include "ot/text0.h"

#include <math.h>

static int
no_memory(struct ot_err *err)
{
	return ot_fail(err, OT_ENOMEM, "out of memory");
}

static double
part_len(const struct text0_part *c)
{
	return (double)json_string_len_u16(c->text);
}

/* ---- append ---- */

static void
part_copy(void *to, const void *from)
{
	struct text0_part *c = to;

	*c = *(const struct text0_part *)from;
	json_ref(c->text);
}

static void
part_done(void *part)
{
	json_unref(((struct text0_part *)part)->text);
}

/* Put text into c's text before unit at. */
static int
part_inject(struct text0_part *c, double at, const struct json *text,
    struct ot_err *err)
{
	/* Many small ones may gather here: a long text is shared, not copied. */
	if (json_string_edit(&c->text, (size_t)at, (size_t)at, text,
	    NULL) != 0)
		return no_memory(err);
	return 0;
}

/* Put the units from from to to of text there. */
static int
part_inject_slice(struct text0_part *c, double at, const struct json *text,
    double from, double to, struct ot_err *err)
{
	struct json *slice;
	int rc;

	if (from == to)
		return 0;
	if ((slice = json_string_slice(text, (size_t)from, (size_t)to)) == NULL)
		return no_memory(err);
	rc = part_inject(c, at, slice, err);
	json_unref(slice);
	return rc;
}

static int
part_append(struct lift_list *list, const void *part, struct ot_err *err)
{
	struct text0_part *last = lift_list_last(list);
	const struct text0_part *c = part;
	int rc;

	if (part_len(c) == 0)
		return 0;
	if (last == NULL || last->insert != c->insert)
		return lift_list_push(list, c, err);
	if (c->insert && last->p <= c->p && c->p <= last->p + part_len(last))
		return part_inject(last, c->p - last->p, c->text, err);
	if (!c->insert && c->p <= last->p && last->p <= c->p + part_len(c)) {
		/* What c deletes lies around what last deleted. */
		if ((rc = part_inject_slice(last, part_len(last), c->text,
		    last->p - c->p, part_len(c), err)) != 0 ||
		    (rc = part_inject_slice(last, 0, c->text, 0,
		    last->p - c->p, err)) != 0)
			return rc;
		last->p = c->p;
		return 0;
	}
	return lift_list_push(list, c, err);
}

/* ---- transform ---- */

double
text0_move_position(double x, const struct text0_part *c, bool after)
{
	double len = part_len(c);

	if (c->insert)
		return c->p < x || (c->p == x && after) ? x + len : x;
	if (x <= c->p)
		return x;
	return x <= c->p + len ? c->p : x - len;
}

/* Append units from to to of c's text as a part at position p. */
static int
append_slice(struct lift_list *list, const struct text0_part *c, double from,
    double to, double p, struct ot_err *err)
{
	struct text0_part slice = { p, c->insert, NULL };
	int rc;

	slice.text = json_string_slice(c->text, (size_t)from, (size_t)to);
	if (slice.text == NULL)
		return no_memory(err);
	rc = part_append(list, &slice, err);
	part_done(&slice);
	return rc;
}

/* c as it is, at another position. */
static int
append_moved(struct lift_list *list, const struct text0_part *c, double p,
    struct ot_err *err)
{
	struct text0_part moved = { p, c->insert, c->text };

	return part_append(list, &moved, err);
}

static int
delete_after_insert(struct lift_list *list, const struct text0_part *c,
    const struct text0_part *o, struct ot_err *err)
{
	double len = part_len(c), cut = 0;
	int rc;

	if (c->p < o->p) {
		cut = o->p - c->p < len ? o->p - c->p : len;
		if (cut == len)
			return part_append(list, c, err);
		if ((rc = append_slice(list, c, 0, cut, c->p, err)) != 0)
			return rc;
	}
	if (cut == 0)
		return append_moved(list, c, c->p + part_len(o), err);
	return append_slice(list, c, cut, len, c->p + part_len(o), err);
}

/* Have both the same text where they overlap? */
static int
check_overlap(const struct text0_part *c, const struct text0_part *o,
    struct ot_err *err)
{
	double start = fmax(c->p, o->p);
	double end = fmin(c->p + part_len(c), o->p + part_len(o));
	struct json *a, *b;
	int rc = 0;

	a = json_string_slice(c->text, (size_t)(start - c->p),
	    (size_t)(end - c->p));
	b = json_string_slice(o->text, (size_t)(start - o->p),
	    (size_t)(end - o->p));
	if (a == NULL || b == NULL)
		rc = no_memory(err);
	else if (!json_string_equal(a, b))
		rc = ot_fail(err, OT_ETYPE, "Delete ops delete different text "
		    "in the same region of the document");
	json_unref(a);
	json_unref(b);
	return rc;
}

static int
delete_after_delete(struct lift_list *list, const struct text0_part *c,
    const struct text0_part *o, struct ot_err *err)
{
	double c_end = c->p + part_len(c), o_end = o->p + part_len(o);
	struct text0_part rest = { 0, false, NULL };
	struct json *right = NULL;
	int rc;

	if (c->p >= o_end)
		return append_moved(list, c, c->p - part_len(o), err);
	if (c_end <= o->p)
		return part_append(list, c, err);
	if ((rc = check_overlap(c, o, err)) != 0)
		return rc;
	/* What is left of o, then what is right of it. */
	rest.p = text0_move_position(c->p, o, false);
	rest.text = json_string_slice(c->text, 0,
	    c->p < o->p ? (size_t)(o->p - c->p) : 0);
	if (rest.text == NULL)
		return no_memory(err);
	if (c_end > o_end) {
		right = json_string_slice(c->text, (size_t)(o_end - c->p),
		    json_string_len_u16(c->text));
		rc = right == NULL ? no_memory(err) :
		    part_inject(&rest, part_len(&rest), right, err);
	}
	if (rc == 0)
		rc = part_append(list, &rest, err);
	json_unref(right);
	part_done(&rest);
	return rc;
}

static int
part_transform(struct lift_list *list, const void *part, const void *other,
    enum ot_side side, struct ot_err *err)
{
	const struct text0_part *c = part, *o = other;

	if (c->insert)
		return append_moved(list, c,
		    text0_move_position(c->p, o, side == OT_RIGHT), err);
	if (o->insert)
		return delete_after_insert(list, c, o, err);
	return delete_after_delete(list, c, o, err);
}

const struct lift_kind text0_lift = {
	.size = sizeof(struct text0_part),
	.copy = part_copy,
	.done = part_done,
	.append = part_append,
	.transform = part_transform,
};

/* ---- reading and writing ---- */

/* A part's fields as they stand in the text; the last of a name counts. */
struct fields {
	struct json_slice	p, i, d;
	bool			other;
};

static int
read_fields(struct json_reader *r, struct fields *f)
{
	struct json_slice key, value;
	int rc;

	*f = (struct fields){ .other = false };
	if ((rc = json_enter(r, JSON_OBJECT)) != 0)
		return rc;
	while ((rc = json_next_member(r, &key)) > 0) {
		if ((rc = json_skip(r, &value)) != 0)
			return rc;
		if (json_slice_is(&key, "p"))
			f->p = value;
		else if (json_slice_is(&key, "i"))
			f->i = value;
		else if (json_slice_is(&key, "d"))
			f->d = value;
		else
			f->other = true;
	}
	return rc;
}

static int
part_from_fields(const struct fields *f, struct text0_part *c,
    struct ot_err *err)
{
	const struct json_slice *text = f->i.kind == JSON_STRING ? &f->i :
	    &f->d;
	const struct json_slice *none = text == &f->i ? &f->d : &f->i;
	double p;

	if (f->p.kind != JSON_NUMBER)
		return ot_fail(err, OT_EAPPLY,
		    "component missing position field");
	if (text->kind != JSON_STRING || none->kind == JSON_STRING)
		return ot_fail(err, OT_EAPPLY,
		    "component needs an i or d field");
	if ((p = json_slice_number(&f->p)) < 0)
		return ot_fail(err, OT_EAPPLY, "position cannot be negative");
	if (p != floor(p))
		return ot_fail(err, OT_EBADLY, "position must be whole");
	if (none->kind != JSON_NONE || f->other)
		return ot_fail(err, OT_EBADLY, "unknown field in a component");
	c->p = p + 0.0;		/* -0 becomes 0 */
	c->insert = text == &f->i;
	return json_parse(text->p, text->len, 0, &c->text, err);
}

static int
read_part(struct json_reader *r, struct lift_list *out)
{
	struct text0_part c;
	struct fields f;
	int rc;

	if (json_peek(r) != JSON_OBJECT) {
		if ((rc = json_skip(r, NULL)) != 0)
			return rc;
		return ot_fail(r->err, OT_EAPPLY,
		    "component missing position field");
	}
	if ((rc = read_fields(r, &f)) != 0 ||
	    (rc = part_from_fields(&f, &c, r->err)) != 0)
		return rc;
	if (out->n == LIFT_PARTS_MAX)
		rc = ot_fail(r->err, OT_ELIMIT, "too many components");
	else
		rc = lift_list_push(out, &c, r->err);
	part_done(&c);
	return rc;
}

int
text0_read(struct json_reader *r, struct lift_list *out)
{
	int rc;

	if (json_peek(r) != JSON_LIST) {
		if ((rc = json_skip(r, NULL)) != 0)
			return rc;
		return ot_fail(r->err, OT_EBADLY,
		    "op must be a list of components");
	}
	if ((rc = json_enter(r, JSON_LIST)) != 0)
		return rc;
	while ((rc = json_next_item(r)) > 0)
		if ((rc = read_part(r, out)) != 0)
			return rc;
	return rc;
}

/* As read_part, with 0 for a missing position, and merging. */
static int
normal_part(struct json_reader *r, struct lift_list *out)
{
	struct text0_part c;
	struct fields f;
	int rc;

	if ((rc = read_fields(r, &f)) != 0)
		return rc;
	if (f.p.kind == JSON_NONE || f.p.kind == JSON_NULL)
		f.p = (struct json_slice){ "0", 1, JSON_NUMBER };
	if ((rc = part_from_fields(&f, &c, r->err)) != 0)
		return rc;
	rc = part_append(out, &c, r->err);
	part_done(&c);
	return rc;
}

int
text0_read_normal(struct json_reader *r, struct lift_list *out)
{
	int rc;

	if (json_peek(r) == JSON_OBJECT)
		return normal_part(r, out);
	if ((rc = json_enter(r, JSON_LIST)) != 0)
		return rc;
	while ((rc = json_next_item(r)) > 0)
		if ((rc = normal_part(r, out)) != 0)
			return rc;
	return rc;
}

void
text0_print(const struct lift_list *parts, struct buf *b)
{
	const struct text0_part *c;
	size_t i;

	buf_putc(b, '[');
	for (i = 0; i < parts->n; i++) {
		c = lift_list_at(parts, i);
		buf_puts(b, i > 0 ? ",{\"p\":" : "{\"p\":");
		json_put_number(b, c->p);
		buf_puts(b, c->insert ? ",\"i\":" : ",\"d\":");
		json_print(c->text, b);
		buf_putc(b, '}');
	}
	buf_putc(b, ']');
}

/* ---- compose, invert, apply ---- */

int
text0_compose(const struct lift_list *first, const struct lift_list *second,
    struct lift_list *out, struct ot_err *err)
{
	int rc;

	if ((rc = lift_list_extend(out, first, err)) != 0)
		return rc;
	return lift_list_append(out, second, err);
}

int
text0_invert(const struct lift_list *parts, struct lift_list *out,
    struct ot_err *err)
{
	struct text0_part c;
	size_t i;
	int rc;

	for (i = parts->n; i > 0; i--) {
		c = *(struct text0_part *)lift_list_at(parts, i - 1);
		c.insert = !c.insert;
		if ((rc = lift_list_push(out, &c, err)) != 0)
			return rc;
	}
	return 0;
}

/* Is it the very text at p? JavaScript's slice gives '' past the end. */
static bool
delete_matches(const struct json *s, const struct text0_part *c)
{
	return json_string_len_u16(c->text) == 0 ||
	    (c->p <= (double)json_string_len_u16(s) &&
	    json_string_has(s, (size_t)c->p, c->text));
}

static int
fail_mismatch(struct ot_err *err)
{
	return ot_fail(err, OT_EAPPLY,
	    "Delete component does not match deleted text");
}

int
text0_apply_part(struct json **slot, const struct text0_part *c, bool clamp,
    size_t *pos_out, struct json **before_out, struct ot_err *err)
{
	size_t len = json_string_len_u16(*slot), pos = len, to;
	int rc;

	if (c->p <= (double)len)
		pos = (size_t)c->p;
	else if (c->insert && !clamp)
		return ot_fail(err, OT_EAPPLY, "insert past the end");
	if (!c->insert && !delete_matches(*slot, c))
		return fail_mismatch(err);
	to = c->insert ? pos : pos + json_string_len_u16(c->text);
	if ((rc = json_string_edit(slot, pos, to, c->insert ? c->text : NULL,
	    before_out)) != 0)
		return ot_fail(err, rc, rc == OT_ELIMIT ?
		    "string too long" : "out of memory");
	*pos_out = pos;
	return 0;
}

void
text0_undo_part(struct json *s, bool insert, const struct json *text,
    size_t pos_u16)
{
	if (insert)
		json_string_revert(s, pos_u16,
		    pos_u16 + json_string_len_u16(text), NULL);
	else
		json_string_revert(s, pos_u16, pos_u16, text);
}
