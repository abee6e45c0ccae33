/*
 * JSON Patch: operations one after the other, on a value that is ours alone
 * but for what a copy shares; that is owned again on the way to a change.
 */
#include "ot/patch.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "ot/json_value.h"
#include "ot/pointer.h"
#include "ot/utf.h"

enum kind { ADD, REMOVE, REPLACE, MOVE, COPY, TEST, KINDS };

static const char *const kind_names[KINDS] = {
	"add", "remove", "replace", "move", "copy", "test"
};

struct operation {
	size_t		 number;
	enum kind	 kind;
	struct pointer	 path, from;
	struct buf	 path_text;	/* as it was given, for words */
	struct json	*value;		/* counted; NULL: none */
};

struct run {
	struct json	*root;		/* NULL: undefined */
	size_t		 brought;	/* bytes */
	struct ot_err	*err;
};

static int
no_memory(struct ot_err *err)
{
	return ot_fail(err, OT_ENOMEM, "out of memory");
}

/* ---- reading ---- */

static int
malformed(const struct run *run, const struct operation *op, const char *why)
{
	return ot_fail(run->err, OT_EBADLY, "operation %zu: %s", op->number,
	    why);
}

/* A client's words as people may see them: not all, and UTF-8. */
struct shown {
	char	text[64];
};

static struct shown
show(const char *text, size_t len)
{
	struct shown s = { "" };
	size_t n = len < sizeof(s.text) ? len : sizeof(s.text) - 1;

	while (n > 0 && n < len && ((unsigned char)text[n] & 0xC0) == 0x80)
		n--;
	if (n > 0 && utf_is_utf8(text, n))
		memcpy(s.text, text, n);
	return s;
}

static struct shown
show_step(const struct json_key *step)
{
	return show(step->text, step->len);
}

static int __attribute__((format(printf, 4, 5)))
refuse(const struct run *run, const struct operation *op, int code,
    const char *fmt, ...)
{
	struct shown path = show(op->path_text.data, op->path_text.len);
	char why[96];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	return ot_fail(run->err, code, "operation %zu, \"%s\" at \"%s\": %s",
	    op->number, kind_names[op->kind], path.text, why);
}

/* The members that count; an absent one has no p. */
struct members {
	struct json_slice	op, path, from, value;
};

static int
read_members(struct json_reader *r, struct members *m)
{
	struct json_slice key, value;
	int rc;

	*m = (struct members){ .op = { .p = NULL } };
	if ((rc = json_enter(r, JSON_OBJECT)) != 0)
		return rc;
	while ((rc = json_next_member(r, &key)) > 0) {
		if ((rc = json_skip(r, &value)) != 0)
			return rc;
		if (json_slice_is(&key, "op"))
			m->op = value;
		else if (json_slice_is(&key, "path"))
			m->path = value;
		else if (json_slice_is(&key, "from"))
			m->from = value;
		else if (json_slice_is(&key, "value"))
			m->value = value;
	}
	return rc;
}

static int
read_pointer(const struct run *run, const struct operation *op,
    const char *name, const struct json_slice *slice, struct buf *text,
    struct pointer *out)
{
	struct ot_err why;
	int rc;

	if (slice->kind != JSON_STRING)
		return ot_fail(run->err, OT_EBADLY,
		    "operation %zu: \"%s\" must be a string", op->number, name);
	json_slice_string(slice, text);
	if (buf_failed(text))
		return no_memory(run->err);
	rc = pointer_read(text->data != NULL ? text->data : "", text->len, out,
	    &why);
	if (rc == OT_EBADLY)
		return ot_fail(run->err, rc, "operation %zu: \"%s\": %s",
		    op->number, name, why.text);
	return rc == 0 ? 0 : no_memory(run->err);
}

static int
read_kind(const struct run *run, struct operation *op,
    const struct json_slice *slice)
{
	int i;

	if (slice->kind != JSON_STRING)
		return malformed(run, op, "\"op\" must be a string");
	for (i = 0; i < KINDS; i++) {
		if (json_slice_is(slice, kind_names[i])) {
			op->kind = (enum kind)i;
			return 0;
		}
	}
	return malformed(run, op, "\"op\" is none of add, remove, replace, "
	    "move, copy, test");
}

static int
read_operation(const struct run *run, struct json_reader *r,
    struct operation *op)
{
	struct buf from = BUF_INIT;
	struct members m;
	int rc;

	if (json_peek(r) != JSON_OBJECT)
		return malformed(run, op, "not an object");
	if ((rc = read_members(r, &m)) != 0 ||
	    (rc = read_kind(run, op, &m.op)) != 0 ||
	    (rc = read_pointer(run, op, "path", &m.path, &op->path_text,
	    &op->path)) != 0)
		return rc;
	if (op->kind == MOVE || op->kind == COPY)
		rc = read_pointer(run, op, "from", &m.from, &from, &op->from);
	else if (op->kind == REMOVE)
		rc = 0;
	else if (m.value.p == NULL)
		rc = malformed(run, op, "\"value\" is missing");
	else
		rc = json_parse(m.value.p, m.value.len, 0, &op->value,
		    run->err);
	buf_done(&from);
	return rc;
}

