/*
 * Objects of the value tree: a few members in the node, in their order; else
 * a table of entries that are linked in order, so that a removed member goes
 * back to its place without searching, and past a few of them hashed.
 *
 * Keys come from clients, who must not be able to make every key fall into
 * one bucket.  So the hash is SipHash-1-3 (Aumasson and Bernstein, 2012), kept
 * with the key, and each table chooses its bits by its own address, which no
 * client knows.
 */
#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "ot/json_node.h"

#define INDEX_FROM	9	/* members: from here on hashing pays */
#define BUCKETS_MIN	32
#define ENTRIES_MIN	8
#define NEW_ROOM	3	/* members that a new object has room for */
#define NO_ENTRY	UINT32_MAX

struct entry {
	struct json_member	 m;		/* first: a member is its entry */
	uint32_t		 prev, next;	/* entries; of free ones, next */
};

/* JSON_MANY: the node points at it.  Nothing in it ever shrinks. */
struct json_table {
	uint32_t	 n;		/* members */
	uint32_t	 room, used;	/* entries there are, and were ever used */
	uint32_t	 first, last;	/* member's entries */
	uint32_t	 free;		/* entries that are not used now */
	struct entry	*entry;
	/* Entry + 1, 0 is free, probed one after the other.  NULL: walk. */
	uint32_t	*index;
	size_t		 buckets;	/* of index, a power of two */
};

/* ---- keys ---- */

struct json_key *
json_key_new(const char *wtf8, size_t len_bytes)
{
	struct json_key *key;
	size_t room = len_bytes == 0 ? 8 : (len_bytes + 7) / 8 * 8;

	if (len_bytes > UINT32_MAX / 2 ||
	    (key = malloc(sizeof(*key) + room)) == NULL)
		return NULL;
	key->refs = 1;
	key->hash = 0;
	key->len = (uint32_t)len_bytes;
	memset(key->text + room - 8, 0, 8);
	if (len_bytes > 0)
		memcpy(key->text, wtf8, len_bytes);
	return key;
}

struct json_key *
json_key_ref(struct json_key *key)
{
	key->refs++;
	return key;
}

void
json_key_unref(struct json_key *key)
{
	if (key != NULL && --key->refs == 0)
		free(key);
}

bool
json_key_is(const struct json_key *key, const char *ascii)
{
	return strlen(ascii) == key->len &&
	    memcmp(key->text, ascii, key->len) == 0;
}

bool
json_key_is_inherited(const struct json_key *key)
{
	static const struct {
		uint32_t	 len;
		char		 text[24];
	} names[] = {
		{ 11, "constructor" }, { 8, "toString" },
		{ 14, "toLocaleString" }, { 7, "valueOf" },
		{ 14, "hasOwnProperty" }, { 13, "isPrototypeOf" },
		{ 20, "propertyIsEnumerable" }, { 16, "__defineGetter__" },
		{ 16, "__defineSetter__" }, { 16, "__lookupGetter__" },
		{ 16, "__lookupSetter__" }, { 9, "__proto__" },
	};
	size_t i;

	if (key->len < strlen("valueOf"))	/* most are no longer */
		return false;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (key->len == names[i].len &&
		    memcmp(key->text, names[i].text, key->len) == 0)
			return true;
	return false;
}

static inline uint64_t
rotate(uint64_t x, int bits)
{
	return x << bits | x >> (64 - bits);
}

static inline void
sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[0] = rotate(v[0], 32);
	v[2] += v[3];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[2] = rotate(v[2], 32);
}

static uint64_t
key_hash(const struct json_key *key)
{
	uint64_t v[4] = { UINT64_C(0x736f6d6570736575),
	    UINT64_C(0x646f72616e646f6d), UINT64_C(0x6c7967656e657261),
	    UINT64_C(0x7465646279746573) };
	uint64_t word, last = (uint64_t)key->len << 56;
	size_t i, left;

	for (i = 0; key->len - i >= 8; i += 8) {
		memcpy(&word, key->text + i, 8);
		v[3] ^= word;
		sip_round(v);
		v[0] ^= word;
	}
	for (left = 0; i < key->len; i++, left++)
		last |= (uint64_t)(unsigned char)key->text[i] << (8 * left);
	v[3] ^= last;
	sip_round(v);
	v[0] ^= last;
	v[2] ^= 0xff;
	sip_round(v);
	sip_round(v);
	sip_round(v);
	word = v[0] ^ v[1] ^ v[2] ^ v[3];
	return word != 0 ? word : 1;
}

