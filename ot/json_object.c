/*
 * Objects of the value tree: members in a doubly linked list, which keeps the
 * order of insertion and lets a removed member go back to its place without
 * searching; past a few members, also a hash table of pointers to them.
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

#define INDEX_FROM	9	/* members: from here on the table pays */
#define BUCKETS_MIN	32

/* ---- keys ---- */

struct json_key *
json_key_new(const char *wtf8, size_t len_bytes)
{
	struct json_key *key;

	if (len_bytes > SIZE_MAX - sizeof(*key) ||
	    (key = malloc(sizeof(*key) + len_bytes)) == NULL)
		return NULL;
	key->refs = 1;
	key->hash = 0;
	key->len = len_bytes;
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
json_key_equal(const struct json_key *a, const struct json_key *b)
{
	return a == b || (a->len == b->len &&
	    memcmp(a->text, b->text, a->len) == 0);
}

bool
json_key_is(const struct json_key *key, const char *ascii)
{
	return strlen(ascii) == key->len &&
	    memcmp(key->text, ascii, key->len) == 0;
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

/* ---- the table ---- */

/* First bucket to look into. */
static size_t
bucket_of(const struct json_node_object *o, const struct json_key *key)
{
	struct json_key *k = (struct json_key *)key;
	uint64_t seed = (uint64_t)(uintptr_t)o->index | 1;

	json_key_hash(k);		/* a cache, not a change */
	return (size_t)((k->hash * (seed * UINT64_C(0x9e3779b97f4a7c15) | 1)) >>
	    32) & (o->buckets - 1);
}

static void
index_put(struct json_node_object *o, struct json_member *m)
{
	size_t i = bucket_of(o, m->key);

	while (o->index[i] != NULL)
		i = (i + 1) & (o->buckets - 1);
	o->index[i] = m;
}

/* Close the gap, so that no bucket has to be marked as once used. */
static void
index_drop(struct json_node_object *o, const struct json_member *m)
{
	size_t mask = o->buckets - 1, gap = bucket_of(o, m->key), i, home;

	while (o->index[gap] != m)
		gap = (gap + 1) & mask;
	for (i = (gap + 1) & mask; o->index[i] != NULL; i = (i + 1) & mask) {
		home = bucket_of(o, o->index[i]->key);
		if (((i - home) & mask) >= ((i - gap) & mask)) {
			o->index[gap] = o->index[i];
			gap = i;
		}
	}
	o->index[gap] = NULL;
}

/*
 * Make sure that one more member finds a free bucket.  The table never
 * shrinks, so members that undo brings back need no growing.
 */
static int
index_reserve(struct json_node_object *o)
{
	struct json_member **index, *m;
	size_t buckets = BUCKETS_MIN;

	if (o->n + 1 < INDEX_FROM ||
	    (o->index != NULL && o->n + 1 <= o->buckets / 4 * 3))
		return 0;
	if (o->index != NULL)
		buckets = o->buckets * 2;
	while (o->n + 1 > buckets / 2)
		buckets *= 2;
	if ((index = calloc(buckets, sizeof(index[0]))) == NULL)
		return OT_ENOMEM;
	free(o->index);
	o->index = index;
	o->buckets = buckets;
	for (m = o->first; m != NULL; m = m->next)
		index_put(o, m);
	return 0;
}

/* ---- objects ---- */

struct json *
json_object_new(void)
{
	return json_node_new(JSON_OBJECT, 0);
}

struct json *
json_object_copy(const struct json *object)
{
	struct json *copy = json_object_new();
	struct json_member *m, *added;

	if (copy == NULL)
		return NULL;
	for (m = object->u.object.first; m != NULL; m = m->next) {
		if (json_object_add(copy, m->key, json_ref(m->value),
		    &added) != 0) {
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
	struct json_member *m, *next;

	for (m = object->u.object.first; m != NULL; m = next) {
		next = m->next;
		json_member_free(m);
	}
	free(object->u.object.index);
}

size_t
json_object_len(const struct json *object)
{
	return object->u.object.n;
}

struct json_member *
json_object_first(const struct json *object)
{
	return object->u.object.first;
}

struct json_member *
json_object_find(const struct json *object, const struct json_key *key)
{
	const struct json_node_object *o = &object->u.object;
	struct json_member *m;
	size_t i;

	if (o->index == NULL) {
		for (m = o->first; m != NULL; m = m->next)
			if (json_key_equal(m->key, key))
				return m;
		return NULL;
	}
	for (i = bucket_of(o, key); (m = o->index[i]) != NULL;
	    i = (i + 1) & (o->buckets - 1))
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
	} name;
	struct json_member *m;
	size_t len = strlen(ascii);

	assert(len <= 32);
	name.key.refs = 1;
	name.key.hash = 0;
	name.key.len = len;
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
	struct json_node_object *o = &object->u.object;
	struct json_member *m;

	if (index_reserve(o) != 0 || (m = malloc(sizeof(*m))) == NULL)
		return OT_ENOMEM;
	m->key = json_key_ref(key);
	m->value = value;
	m->prev = o->last;
	m->next = NULL;
	json_object_relink(object, m);
	*member_out = m;
	return 0;
}

void
json_object_unlink(struct json *object, struct json_member *m)
{
	struct json_node_object *o = &object->u.object;

	if (o->index != NULL)
		index_drop(o, m);
	*(m->prev != NULL ? &m->prev->next : &o->first) = m->next;
	*(m->next != NULL ? &m->next->prev : &o->last) = m->prev;
	o->n--;
}

/* Its own links say where it was. */
void
json_object_relink(struct json *object, struct json_member *m)
{
	struct json_node_object *o = &object->u.object;

	*(m->prev != NULL ? &m->prev->next : &o->first) = m;
	*(m->next != NULL ? &m->next->prev : &o->last) = m;
	o->n++;
	if (o->index != NULL)
		index_put(o, m);
}

void
json_member_free(struct json_member *m)
{
	json_key_unref(m->key);
	json_unref(m->value);
	free(m);
}
