/*
 * Components from JSON.
 *
 * What is refused here although ot-json0 takes it: unknown fields; several
 * actions in one component, or a field that should hold text or a number and
 * holds something else (null too: a malformed component refuses the op, it is
 * never taken for nothing); indices that are negative or fractional; "li",
 * "ld" and "lm" on a name that is no index, "oi" and "od" on a number; unknown
 * subtypes.  What is not refused: an index spelt as a string (json0_path.c).
 *
 * ShareDB looks at a whole op in three passes before ot-json0 sees it, so the
 * first component at fault is not always the one to report: first any without
 * a path, then any dangerous name, then the rest (sharedb 7.0.0, lib/ot.js,
 * checkSubmittedJson0Op).
 */
#include <stdlib.h>
#include <string.h>

#include "ot/json0.h"

/* ---- fields ---- */

enum field { F_P, F_NA, F_LI, F_LD, F_LM, F_OI, F_OD, F_SI, F_SD, F_T, F_O, FIELDS };

static const char *const field_names[FIELDS] = {
	"p", "na", "li", "ld", "lm", "oi", "od", "si", "sd", "t", "o"
};

/* Which fields together make which kind of part. */
static const struct action {
	unsigned	fields;		/* bits, without p */
	enum json0_kind	kind;
} actions[] = {
	{ 1u << F_NA, JSON0_ADD },
	{ 1u << F_LI, JSON0_LIST },
	{ 1u << F_LD, JSON0_LIST },
	{ 1u << F_LI | 1u << F_LD, JSON0_LIST },
	{ 1u << F_LM, JSON0_MOVE },
	{ 1u << F_OI, JSON0_OBJECT },
	{ 1u << F_OD, JSON0_OBJECT },
	{ 1u << F_OI | 1u << F_OD, JSON0_OBJECT },
	{ 1u << F_SI, JSON0_TEXT },
	{ 1u << F_SD, JSON0_TEXT },
	{ 1u << F_T | 1u << F_O, JSON0_SUB },
};

/* A component as it stands in the text; the last field of a name counts. */
struct component {
	struct json_slice	field[FIELDS];
	bool			other;		/* has unknown fields */
};

/* How a component is at fault, the gravest last. */
enum fault { FAULT_NONE, FAULT_SHAPE, FAULT_NAME, FAULT_PATH };

/* An op being read. */
struct reading {
	struct lift_list	*out;
	struct ot_err		*err;
	bool			 names;		/* look for dangerous names */
	bool			 normal;	/* for normalize */
	size_t			 parts;		/* embedded ones counted too */
	enum fault		 fault;		/* of the latest failure, described in err */
};

/* Which field the key names; FIELDS if none. */
static int
find_field(const struct json_slice *key)
{
	int i;

	for (i = 0; i < FIELDS; i++) {
		/* It may be spelt with escapes; hardly ever is. */
		if (key->p[1] != field_names[i][0] && key->p[1] != '\\')
			continue;
		if (json_slice_is(key, field_names[i]))
			break;
	}
	return i;
}

static int
read_component(struct json_reader *r, struct component *c)
{
	struct json_slice key, value;
	int rc, i;

	memset(c, 0, sizeof(*c));
	if ((rc = json_enter(r, JSON_OBJECT)) != 0)
		return rc;
	while ((rc = json_next_member(r, &key)) > 0) {
		if ((rc = json_skip(r, &value)) != 0)
			return rc;
		if ((i = find_field(&key)) < FIELDS)
			c->field[i] = value;
		else
			c->other = true;
	}
	return rc;
}

/* ---- paths ---- */

static int
fail_segment(struct ot_err *err)
{
	return ot_fail(err, OT_EAPPLY, "Invalid path segment");
}

/* A fault of this weight is found; its words are in err. */
static int
fail_as(struct reading *g, enum fault fault, int rc)
{
	g->fault = fault;
	return rc;
}