void
json_key_hash(struct json_key *key)
{
	if (key->hash == 0)
		key->hash = key_hash(key);
}

/* ---- the index of a table ---- */

/* First bucket to look into. */
static size_t
bucket_of(const struct json_table *t, const struct json_key *key)
{
	struct json_key *k = (struct json_key *)key;
	uint64_t seed = (uint64_t)(uintptr_t)t->index | 1;

	json_key_hash(k);		/* a cache, not a change */
	return (size_t)((k->hash * (seed * UINT64_C(0x9e3779b97f4a7c15) | 1)) >>
	    32) & (t->buckets - 1);
}

static void
index_put(struct json_table *t, uint32_t e)
{
	size_t i = bucket_of(t, t->entry[e].m.key);

	while (t->index[i] != 0)
		i = (i + 1) & (t->buckets - 1);
	t->index[i] = e + 1;
}

/* Close the gap, so that no bucket has to be marked as once used. */
static void
index_drop(struct json_table *t, uint32_t e)
{
	size_t mask = t->buckets - 1, i, home;
	size_t gap = bucket_of(t, t->entry[e].m.key);

	while (t->index[gap] != e + 1)
		gap = (gap + 1) & mask;
	for (i = (gap + 1) & mask; t->index[i] != 0; i = (i + 1) & mask) {
		home = bucket_of(t, t->entry[t->index[i] - 1].m.key);
		if (((i - home) & mask) >= ((i - gap) & mask)) {
			t->index[gap] = t->index[i];
			gap = i;
		}
	}
	t->index[gap] = 0;
}

/* Make sure that one more member finds a free bucket. */
static int
index_reserve(struct json_table *t)
{
	size_t buckets = t->index == NULL ? BUCKETS_MIN : t->buckets * 2;
	uint32_t *index, e;

	if (t->n + 1 < INDEX_FROM ||
	    (t->index != NULL && t->n + 1 <= t->buckets / 4 * 3))
		return 0;
	while (t->n + 1 > buckets / 2)
		buckets *= 2;
	if ((index = calloc(buckets, sizeof(index[0]))) == NULL)
		return OT_ENOMEM;
	free(t->index);
	t->index = index;
	t->buckets = buckets;
	for (e = t->first; e != NO_ENTRY; e = t->entry[e].next)
		index_put(t, e);
	return 0;
}

/* ---- tables ---- */

static struct json_table *
table_of(const struct json *object)
{
	return *(struct json_table **)json_body(object);
}

static struct entry *
entry_at(const struct json_table *t, uint32_t e)
{
	return e == NO_ENTRY ? NULL : &t->entry[e];
}

static uint32_t
entry_id(const struct json_table *t, const struct json_member *m)
{
	return (uint32_t)((const struct entry *)m - t->entry);
}

static struct json_table *
table_new(uint32_t room)
{
	struct json_table *t = calloc(1, sizeof(*t));

	if (t == NULL || (t->entry = malloc(room *
	    sizeof(t->entry[0]))) == NULL) {
		free(t);
		return NULL;
	}
	t->room = room;
	t->first = t->last = t->free = NO_ENTRY;
	return t;
}

/* Make sure that one more member finds room. */
static int
table_reserve(struct json_table *t)
{
	struct entry *entry;
	uint32_t room = t->room;

	if (t->free == NO_ENTRY && t->used == room) {
		room = room < ENTRIES_MIN ? ENTRIES_MIN : room + room / 2;
		if (room > UINT32_MAX / 4)
			return OT_ENOMEM;
		entry = realloc(t->entry, room * sizeof(entry[0]));
		if (entry == NULL)
			return OT_ENOMEM;
		t->entry = entry;
		t->room = room;
	}
	return index_reserve(t);
}

