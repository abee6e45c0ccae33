/*
 * Deltas, read from JSON and written.
 *
 * rich-text 4.1.0 checks nothing, and what is no delta ends up in documents.
 * Refused here: what is not a list of ops; an op with none or several of
 * insert, retain and delete; lengths that are not positive whole numbers;
 * empty, null and boolean inserts; attributes that are not an object, empty,
 * on a delete, or named like what every object of JavaScript inherits; in a
 * document, anything but inserts.
 *
 * Other fields of an op are dropped, as quill-delta does wherever it takes an
 * op apart.  Where it would pass them on, in documents and at the end of a
 * compose, they are refused.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ot/delta_edit.h"
#include "ot/json.h"

/* A value must still be readable with an op and a message around it. */
#define DEPTH_MAX	(JSON_DEPTH_MAX - 16)
#define RECENT		8

struct parse {
	struct ot_err		*err;
	int			 refusal;
	enum delta_role		 role;
	struct delta_draft	 draft;
	struct buf		 decoded;	/* strings that had escapes */
	size_t			 len_bytes;	/* of all the JSON */
	/* The last few attributes: most ops share theirs with a neighbour. */
	struct shared {
		struct json_slice	 text;
		struct json		*attrs;
	} recent[RECENT];
	unsigned		 recent_at;
};

/* The fields of one op. */
struct fields {
	struct json_slice	 insert, retain, del, attributes;
	bool			 odd;		/* and others */
};

static int
refuse(struct parse *p, const char *why)
{
	return ot_fail(p->err, p->refusal, "%s", why);
}

/* ---- values ---- */

static int
parse_value(struct parse *p, const struct json_slice *s, struct json **value)
{
	struct json *v;
	int rc;

	if ((rc = json_parse(s->p, s->len, JSON_NO_PROTO, &v, p->err)) != 0)
		return rc;
	if (json_height(v) > DEPTH_MAX) {
		json_unref(v);
		return ot_fail(p->err, OT_ELIMIT, "nested too deeply");
	}
	*value = v;
	return 0;
}

/*
 * Of what was written just so, or NULL.  Those that are equal and written in
 * another order stay apart: each prints as it was read.
 */
static struct json *
recall_attributes(const struct parse *p, const struct json_slice *s)
{
	const struct shared *recent;
	unsigned i;

	for (i = 0; i < RECENT && p->recent[i].attrs != NULL; i++) {
		recent = &p->recent[i];
		if (recent->text.len == s->len &&
		    memcmp(recent->text.p, s->p, s->len) == 0)
			return json_ref(recent->attrs);
	}
	return NULL;
}

static void
keep_attributes(struct parse *p, const struct json_slice *s,
    struct json *attrs)
{
	struct shared *oldest = &p->recent[p->recent_at];

	json_unref(oldest->attrs);
	*oldest = (struct shared){ *s, json_ref(attrs) };
	p->recent_at = (p->recent_at + 1) % RECENT;
}

static int
parse_attributes(struct parse *p, const struct json_slice *s,
    struct json **attrs)
{
	struct json_member *m;
	struct json *v;
	int rc;

	if (s->kind != JSON_OBJECT)
		return refuse(p, "Attributes must be an object");
	if ((*attrs = recall_attributes(p, s)) != NULL)
		return 0;
	if ((rc = parse_value(p, s, &v)) != 0)
		return rc;
	if (json_object_len(v) == 0)
		rc = refuse(p, "Attributes must not be empty");
	for (m = json_object_first(v); rc == 0 && m != NULL;
	    m = json_object_next(v, m))
		if (json_key_is_inherited(m->key))
			rc = refuse(p, "Invalid attribute name");
	if (rc != 0) {
		json_unref(v);
		return rc;
	}
	keep_attributes(p, s, v);
	*attrs = v;
	return 0;
}

