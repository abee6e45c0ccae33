/* Reading JSON as a tree of values. */
#include <stdlib.h>
#include <string.h>

#include "ot/json_node.h"

#define SEEN		64	/* keys remembered, a power of two */
#define SEEN_TRIES	4	/* places where one may be */

/*
 * Items and members are gathered on a stack and put into a container of the
 * right size when it ends.  In a document most objects have the same keys, so
 * those seen lately are shared.
 */
struct reading {
	struct json_reader	 *r;
	unsigned		  flags;
	struct json_member	 *member;	/* the stack; an item has no key */
	size_t			  n, room;
	struct json_member	  small[32];
	struct json_key		 *seen[SEEN];	/* by a hash; counted; or NULL */
};

static int	read_any(struct reading *g, struct json **value_out);

static int
no_memory(struct reading *g)
{
	return ot_fail(g->r->err, OT_ENOMEM, "out of memory");
}

/* Takes what m holds, also on failure. */
static int
push(struct reading *g, struct json_member m)
{
	struct json_member *member;

	if (g->n == g->room) {
		member = realloc(g->member == g->small ? NULL : g->member,
		    g->room * 2 * sizeof(m));
		if (member == NULL) {
			json_key_unref(m.key);
			json_unref(m.value);
			return no_memory(g);
		}
		if (g->member == g->small)
			memcpy(member, g->small, sizeof(g->small));
		g->member = member;
		g->room *= 2;
	}
	g->member[g->n++] = m;
	return 0;
}

/* Let go of what is on the stack from there on. */
static void
drop_from(struct reading *g, size_t from)
{
	while (g->n > from) {
		g->n--;
		json_key_unref(g->member[g->n].key);
		json_unref(g->member[g->n].value);
	}
}

/* Without escapes the WTF-8 is what stands between the quotes. */
static bool
slice_is_plain(const struct json_slice *slice)
{
	return memchr(slice->p, '\\', slice->len) == NULL;
}

static int
read_string(struct reading *g, struct json **value_out)
{
	struct json *(*make)(const char *, size_t) =
	    (g->flags & JSON_TO_EDIT) != 0 ? json_string_new_edited :
	    json_string_new;
	struct json_slice slice;
	struct json *v = NULL;
	struct buf b = BUF_INIT;
	int rc;

	if ((rc = json_skip(g->r, &slice)) != 0)
		return rc;
	if (slice_is_plain(&slice)) {
		v = make(slice.p + 1, slice.len - 2);
	} else {
		json_slice_string(&slice, &b);
		if (!buf_failed(&b))
			v = make(b.data, b.len);
		buf_done(&b);
	}
	if (v == NULL)
		return no_memory(g);
	*value_out = v;
	return 0;
}

static int
read_number(struct reading *g, struct json **value_out)
{
	struct json *v;
	double number;
	int rc;

	if ((rc = json_read_number(g->r, &number)) != 0)
		return rc;
	if ((v = json_number_new(number)) == NULL)
		return no_memory(g);
	*value_out = v;
	return 0;
}

static int
read_list(struct reading *g, struct json **value_out)
{
	size_t from = g->n;
	struct json *item, *list;
	int rc;

	if ((rc = json_enter(g->r, JSON_LIST)) != 0)
		return rc;
	while ((rc = json_next_item(g->r)) > 0)
		if ((rc = read_any(g, &item)) != 0 ||
		    (rc = push(g, (struct json_member){ NULL, item })) != 0)
			break;
	if (rc != 0)
		return rc;
	if ((list = json_list_of(g->member + from, g->n - from)) == NULL)
		return no_memory(g);
	g->n = from;
	*value_out = list;
	return 0;
}

struct json_key *
json_key_from_slice(const struct json_slice *slice)
{
	struct json_key *key = NULL;
	struct buf b = BUF_INIT;

	if (slice_is_plain(slice))
		return json_key_new(slice->p + 1, slice->len - 2);
	json_slice_string(slice, &b);
	if (!buf_failed(&b))
		key = json_key_new(b.data, b.len);
	buf_done(&b);
	return key;
}

/* The key of a slice, one that was seen if possible; NULL: out of memory. */
static struct json_key *
read_key(struct reading *g, const struct json_slice *slice)
{
	const char *text = slice->p + 1;
	size_t len = slice->len - 2, hash = len, i;
	struct json_key **seen, *key;

	for (i = 0; i < len; i++)
		hash = hash * 31 + (unsigned char)text[i];
	for (i = 0; i < SEEN_TRIES; i++) {
		seen = &g->seen[(hash + i) & (SEEN - 1)];
		if ((key = *seen) == NULL)
			break;
		/* What has escapes is not what it says. */
		if (key->len == len && memcmp(key->text, text, len) == 0 &&
		    slice_is_plain(slice))
			return json_key_ref(key);
	}
	if ((key = json_key_from_slice(slice)) == NULL)
		return NULL;
	json_key_unref(*seen);
	*seen = json_key_ref(key);
	return key;
}