/* Put a member behind the entry prev (NO_ENTRY: first); there is room. */
static struct json_member *
table_put(struct json_table *t, uint32_t prev, struct json_member m)
{
	uint32_t e = t->free, next;
	struct entry *entry;

	if (e != NO_ENTRY)
		t->free = t->entry[e].next;
	else
		e = t->used++;
	next = prev == NO_ENTRY ? t->first : t->entry[prev].next;
	entry = &t->entry[e];
	*entry = (struct entry){ m, prev, next };
	*(prev == NO_ENTRY ? &t->first : &t->entry[prev].next) = e;
	*(next == NO_ENTRY ? &t->last : &t->entry[next].prev) = e;
	t->n++;
	if (t->index != NULL)
		index_put(t, e);
	return &entry->m;
}

static void
table_take(struct json_table *t, uint32_t e)
{
	uint32_t prev = t->entry[e].prev, next = t->entry[e].next;

	if (t->index != NULL)
		index_drop(t, e);
	*(prev == NO_ENTRY ? &t->first : &t->entry[prev].next) = next;
	*(next == NO_ENTRY ? &t->last : &t->entry[next].prev) = prev;
	t->n--;
	t->entry[e].next = t->free;
	t->free = e;
}

static struct json_member *
table_find(const struct json_table *t, const struct json_key *key)
{
	struct entry *e;
	size_t i;

	if (t->index == NULL) {
		for (e = entry_at(t, t->first); e != NULL;
		    e = entry_at(t, e->next))
			if (json_key_equal(e->m.key, key))
				return &e->m;
		return NULL;
	}
	for (i = bucket_of(t, key); t->index[i] != 0;
	    i = (i + 1) & (t->buckets - 1)) {
		e = &t->entry[t->index[i] - 1];
		if (json_key_equal(e->m.key, key))
			return &e->m;
	}
	return NULL;
}

static void
table_free(struct json_table *t)
{
	free(t->entry);
	free(t->index);
	free(t);
}

/* ---- objects ---- */

static struct json_member *
few_of(const struct json *object)
{
	return json_body(object);
}

static struct json *
few_new(size_t room)
{
	struct json *object;

	if (room == 0)
		room = 1;
	object = json_node_new(JSON_OBJECT, JSON_FEW,
	    room * sizeof(struct json_member));
	if (object != NULL)
		object->room = (uint8_t)room;
	return object;
}

/* The members are to be in a table, which has room for more. */
static int
few_to_many(struct json *object)
{
	struct json_table *t = table_new(object->n + ENTRIES_MIN);
	uint32_t i;

	if (t == NULL)
		return OT_ENOMEM;
	for (i = 0; i < object->n; i++)
		table_put(t, t->last, few_of(object)[i]);
	object->form = JSON_MANY;
	*(struct json_table **)json_body(object) = t;
	return 0;
}

struct json *
json_object_new(void)
{
	return few_new(NEW_ROOM);
}

struct json *
json_object_of(const struct json_member *members, size_t n)
{
	struct json *object = few_new(n);

	if (object == NULL)
		return NULL;
	object->n = (uint8_t)n;
	if (n > 0)
		memcpy(few_of(object), members, n * sizeof(members[0]));
	return object;
}

struct json *
json_object_copy(const struct json *object)
{
	size_t n = json_object_len(object);
	struct json *copy = few_new(n <= JSON_FEW_MAX ? n : 0);
	struct json_member *m;

	if (copy == NULL)
		return NULL;
	for (m = json_object_first(object); m != NULL;
	    m = json_object_next(object, m)) {
		if (json_object_add(copy, m->key, json_ref(m->value),
		    NULL) != 0) {
			json_unref(m->value);
			json_unref(copy);
			return NULL;
		}
	}
	return copy;
}