static int
parse_len(struct parse *p, const struct json_slice *s, struct delta_chunk *c)
{
	double n;

	if (s->kind != JSON_NUMBER)
		return refuse(p, "Lengths must be numbers");
	n = json_slice_number(s);
	if (!(n > 0) || n != floor(n) || n > (double)DELTA_LEN_MAX)
		return refuse(p, "Lengths must be whole and positive");
	c->len = (uint64_t)n;
	return 0;
}

static int
parse_text(struct parse *p, const struct json_slice *s, struct delta_chunk *c)
{
	const char *text;
	size_t len;

	if (slice_of_json(s, &p->decoded, p->len_bytes, &text, &len) != 0)
		return ot_fail(p->err, OT_ENOMEM, "out of memory");
	if (len == 0)
		return refuse(p, "Inserts must not be empty");
	if (len > ROPE_BYTES_MAX)
		return ot_fail(p->err, OT_ELIMIT, "text too long");
	c->slice.text = text;
	c->slice.size = rope_measure(text, len);
	c->len = c->slice.size.of[ROPE_U16];
	return 0;
}

static int
parse_insert(struct parse *p, const struct json_slice *s,
    struct delta_chunk *c)
{
	switch (s->kind) {
	case JSON_STRING:
		return parse_text(p, s, c);
	case JSON_NUMBER:
	case JSON_LIST:
	case JSON_OBJECT:
		c->len = 1;
		return parse_value(p, s, &c->embed);
	default:
		return refuse(p, "Inserts must be text or embeds");
	}
}

/* ---- ops ---- */

static int
read_fields(struct parse *p, struct json_reader *r, struct fields *f)
{
	struct json_slice key, value;
	int rc;

	*f = (struct fields){ .insert = { NULL, 0, JSON_NONE } };
	if (json_peek(r) != JSON_OBJECT)
		return refuse(p, "Ops must be objects");
	if ((rc = json_enter(r, JSON_OBJECT)) != 0)
		return rc;
	while ((rc = json_next_member(r, &key)) > 0) {
		if ((rc = json_skip(r, &value)) != 0)
			return rc;
		if (json_slice_is(&key, "insert"))
			f->insert = value;
		else if (json_slice_is(&key, "retain"))
			f->retain = value;
		else if (json_slice_is(&key, "delete"))
			f->del = value;
		else if (json_slice_is(&key, "attributes"))
			f->attributes = value;
		else
			f->odd = true;
	}
	return rc;
}

static int
parse_fields(struct parse *p, const struct fields *f, struct delta_chunk *c)
{
	int rc;

	if ((f->insert.p != NULL) + (f->retain.p != NULL) +
	    (f->del.p != NULL) != 1)
		return refuse(p, "Ops must insert, retain or delete");
	if (f->odd && p->role == DELTA_DOCUMENT)
		return refuse(p, "Unknown field in an op");
	if (f->insert.p == NULL && p->role == DELTA_DOCUMENT)
		return refuse(p, "Documents must be inserts only");
	if (f->insert.p != NULL) {
		c->kind = DELTA_INSERT;
		rc = parse_insert(p, &f->insert, c);
	} else if (f->retain.p != NULL) {
		c->kind = DELTA_RETAIN;
		rc = parse_len(p, &f->retain, c);
	} else {
		c->kind = DELTA_DELETE;
		rc = parse_len(p, &f->del, c);
	}
	if (rc != 0 || f->attributes.p == NULL)
		return rc;
	if (c->kind == DELTA_DELETE)
		return refuse(p, "Deletes have no attributes");
	return parse_attributes(p, &f->attributes, &c->attrs);
}

