/*
 * filter-tool: filters asked of memory, or of a store, for tests/filter.
 *
 *	filter-tool memory
 *	filter-tool URL		of a store, with a database of its own
 *
 * A line in is a JSON object: {"docs":{"ID":CONTENT,...}} begins a collection
 * of its own, {"q":FILTER} asks the latest.  The line out is {"n":N} for docs;
 * for a filter {"ids":[...]} in order, {"count":N}, or {"error":"..."}.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/filter.h"
#include "ot/type.h"
#include "tests/filter/ask_store.h"
#include "tests/filter/asked.h"

/* ---- memory ---- */

struct kept {
	char		*id;
	struct json	*value;
};

struct memory {
	struct kept	*docs;
	size_t		 n;
};

static void
memory_clear(struct memory *m)
{
	size_t i;

	for (i = 0; i < m->n; i++) {
		free(m->docs[i].id);
		json_unref(m->docs[i].value);
	}
	free(m->docs);
	m->docs = NULL;
	m->n = 0;
}

static void
memory_put(void *arg, const char *id, const char *body, size_t len)
{
	struct memory *m = arg;
	struct ot_err err;
	struct kept *k;

	m->docs = mem_grow(m->docs, m->n + 1, sizeof(*m->docs));
	k = &m->docs[m->n++];
	k->id = mem_copy(id, strlen(id));
	if (json_parse(body, len, 0, &k->value, &err) != 0)
		bug(err.text);
}

static const struct filter *sorting;	/* qsort passes nothing on */

static int
by_key(const void *a, const void *b)
{
	return filter_key_compare(sorting, *(struct filter_key *const *)a,
	    *(struct filter_key *const *)b);
}

struct ranked {
	struct filter_key	*key;		/* first: see by_key */
	const char		*id;
};

/* Everything that matches, sorted wholly, then cut: as plain as can be. */
static void
memory_ask(void *arg, struct filter *f, struct buf *out)
{
	struct memory *m = arg;
	struct ranked *found = mem_grow(NULL, m->n + 1, sizeof(*found));
	uint64_t from = filter_skip(f), to;
	size_t n = 0, i;

	for (i = 0; i < m->n; i++) {
		struct filter_doc d = { m->docs[i].id, 1,
		    ot_type_json0.uri, m->docs[i].value };

		if (!filter_match(f, &d))
			continue;
		found[n].id = d.id;
		found[n++].key = filter_key_new(f, &d);
	}
	sorting = f;
	qsort(found, n, sizeof(*found), by_key);
	from = from < n ? from : n;
	to = filter_limit(f) < n - from ? from + filter_limit(f) : n;
	if (filter_is_count(f)) {
		asked_put_count(out, to - from);
	} else {
		asked_begin_ids(out);
		for (i = from; i < to; i++)
			asked_put_id(out, found[i].id);
		asked_end_ids(out);
	}
	for (i = 0; i < n; i++)
		filter_key_free(found[i].key);
	free(found);
}

static void
memory_begin(void *arg)
{
	memory_clear(arg);
}

static void
memory_end(void *arg)
{
	(void)arg;
}

static int
ask_memory(void)
{
	static const struct asked_of whom = {
		memory_begin, memory_put, memory_end, memory_ask
	};
	struct memory m = { NULL, 0 };

	asked_run(&whom, &m);
	memory_clear(&m);
	return 0;
}

int
main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: filter-tool memory|URL\n");
		return 2;
	}
	return strcmp(argv[1], "memory") == 0 ? ask_memory() :
	    ask_store(argv[1]);
}
