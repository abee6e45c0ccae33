#include "bench/load/recall.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void
recall_init(struct recall *r)
{
	r->slots = mem_get(RECALL_SLOTS * sizeof(*r->slots));
}

void
recall_done(struct recall *r)
{
	free(r->slots);
	r->slots = NULL;
}

/* Quick, and good enough to spread messages: what is found is compared. */
static uint64_t
hash_of(const char *bytes, size_t len)
{
	uint64_t h = len, word;
	size_t i = 0;

	for (; len - i >= sizeof(word); i += sizeof(word)) {
		memcpy(&word, bytes + i, sizeof(word));
		h = (h ^ word) * 0x9e3779b97f4a7c15u;
		h ^= h >> 29;
	}
	word = 0;
	memcpy(&word, bytes + i, len - i);
	h = (h ^ word) * 0x9e3779b97f4a7c15u;
	return h ^ h >> 32;
}

struct recall_slot *
recall_find(struct recall *r, const char *bytes, size_t len_bytes,
    bool *known_out)
{
	struct recall_slot *slot;
	uint64_t hash;

	if (len_bytes == 0 || len_bytes > RECALL_BYTES)
		return NULL;
	hash = hash_of(bytes, len_bytes);
	slot = &r->slots[hash % RECALL_SLOTS];
	*known_out = slot->hash == hash && slot->len == len_bytes &&
	    memcmp(slot->bytes, bytes, len_bytes) == 0;
	if (!*known_out) {
		slot->hash = hash;
		slot->len = len_bytes;
		memcpy(slot->bytes, bytes, len_bytes);
	}
	return slot;
}

void
recall_forget(struct recall_slot *slot)
{
	slot->len = 0;
}