static int
parse_ops(struct parse *p, struct json_reader *r)
{
	struct delta_chunk chunk;
	struct fields f;
	int rc;

	if ((rc = json_enter(r, JSON_LIST)) != 0)
		return rc;
	while ((rc = json_next_item(r)) > 0) {
		if ((rc = read_fields(p, r, &f)) != 0)
			return rc;
		chunk = (struct delta_chunk){ .odd = f.odd };
		rc = parse_fields(p, &f, &chunk);
		if (rc == 0)
			delta_draft_put(&p->draft, &chunk);
		json_unref(chunk.embed);
		json_unref(chunk.attrs);
		if (rc != 0)
			return rc;
	}
	return rc;
}

/* An object around the ops; its other fields are dropped, as there. */
static int
parse_wrapped(struct parse *p, struct json_reader *r)
{
	struct json_slice key, value, ops = { NULL, 0, JSON_NONE };
	struct json_reader inner;
	int rc;

	if ((rc = json_enter(r, JSON_OBJECT)) != 0)
		return rc;
	while ((rc = json_next_member(r, &key)) > 0) {
		if ((rc = json_skip(r, &value)) != 0)
			return rc;
		if (json_slice_is(&key, "ops"))
			ops = value;
	}
	if (rc < 0)
		return rc;
	if (ops.kind != JSON_LIST)
		return refuse(p, "A delta must have a list of ops");
	json_reader_init(&inner, ops.p, ops.len, p->err);
	return parse_ops(p, &inner);
}

int
delta_edit_read(const char *json, size_t len_bytes, enum delta_role role,
    int refusal, struct ot_edit **edit_out, struct ot_err *err)
{
	struct parse p = { .err = err, .refusal = refusal, .role = role,
	    .decoded = BUF_INIT, .len_bytes = len_bytes };
	struct ot_edit *edit;
	struct json_reader r;
	bool bare;
	unsigned i;
	int rc;

	json_reader_init(&r, json, len_bytes, err);
	delta_draft_init(&p.draft);
	bare = json_peek(&r) == JSON_LIST;
	if (bare)
		rc = parse_ops(&p, &r);
	else if (json_peek(&r) == JSON_OBJECT)
		rc = parse_wrapped(&p, &r);
	else
		rc = refuse(&p, "A delta must be a list or an object");
	if (rc == 0)
		rc = json_finish(&r);
	if (rc != 0)
		delta_draft_done(&p.draft);
	else if ((rc = delta_draft_finish(&p.draft, &edit, err)) == 0) {
		((struct delta_edit *)edit)->bare = bare;
		*edit_out = edit;
	}
	for (i = 0; i < RECENT; i++)
		json_unref(p.recent[i].attrs);
	buf_done(&p.decoded);
	return rc;
}

/* ---- writing ---- */

static void
print_attributes(const struct json *attrs, struct buf *b)
{
	if (attrs != NULL) {
		buf_puts(b, ",\"attributes\":");
		json_print(attrs, b);
	}
	buf_putc(b, '}');
}

void
delta_insert_print(const char *text, size_t len_bytes,
    const struct json *embed, const struct json *attrs, struct buf *b)
{
	buf_puts(b, "{\"insert\":");
	if (embed != NULL)
		json_print(embed, b);
	else
		json_put_string(b, text, len_bytes);
	print_attributes(attrs, b);
}

void
delta_edit_print(const struct ot_edit *edit, struct buf *b)
{
	const struct delta_edit *e = delta_edit_of(edit);
	const struct delta_part *part;
	uint32_t i;

	buf_puts(b, e->bare ? "[" : "{\"ops\":[");
	for (i = 0; i < e->n; i++) {
		part = &e->part[i];
		if (i > 0)
			buf_putc(b, ',');
		if (part->kind == DELTA_INSERT) {
			delta_insert_print(part->text,
			    part->size.of[ROPE_BYTES], part->embed,
			    part->attrs, b);
			continue;
		}
		buf_puts(b, part->kind == DELTA_RETAIN ?
		    "{\"retain\":" : "{\"delete\":");
		buf_put_u64(b, part->len);
		print_attributes(part->attrs, b);
	}
	buf_puts(b, e->bare ? "]" : "]}");
}