/* Read one segment; the caller has its count. */
static int
read_segment(struct json_reader *r, struct reading *g, struct json0_seg *seg)
{
	struct json_slice name;
	double number, index;
	int rc;

	switch (json_peek(r)) {
	case JSON_NUMBER:
		if ((rc = json_read_number(r, &number)) != 0)
			return rc;
		*seg = json0_seg_number(number + 0.0);	/* -0 becomes 0 */
		if (!json0_seg_index(seg, &index))
			return fail_as(g, FAULT_SHAPE, ot_fail(g->err,
			    OT_EBADLY, "list index must be whole and not "
			    "negative"));
		return 0;
	case JSON_STRING:
		if ((rc = json_skip(r, &name)) != 0)
			return rc;
		if ((seg->key = json_key_from_slice(&name)) == NULL)
			return ot_fail(g->err, OT_ENOMEM, "out of memory");
		seg->number = 0;
		if (!g->names || !json_key_is_inherited(seg->key))
			return 0;
		json0_seg_done(seg);
		return fail_as(g, FAULT_NAME, fail_segment(g->err));
	default:
		/* ShareDB makes a string of it, which may be a dangerous name. */
		if ((rc = json_skip(r, NULL)) != 0)
			return rc;
		return fail_as(g, FAULT_NAME, fail_segment(g->err));
	}
}

/* Segments while they are read. */
struct segments {
	struct json0_seg	*seg;
	size_t			 n, cap;
	struct json0_seg	 few[8];
};

static int
segments_add(struct segments *s, struct json0_seg seg)
{
	size_t cap = s->cap * 2;
	struct json0_seg *grown;

	if (s->n == s->cap) {
		grown = realloc(s->seg == s->few ? NULL : s->seg,
		    cap * sizeof(seg));
		if (grown == NULL)
			return OT_ENOMEM;
		if (s->seg == s->few)
			memcpy(grown, s->few, sizeof(s->few));
		s->seg = grown;
		s->cap = cap;
	}
	s->seg[s->n++] = seg;
	return 0;
}

static int
read_segments(struct json_reader *r, struct reading *g, struct segments *s)
{
	struct json0_seg seg;
	int rc, first = 0;
	enum fault fault = FAULT_NONE;
	struct ot_err err = { .code = 0 };

	if ((rc = json_enter(r, JSON_LIST)) != 0)
		return rc;
	while ((rc = json_next_item(r)) > 0) {
		g->fault = FAULT_NONE;
		seg.key = NULL;
		rc = read_segment(r, g, &seg);
		if (rc != 0 && g->fault == FAULT_NONE)
			return rc;
		if (g->fault > fault) {		/* a later one may be graver */
			fault = g->fault;
			first = rc;
			err = *g->err;
		}
		if (rc == 0 && segments_add(s, seg) != 0) {
			json0_seg_done(&seg);
			return ot_fail(g->err, OT_ENOMEM, "out of memory");
		}
	}
	if (rc == 0 && fault != FAULT_NONE) {
		*g->err = err;
		return fail_as(g, fault, first);
	}
	return rc;
}

static int
read_path(struct reading *g, const struct json_slice *p,
    struct json0_path **path_out)
{
	struct segments s = { .seg = s.few, .cap = 8 };
	struct json_reader r;
	struct json0_path *path;
	size_t i;
	int rc;

	json_reader_init(&r, p->p, p->len, g->err);
	if ((rc = read_segments(&r, g, &s)) == 0) {
		if ((path = json0_path_take(s.seg, s.n)) == NULL)
			rc = ot_fail(g->err, OT_ENOMEM, "out of memory");
		else
			*path_out = path;
	}
	for (i = 0; rc != 0 && i < s.n; i++)
		json0_seg_done(&s.seg[i]);
	if (s.seg != s.few)
		free(s.seg);
	return rc;
}

/* ---- values ---- */

static int
read_value(struct reading *g, const struct json_slice *slice,
    struct json **value_out)
{
	struct json *v;
	int rc;

	if (slice->kind == JSON_NONE)
		return 0;
	if ((rc = json_parse(slice->p, slice->len, JSON_NO_PROTO, &v,
	    g->err)) != 0)
		return rc;
	if (json_height(v) > JSON0_DEPTH_MAX) {
		json_unref(v);
		return ot_fail(g->err, OT_ELIMIT,
		    "a value is nested more than %d deep", JSON0_DEPTH_MAX);
	}
	*value_out = v;
	return 0;
}

static int
read_put_cut(struct reading *g, const struct json_slice *put,
    const struct json_slice *cut, struct json0_part *part)
{
	int rc;

	if ((rc = read_value(g, put, &part->u.v.put)) != 0)
		return rc;
	return read_value(g, cut, &part->u.v.cut);
}