void
json_object_done(struct json *object)
{
	struct json_member *m;

	for (m = json_object_first(object); m != NULL;
	    m = json_object_next(object, m)) {
		json_key_unref(m->key);
		json_unref(m->value);
	}
	if (object->form == JSON_MANY)
		table_free(table_of(object));
}

size_t
json_object_len(const struct json *object)
{
	return object->form == JSON_FEW ? object->n : table_of(object)->n;
}

struct json_member *
json_object_first(const struct json *object)
{
	const struct json_table *t;

	if (object->form == JSON_FEW)
		return object->n > 0 ? few_of(object) : NULL;
	t = table_of(object);
	return t->n > 0 ? &t->entry[t->first].m : NULL;
}

struct json_member *
json_object_next(const struct json *object, const struct json_member *m)
{
	const struct json_table *t;
	struct entry *next;

	if (object->form == JSON_FEW)
		return m + 1 < few_of(object) + object->n ?
		    (struct json_member *)m + 1 : NULL;
	t = table_of(object);
	next = entry_at(t, ((const struct entry *)m)->next);
	return next != NULL ? &next->m : NULL;
}

struct json_member *
json_object_find(const struct json *object, const struct json_key *key)
{
	struct json_member *m, *end;

	if (object->form != JSON_FEW)
		return table_find(table_of(object), key);
	m = few_of(object);
	for (end = m + object->n; m < end; m++)
		if (json_key_equal(m->key, key))
			return m;
	return NULL;
}

struct json *
json_object_value(const struct json *object, const char *ascii)
{
	union {
		struct json_key key;
		char room[sizeof(struct json_key) + 32];
	} name = { .room = { 0 } };
	struct json_member *m;
	size_t len = strlen(ascii);

	assert(len <= 32);
	name.key.refs = 1;
	name.key.len = (uint32_t)len;
	memcpy(name.room + offsetof(struct json_key, text), ascii, len);
	m = json_object_find(object, &name.key);
	return m != NULL ? m->value : NULL;
}

bool
json_object_has(const struct json *object, const char *ascii)
{
	return json_object_value(object, ascii) != NULL;
}

int
json_object_add(struct json *object, struct json_key *key, struct json *value,
    struct json_member **member_out)
{
	struct json_member new = { key, value }, *m;

	if (object->form == JSON_FEW && object->n < object->room) {
		m = few_of(object) + object->n++;
		*m = new;
	} else {
		if ((object->form == JSON_FEW && few_to_many(object) != 0) ||
		    table_reserve(table_of(object)) != 0)
			return OT_ENOMEM;
		m = table_put(table_of(object), table_of(object)->last, new);
	}
	json_key_ref(key);
	if (member_out != NULL)
		*member_out = m;
	return 0;
}

void
json_object_unlink(struct json *object, struct json_member *m,
    struct json_gone *gone_out)
{
	struct json_member *few;
	struct json_table *t;
	const struct entry *prev;

	gone_out->m = *m;
	if (object->form == JSON_FEW) {
		few = few_of(object);
		gone_out->after = m > few ? m[-1].key : NULL;
		object->n--;
		memmove(m, m + 1, (size_t)(few + object->n - m) * sizeof(*m));
		return;
	}
	t = table_of(object);
	prev = entry_at(t, ((struct entry *)m)->prev);
	gone_out->after = prev != NULL ? prev->m.key : NULL;
	table_take(t, entry_id(t, m));
}

void
json_object_relink(struct json *object, const struct json_gone *gone)
{
	struct json_member *after = gone->after == NULL ? NULL :
	    json_object_find(object, gone->after);
	struct json_member *few = few_of(object), *at;

	if (object->form == JSON_FEW) {
		at = after != NULL ? after + 1 : few;
		memmove(at + 1, at, (size_t)(few + object->n - at) *
		    sizeof(*at));
		*at = gone->m;
		object->n++;
		return;
	}
	(void)table_put(table_of(object), after != NULL ?
	    entry_id(table_of(object), after) : NO_ENTRY, gone->m);
}

void
json_gone_free(struct json_gone *gone)
{
	json_key_unref(gone->m.key);
	json_unref(gone->m.value);
}