/* The member of that key: in object if there is one, else on the stack. */
static struct json_member *
find_member(struct reading *g, size_t from, const struct json *object,
    const struct json_key *key)
{
	size_t i;

	if (object != NULL)
		return json_object_find(object, key);
	for (i = from; i < g->n; i++)
		if (json_key_equal(g->member[i].key, key))
			return &g->member[i];
	return NULL;
}

/*
 * Put a member, which it takes, where it belongs; a repeated key: the last
 * value, at the first place.  More members than a few go into *object.
 */
static int
put_member(struct reading *g, size_t from, struct json **object,
    struct json_member m)
{
	struct json_member *was = find_member(g, from, *object, m.key);
	int rc;

	if (was != NULL) {
		json_unref(was->value);
		was->value = m.value;
		json_key_unref(m.key);
		return 0;
	}
	if (*object == NULL && g->n - from < JSON_FEW_MAX)
		return push(g, m);
	if (*object == NULL) {
		*object = json_object_of(g->member + from, g->n - from);
		if (*object != NULL)
			g->n = from;
	}
	rc = *object != NULL ? json_object_add(*object, m.key, m.value, NULL) :
	    OT_ENOMEM;
	json_key_unref(m.key);
	if (rc != 0) {
		json_unref(m.value);
		return no_memory(g);
	}
	return 0;
}

static int
read_member(struct reading *g, size_t from, struct json **object,
    const struct json_slice *slice)
{
	struct json_member m;
	int rc;

	if ((g->flags & JSON_NO_PROTO) != 0 &&
	    json_slice_is(slice, "__proto__"))
		return ot_fail(g->r->err, OT_EBADLY, "Invalid key");
	if ((rc = read_any(g, &m.value)) != 0)
		return rc;
	if ((m.key = read_key(g, slice)) == NULL) {
		json_unref(m.value);
		return no_memory(g);
	}
	return put_member(g, from, object, m);
}

static int
read_object(struct reading *g, struct json **value_out)
{
	struct json *object = NULL;
	struct json_slice key;
	size_t from = g->n;
	int rc;

	if ((rc = json_enter(g->r, JSON_OBJECT)) != 0)
		return rc;
	while ((rc = json_next_member(g->r, &key)) > 0)
		if ((rc = read_member(g, from, &object, &key)) != 0)
			break;
	if (rc == 0 && object == NULL) {
		object = json_object_of(g->member + from, g->n - from);
		if (object == NULL)
			return no_memory(g);
		g->n = from;
	}
	if (rc != 0)
		json_unref(object);
	else
		*value_out = object;
	return rc;
}

static int
read_any(struct reading *g, struct json **value_out)
{
	int rc;

	switch (json_peek(g->r)) {
	case JSON_OBJECT:
		return read_object(g, value_out);
	case JSON_LIST:
		return read_list(g, value_out);
	case JSON_STRING:
		return read_string(g, value_out);
	case JSON_NUMBER:
		return read_number(g, value_out);
	case JSON_TRUE:
		if ((rc = json_skip(g->r, NULL)) == 0)
			*value_out = json_bool_new(true);
		return rc;
	case JSON_FALSE:
		if ((rc = json_skip(g->r, NULL)) == 0)
			*value_out = json_bool_new(false);
		return rc;
	case JSON_NULL:
		if ((rc = json_skip(g->r, NULL)) == 0)
			*value_out = json_null_new();
		return rc;
	default:
		return json_skip(g->r, NULL);	/* says what is wrong */
	}
}

int
json_read(struct json_reader *r, unsigned flags, struct json **value_out)
{
	enum json_kind kind = json_peek(r);
	struct reading g;
	size_t i;
	int rc;

	g.r = r;
	g.flags = flags;
	if (kind != JSON_LIST && kind != JSON_OBJECT)
		return read_any(&g, value_out);
	g.member = g.small;
	g.n = 0;
	g.room = sizeof(g.small) / sizeof(g.small[0]);
	memset(g.seen, 0, sizeof(g.seen));
	if ((rc = read_any(&g, value_out)) != 0)
		drop_from(&g, 0);
	for (i = 0; i < SEEN; i++)
		json_key_unref(g.seen[i]);
	if (g.member != g.small)
		free(g.member);
	return rc;
}

int
json_parse(const char *text, size_t len_bytes, unsigned flags,
    struct json **value_out, struct ot_err *err)
{
	struct json_reader r;
	struct json *v;
	int rc;

	json_reader_init(&r, text, len_bytes, err);
	if ((rc = json_read(&r, flags, &v)) != 0)
		return rc;
	if ((rc = json_finish(&r)) != 0) {
		json_unref(v);
		return rc;
	}
	*value_out = v;
	return 0;
}