static int
read_list_action(struct reading *g, const struct component *c,
    struct json0_part *part)
{
	const struct json0_seg *last = json0_path_last(part->path);
	double index;

	/* An empty path is left to apply: "Referenced element not a list". */
	if (last != NULL && !json0_seg_index(last, &index))
		return ot_fail(g->err, OT_EBADLY,
		    "a list action needs an index at the end of its path");
	return read_put_cut(g, &c->field[F_LI], &c->field[F_LD], part);
}

static int
read_object_action(struct reading *g, const struct component *c,
    struct json0_part *part)
{
	const struct json0_seg *last = json0_path_last(part->path);

	if (last != NULL && last->key == NULL)
		return ot_fail(g->err, OT_EBADLY,
		    "an object action needs a key at the end of its path");
	return read_put_cut(g, &c->field[F_OI], &c->field[F_OD], part);
}

static int
read_move(struct reading *g, const struct component *c, struct json0_part *part)
{
	const struct json0_seg *last = json0_path_last(part->path);
	const struct json_slice *lm = &c->field[F_LM];
	struct json_reader r;
	double index;
	int rc = 0;

	part->u.to.key = NULL;
	json_reader_init(&r, lm->p, lm->len, g->err);
	if ((lm->kind == JSON_NUMBER || lm->kind == JSON_STRING) &&
	    (rc = read_segment(&r, g, &part->u.to)) != 0)
		return rc;
	if ((lm->kind != JSON_NUMBER && lm->kind != JSON_STRING) ||
	    !json0_seg_index(&part->u.to, &index) ||
	    (last != NULL && !json0_seg_index(last, &index)))
		return ot_fail(g->err, OT_EBADLY,
		    "a move goes from one list index to another");
	return 0;
}

static int
read_add(struct reading *g, const struct component *c, struct json0_part *part)
{
	if (c->field[F_NA].kind != JSON_NUMBER)
		return ot_fail(g->err, OT_EBADLY, "na must be a number");
	part->u.add = json_slice_number(&c->field[F_NA]);
	return 0;
}

static int
read_text(struct reading *g, const struct component *c, struct json0_part *part)
{
	const struct json_slice *text = &c->field[F_SI];
	struct text0_part t;

	part->u.text.insert = text->kind != JSON_NONE;
	if (!part->u.text.insert)
		text = &c->field[F_SD];
	if (text->kind != JSON_STRING)
		return ot_fail(g->err, OT_EAPPLY,
		    "component needs an i or d field");
	if (json0_text_part(part, &t, g->err) != 0)
		return g->err->code = OT_EAPPLY;
	return read_value(g, text, &part->u.text.text);
}

static int
read_sub(struct reading *g, const struct component *c, struct json0_part *part)
{
	const struct json_slice *o = &c->field[F_O];
	struct json_reader r;
	int rc;

	if (!json_slice_is(&c->field[F_T], "text0"))
		return ot_fail(g->err, OT_EAPPLY,
		    "invalid / missing instruction in op");
	if ((part->u.sub = json0_sub_new()) == NULL)
		return ot_fail(g->err, OT_ENOMEM, "out of memory");
	json_reader_init(&r, o->p, o->len, g->err);
	if ((rc = text0_read(&r, &part->u.sub->parts)) != 0)
		return rc;
	g->parts += part->u.sub->parts.n;
	return 0;
}

/* ---- a component ---- */

