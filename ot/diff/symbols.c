#include "ot/diff/symbols.h"

#include <stdlib.h>
#include <string.h>

#define BUCKETS_MIN	64

/* ---- hashing ---- */

/* The finalizer of splitmix64 (Steele, Lea and Flood, 2014). */
static uint64_t
mix(uint64_t z)
{
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

uint64_t
diff_hash_bytes(uint64_t seed, const char *bytes, size_t len_bytes)
{
	uint64_t hash = mix(seed + len_bytes), word;

	for (; len_bytes >= sizeof(word); len_bytes -= sizeof(word)) {
		memcpy(&word, bytes, sizeof(word));
		hash = mix(hash ^ word);
		bytes += sizeof(word);
	}
	word = 0;
	if (len_bytes > 0)
		memcpy(&word, bytes, len_bytes);
	return mix(hash ^ word);
}

void
diff_hashes_init(struct hashes *h)
{
	*h = (struct hashes){ NULL, 0, 0, false };
}

void
diff_hashes_done(struct hashes *h)
{
	free(h->entry);
}

static struct hashed *
hashes_find(const struct hashes *h, const struct json *v)
{
	size_t at = (size_t)mix((uint64_t)(uintptr_t)v);

	for (;; at++) {
		at &= h->buckets - 1;
		if (h->entry[at].v == v || h->entry[at].v == NULL)
			return &h->entry[at];
	}
}

static void
hashes_grow(struct hashes *h)
{
	struct hashes grown = { NULL, h->n,
	    h->buckets == 0 ? BUCKETS_MIN : h->buckets * 2, false };
	size_t i;

	grown.entry = calloc(grown.buckets, sizeof(*grown.entry));
	if (grown.entry == NULL) {
		h->failed = true;
		return;
	}
	for (i = 0; i < h->buckets; i++)
		if (h->entry[i].v != NULL)
			*hashes_find(&grown, h->entry[i].v) = h->entry[i];
	free(h->entry);
	*h = grown;
}

static void
hashes_add(struct hashes *h, const struct json *v, uint64_t hash)
{
	if (h->n >= h->buckets / 2)
		hashes_grow(h);
	if (h->failed)
		return;
	*hashes_find(h, v) = (struct hashed){ v, hash };
	h->n++;
}

static uint64_t
hash_string(struct hashes *h, const struct json *v)
{
	char room[JSON_STRING_ROOM];
	struct buf b = BUF_INIT;
	size_t len;
	const char *text = json_string_flat(v, room, &len);
	uint64_t hash;

	if (text == NULL) {
		json_string_put(v, &b, 0);
		h->failed |= buf_failed(&b);
		text = b.data != NULL ? b.data : "";
		len = b.len;
	}
	hash = diff_hash_bytes(JSON_STRING, text, len);
	buf_done(&b);
	return hash;
}

static uint64_t
hash_number(const struct json *v)
{
	double number = json_number_get(v) + 0.0;	/* -0 equals 0 */
	uint64_t bits;

	memcpy(&bits, &number, sizeof(bits));
	return mix(bits ^ JSON_NUMBER);
}

static uint64_t
hash_container(struct hashes *h, const struct json *v)
{
	const struct json_member *m;
	uint64_t hash = mix(json_kind(v));
	size_t i;

	if (json_kind(v) == JSON_LIST) {
		for (i = 0; i < json_list_len(v); i++)
			hash = mix(hash ^ diff_hash(h, json_list_at(v, i)));
		return hash;
	}
	/* The order of members does not count. */
	for (m = json_object_first(v); m != NULL; m = json_object_next(v, m))
		hash += mix(diff_hash_bytes(JSON_OBJECT, m->key->text,
		    m->key->len) ^ diff_hash(h, m->value));
	return mix(hash);
}

uint64_t
diff_hash(struct hashes *h, const struct json *v)
{
	const struct hashed *known;
	uint64_t hash;

	switch (json_kind(v)) {
	case JSON_STRING:
		return hash_string(h, v);
	case JSON_NUMBER:
		return hash_number(v);
	case JSON_LIST:
	case JSON_OBJECT:
		break;
	default:
		return mix(json_kind(v));
	}
	if (h->n > 0) {
		known = hashes_find(h, v);
		if (known->v != NULL)
			return known->hash;
	}
	hash = hash_container(h, v);
	hashes_add(h, v, hash);
	return hash;
}

/* ---- numbers ---- */

void
diff_symbols_init(struct symbols *s, size_t *steps)
{
	*s = (struct symbols){ .steps = steps };
}

void
diff_symbols_done(struct symbols *s)
{
	free(s->symbol);
	free(s->index);
}

static bool
same(const struct symbol *a, const struct symbol *b)
{
	if (a->hash != b->hash)
		return false;
	if (a->text != NULL)
		return a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
	return json_deep_equal(a->value, b->value);
}

/* Where the thing is in the index, or could be; NULL: steps ran out. */
static uint32_t *
find(struct symbols *s, const struct symbol *thing)
{
	size_t at = (size_t)thing->hash;

	for (; *s->steps > 0; at++, --*s->steps) {
		at &= s->buckets - 1;
		if (s->index[at] == 0 ||
		    same(&s->symbol[s->index[at] - 1], thing))
			return &s->index[at];
	}
	return NULL;
}

static void
grow(struct symbols *s)
{
	size_t buckets = s->buckets == 0 ? BUCKETS_MIN : s->buckets * 2;
	size_t at, i;
	struct symbol *symbol;
	uint32_t *index;

	symbol = realloc(s->symbol, buckets / 2 * sizeof(*symbol));
	if (symbol != NULL)
		s->symbol = symbol;
	index = calloc(buckets, sizeof(*index));
	if (symbol == NULL || index == NULL) {
		free(index);
		s->failed = true;
		return;
	}
	/* Without steps nobody looks. */
	for (i = 0; i < s->n && *s->steps > 0; i++) {
		at = (size_t)s->symbol[i].hash;
		while (index[at &= buckets - 1] != 0)
			at++;
		index[at] = (uint32_t)i + 1;
	}
	free(s->index);
	s->index = index;
	s->buckets = buckets;
	s->room = buckets / 2;
}

uint32_t
diff_symbol(struct symbols *s, const struct symbol *thing)
{
	uint32_t *slot;

	if (s->n == s->room && !s->failed)
		grow(s);
	if (s->failed)
		return 0;
	slot = find(s, thing);
	if (slot != NULL && *slot != 0)
		return *slot - 1;
	s->symbol[s->n] = *thing;
	if (slot != NULL)
		*slot = (uint32_t)s->n + 1;
	return (uint32_t)s->n++;
}
