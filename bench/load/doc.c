#include "bench/load/doc.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* No version of a run is near it: what a server says is bounded. */
#define DOC_VERSIONS_MAX	((uint64_t)1 << 31)

void
doc_done(struct doc *d)
{
	free(d->log);
	d->log = NULL;
	d->log_cap = 0;
}

bool
doc_acknowledge(struct doc *d, uint64_t v, uint32_t client, uint32_t seq)
{
	if (v >= DOC_VERSIONS_MAX)
		return false;
	if (v >= d->log_cap) {
		size_t cap = (size_t)v + (size_t)v / 2 + 16;

		d->log = mem_grow(d->log, cap, sizeof(*d->log));
		memset(d->log + d->log_cap, 0,
		    (cap - d->log_cap) * sizeof(*d->log));
		d->log_cap = cap;
	}
	if (d->log[v].client != 0)
		return false;
	d->log[v] = (struct doc_entry){ client + 1, seq };
	d->acked++;
	if (v >= d->head)
		d->head = v + 1;
	return true;
}

struct doc_entry
doc_entry(const struct doc *d, uint64_t v)
{
	return v < d->log_cap ? d->log[v] : (struct doc_entry){ 0, 0 };
}