/* Which action do its fields make? */
static const struct action *
find_action(const struct component *c)
{
	unsigned fields = 0, i;

	for (i = F_NA; i < FIELDS; i++)
		if (c->field[i].kind != JSON_NONE)
			fields |= 1u << i;
	for (i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (actions[i].fields == fields)
			return &actions[i];
	return NULL;
}

static int
fail_action(struct reading *g, const struct component *c)
{
	unsigned i, n = 0;

	for (i = F_NA; i < FIELDS; i++)
		n += c->field[i].kind != JSON_NONE;
	if (n < 2)
		return ot_fail(g->err, OT_EAPPLY,
		    "invalid / missing instruction in op");
	return ot_fail(g->err, OT_EBADLY,
	    "several instructions in one component");
}

/* The rest of a part whose path is read. */
static int
read_action(struct reading *g, const struct component *c,
    struct json0_part *part)
{
	const struct action *action = find_action(c);

	if (action == NULL)
		return fail_action(g, c);
	if (c->other)
		return ot_fail(g->err, OT_EBADLY,
		    "unknown field in a component");
	part->kind = action->kind;
	switch (part->kind) {
	case JSON0_ADD:
		return read_add(g, c, part);
	case JSON0_LIST:
		return read_list_action(g, c, part);
	case JSON0_MOVE:
		return read_move(g, c, part);
	case JSON0_OBJECT:
		return read_object_action(g, c, part);
	case JSON0_TEXT:
		return read_text(g, c, part);
	case JSON0_SUB:
		return read_sub(g, c, part);
	}
	return 0;
}

/*
 * The part that the reader stands before.  With a fault, g->fault says how
 * grave it is, and the reader stands behind it; other failures leave it.
 */
static int
read_part(struct reading *g, struct json_reader *r)
{
	static const struct json_slice no_path = { "[]", 2, JSON_LIST };
	struct json0_part part = { .kind = JSON0_OBJECT };
	const struct json_slice *p;
	struct component c;
	int rc;

	if (json_peek(r) != JSON_OBJECT) {
		if ((rc = json_skip(r, NULL)) != 0)
			return rc;
		return fail_as(g, FAULT_PATH, ot_fail(g->err, OT_EBADLY,
		    "Missing path"));
	}
	if ((rc = read_component(r, &c)) != 0)
		return rc;
	p = &c.field[F_P];
	if (g->normal && (p->kind == JSON_NONE || p->kind == JSON_NULL))
		p = &no_path;
	if (p->kind != JSON_LIST)
		return fail_as(g, FAULT_PATH, ot_fail(g->err, OT_EBADLY,
		    "Missing path"));
	if ((rc = read_path(g, p, &part.path)) != 0)
		return rc;
	if ((rc = read_action(g, &c, &part)) != 0) {
		if (rc != OT_ENOMEM)
			g->fault = FAULT_SHAPE;
	} else if (++g->parts > LIFT_PARTS_MAX) {
		rc = ot_fail(g->err, OT_ELIMIT, "too many components");
	} else if (g->normal) {
		rc = json0_append(g->out, &part, g->err);
	} else if ((rc = lift_list_take(g->out, &part, g->err)) == 0) {
		return 0;
	}
	json0_part_done(&part);
	return rc;
}

/* ---- an op ---- */

static int
read_parts(struct json_reader *r, struct reading *g)
{
	struct ot_err first = { .code = 0 };
	enum fault fault = FAULT_NONE;
	int rc;

	if ((rc = json_enter(r, JSON_LIST)) != 0)
		return rc;
	while ((rc = json_next_item(r)) > 0) {
		g->fault = FAULT_NONE;
		if ((rc = read_part(g, r)) == 0)
			continue;
		if (g->fault == FAULT_NONE || g->fault == FAULT_PATH)
			return rc;
		if (g->fault > fault) {
			fault = g->fault;
			first = *g->err;
		}
	}
	if (rc == 0 && fault != FAULT_NONE) {
		*g->err = first;
		return first.code;
	}
	return rc;
}

static int
read_op(const char *json, size_t len_bytes, struct reading *g)
{
	struct json_reader r;
	int rc;

	json_reader_init(&r, json, len_bytes, g->err);
	if (json_peek(&r) == JSON_LIST)
		rc = read_parts(&r, g);
	else if (g->normal)
		rc = read_part(g, &r);
	else if ((rc = json_skip(&r, NULL)) == 0)
		rc = ot_fail(g->err, OT_EBADLY, "json0 op must be an array");
	return rc != 0 ? rc : json_finish(&r);
}

int
json0_read(const char *json, size_t len_bytes, bool names,
    struct lift_list *out, struct ot_err *err)
{
	struct reading g = { .out = out, .err = err, .names = names };

	return read_op(json, len_bytes, &g);
}

int
json0_read_normal(const char *json, size_t len_bytes, struct lift_list *out,
    struct ot_err *err)
{
	struct reading g = { .out = out, .err = err, .normal = true };

	return read_op(json, len_bytes, &g);
}