static void
operation_done(struct operation *op)
{
	pointer_done(&op->path);
	pointer_done(&op->from);
	buf_done(&op->path_text);
	json_unref(op->value);
}

/* ---- weights ---- */

/* What v takes when it is printed, roughly; at most a little over most. */
static size_t
weigh(const struct json *v, size_t most)
{
	const struct json_member *m;
	size_t i, all = 16;

	switch (json_kind(v)) {
	case JSON_STRING:
		return all + json_string_len_bytes(v);
	case JSON_LIST:
		for (i = 0; i < json_list_len(v) && all <= most; i++)
			all += weigh(json_list_at(v, i), most - all);
		return all;
	case JSON_OBJECT:
		for (m = json_object_first(v); m != NULL && all <= most;
		    m = json_object_next(v, m)) {
			all += m->key->len;
			all += all <= most ? weigh(m->value, most - all) : 0;
		}
		return all;
	default:
		return all;
	}
}

/* May a value come to the path?  It then counts as brought. */
static int
weigh_in(struct run *run, const struct operation *op, const struct json *v)
{
	run->brought += weigh(v, PATCH_BYTES_MAX - run->brought);
	if (run->brought > PATCH_BYTES_MAX)
		return refuse(run, op, OT_ELIMIT,
		    "the patch brings more than %zu bytes", PATCH_BYTES_MAX);
	if (op->path.n + json_height(v) > JSON_DEPTH_MAX)
		return refuse(run, op, OT_ELIMIT,
		    "nested more than %d deep", JSON_DEPTH_MAX);
	return 0;
}

/* ---- places ---- */

/*
 * The container of the last step of a path, which is not empty, made the
 * caller's alone all the way.  The refusal names the step that is missing.
 */
static int
open_container(struct run *run, const struct operation *op,
    const struct pointer *path, struct json **in_out)
{
	struct json **slot = &run->root;
	struct json_place place;
	size_t i, index = 0;

	for (i = 0; ; i++) {
		if (*slot == NULL || (json_kind(*slot) != JSON_LIST &&
		    json_kind(*slot) != JSON_OBJECT))
			return refuse(run, op, OT_EAPPLY,
			    "there is no list or object around it");
		if (json_own(slot) != 0)
			return no_memory(run->err);
		if (i + 1 == path->n)
			break;
		if (pointer_child(*slot, path->step[i], &index) == NULL)
			return refuse(run, op, OT_EAPPLY,
			    "there is no \"%s\" on the way",
			    show_step(path->step[i]).text);
		json_place_at(*slot, json_kind(*slot) == JSON_LIST ? NULL :
		    path->step[i], index, &place);
		slot = place.slot;
	}
	*in_out = *slot;
	return 0;
}

/* Put v, which is taken in any case, into a list. */
static int
insert_item(struct run *run, const struct operation *op, struct json *list,
    const struct json_key *step, struct json *v)
{
	size_t len = json_list_len(list), index = len;
	int rc = 0;

	if (!json_key_is(step, "-") && !pointer_index(step, &index))
		rc = refuse(run, op, OT_EAPPLY, "not an index of a list");
	else if (index > len)
		rc = refuse(run, op, OT_EAPPLY,
		    "the list has %zu items only", len);
	else if (json_list_reserve(list, 1) != 0)
		rc = no_memory(run->err);
	else
		json_list_insert(list, index, v);
	if (rc != 0)
		json_unref(v);
	return rc;
}

static void
swap_value(struct json **slot, struct json *v)
{
	json_unref(*slot);
	*slot = v;
}

/* Takes v in any case. */
static int
do_add(struct run *run, const struct operation *op, struct json *v)
{
	const struct json_key *step;
	struct json_member *m;
	struct json *in;
	int rc;

	if (op->path.n == 0) {
		swap_value(&run->root, v);
		return 0;
	}
	if ((rc = open_container(run, op, &op->path, &in)) != 0) {
		json_unref(v);
		return rc;
	}
	step = op->path.step[op->path.n - 1];
	if (json_kind(in) == JSON_LIST)
		return insert_item(run, op, in, step, v);
	if ((m = json_object_find(in, step)) != NULL) {
		swap_value(&m->value, v);
		return 0;
	}
	if (json_object_add(in, op->path.step[op->path.n - 1], v, NULL) == 0)
		return 0;
	json_unref(v);
	return no_memory(run->err);
}

/* The place that a path names, its container owned; slot NULL: nothing there. */
static int
open_place(struct run *run, const struct operation *op,
    const struct pointer *path, struct json_place *place)
{
	const struct json_key *step = path->step[path->n - 1];
	struct json *in;
	size_t index = 0;
	int rc;

	if ((rc = open_container(run, op, path, &in)) != 0)
		return rc;
	if (pointer_child(in, step, &index) == NULL)
		return refuse(run, op, OT_EAPPLY, "there is no \"%s\"",
		    show_step(step).text);
	json_place_at(in, json_kind(in) == JSON_LIST ? NULL : step, index,
	    place);
	return 0;
}

/* Move what a path leads to out. */
static int
take_out(struct run *run, const struct operation *op,
    const struct pointer *path, struct json **value_out)
{
	struct json_place place;
	struct json_gone gone;
	int rc;

	if (path->n == 0)
		return refuse(run, op, OT_EAPPLY,
		    "the whole document cannot be removed");
	if ((rc = open_place(run, op, path, &place)) != 0)
		return rc;
	if (place.member == NULL) {
		*value_out = json_list_remove(place.in, place.index);
		return 0;
	}
	json_object_unlink(place.in, place.member, &gone);
	*value_out = json_ref(gone.m.value);
	json_gone_free(&gone);
	return 0;
}

/* ---- operations ---- */

static int
do_remove(struct run *run, const struct operation *op)
{
	struct json *gone;
	int rc;

	if ((rc = take_out(run, op, &op->path, &gone)) == 0)
		json_unref(gone);
	return rc;
}

static int
do_replace(struct run *run, const struct operation *op)
{
	struct json_place place;
	int rc;

	if (op->path.n == 0) {
		swap_value(&run->root, json_ref(op->value));
		return 0;
	}
	if ((rc = open_place(run, op, &op->path, &place)) == 0)
		swap_value(place.slot, json_ref(op->value));
	return rc;
}

static int
do_move(struct run *run, const struct operation *op)
{
	struct json *v = pointer_find(&op->from, op->from.n, run->root);
	int rc;

	if (v == NULL)
		return refuse(run, op, OT_EAPPLY, "there is nothing at \"from\"");
	if (pointer_leads_to(&op->from, &op->path))
		return op->from.n == op->path.n ? 0 : refuse(run, op,
		    OT_EAPPLY, "nothing can be moved into itself");
	/* It fits where it is; upwards it fits as well. */
	if (op->path.n > op->from.n && (rc = weigh_in(run, op, v)) != 0)
		return rc;
	if ((rc = take_out(run, op, &op->from, &v)) != 0)
		return rc;
	return do_add(run, op, v);
}

static int
do_copy(struct run *run, const struct operation *op)
{
	struct json *v = pointer_find(&op->from, op->from.n, run->root);
	int rc;

	if (v == NULL)
		return refuse(run, op, OT_EAPPLY, "there is nothing at \"from\"");
	if ((rc = weigh_in(run, op, v)) != 0)
		return rc;
	return do_add(run, op, json_ref(v));
}

static int
do_test(const struct run *run, const struct operation *op)
{
	const struct json *v = pointer_find(&op->path, op->path.n, run->root);

	if (v == NULL)
		return refuse(run, op, OT_ETEST, "nothing is there");
	if (!json_deep_equal(v, op->value))
		return refuse(run, op, OT_ETEST, "it is not the value");
	return 0;
}

static int
do_operation(struct run *run, const struct operation *op)
{
	int rc;

	switch (op->kind) {
	case ADD:
		rc = weigh_in(run, op, op->value);
		return rc != 0 ? rc : do_add(run, op, json_ref(op->value));
	case REMOVE:
		return do_remove(run, op);
	case REPLACE:
		rc = weigh_in(run, op, op->value);
		return rc != 0 ? rc : do_replace(run, op);
	case MOVE:
		return do_move(run, op);
	case COPY:
		return do_copy(run, op);
	default:
		return do_test(run, op);
	}
}

/* ---- patches ---- */

static int
run_all(struct run *run, const struct json_slice *patch)
{
	struct operation op;
	struct json_reader r;
	size_t number;
	int rc;

	json_reader_init(&r, patch->p, patch->len, run->err);
	if (json_peek(&r) != JSON_LIST)
		return ot_fail(run->err, OT_EBADLY,
		    "a JSON Patch is a list of operations");
	if ((rc = json_enter(&r, JSON_LIST)) != 0)
		return rc;
	for (number = 0; (rc = json_next_item(&r)) > 0; number++) {
		if (number == PATCH_OPERATIONS_MAX)
			return ot_fail(run->err, OT_ELIMIT,
			    "more than %d operations", PATCH_OPERATIONS_MAX);
		op = (struct operation){ .number = number,
		    .path_text = BUF_INIT };
		if ((rc = read_operation(run, &r, &op)) == 0)
			rc = do_operation(run, &op);
		operation_done(&op);
		if (rc != 0)
			return rc;
	}
	return rc == 0 ? json_finish(&r) : rc;
}

int
patch_json(const struct json_slice *doc, const struct json_slice *patch,
    struct buf *out, struct ot_err *err)
{
	struct run run = { NULL, 0, err };
	int rc = 0;

	if (doc->p != NULL)
		rc = json_parse(doc->p, doc->len, 0, &run.root, err);
	if (rc == 0)
		rc = run_all(&run, patch);
	if (rc == 0 && run.root == NULL)
		rc = ot_fail(err, OT_EAPPLY, "the document has no content");
	if (rc == 0) {
		json_print(run.root, out);
		if (buf_failed(out))
			rc = no_memory(err);
	}
	json_unref(run.root);
	return rc;
}
