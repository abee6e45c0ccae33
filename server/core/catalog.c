#include "core/catalog.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "proto/message.h"

/* A name with at most one star, taken apart. */
struct pattern {
	const char	*text;
	size_t		 before;	/* bytes before the star; all without one */
	size_t		 after;		/* bytes behind it */
	bool		 has_star;
};

struct entry {
	struct pattern		 pattern;
	struct collection	 settings;
};

struct alias {
	struct pattern		 pattern;	/* of the name */
	struct pattern		 target;
	struct projection	 projection;
};

struct catalog {
	struct arena		 arena;		/* everything that is copied */
	struct collection	 fallback;
	bool			 only_known;
	struct entry		*entries;
	size_t			 n_entries;
	struct alias		*aliases;
	size_t			 n_aliases;
};

/* ---- names with a star ---- */

bool
catalog_name_is_good(const char *name)
{
	return name[0] != '\0' && strlen(name) <= NAME_MAX_BYTES &&
	    strchr(name, '*') == strrchr(name, '*');
}

static struct pattern
pattern_of(const char *text)
{
	const char *star = strchr(text, '*');
	struct pattern p = { text, strlen(text), 0, star != NULL };

	if (star != NULL) {
		p.before = (size_t)(star - text);
		p.after = strlen(star + 1);
	}
	return p;
}

static bool
pattern_fits(const struct pattern *p, const char *name, size_t len)
{
	if (!p->has_star)
		return len == p->before && memcmp(name, p->text, len) == 0;
	return len >= p->before + p->after &&
	    memcmp(name, p->text, p->before) == 0 &&
	    memcmp(name + len - p->after, p->text + p->before + 1,
	    p->after) == 0;
}

/* Of two that fit the same name, does a say more about it than b? */
static bool
pattern_is_closer(const struct pattern *a, const struct pattern *b)
{
	if (a->has_star != b->has_star)
		return b->has_star;
	if (a->before + a->after != b->before + b->after)
		return a->before + a->after > b->before + b->after;
	return a->before > b->before;
}

/* ---- making ---- */

static const char *
copy(struct catalog *c, const char *text)
{
	return arena_copy(&c->arena, text, strlen(text));
}

static void
add_entry(struct catalog *c, const struct collection *settings)
{
	struct entry *e = &c->entries[c->n_entries++];

	e->settings = *settings;
	e->settings.name = copy(c, settings->name);
	e->pattern = pattern_of(e->settings.name);
}

static void
add_alias(struct catalog *c, const struct projection *p)
{
	struct alias *a = &c->aliases[c->n_aliases++];
	const char **fields = arena_get(&c->arena,
	    (p->n_fields + 1) * sizeof(*fields));
	size_t i;

	for (i = 0; i < p->n_fields; i++)
		fields[i] = copy(c, p->fields[i]);
	a->projection = (struct projection){
		.name = copy(c, p->name),
		.target = copy(c, p->target),
		.fields = fields,
		.n_fields = p->n_fields,
		.shown = ot_fields_new(fields, p->n_fields),
	};
	if (a->projection.shown == NULL)
		bug("no memory for a projection");
	a->pattern = pattern_of(a->projection.name);
	a->target = pattern_of(a->projection.target);
}

struct catalog *
catalog_new(const struct catalog_plan *plan)
{
	struct catalog *c = mem_get(sizeof(*c));
	size_t i;

	arena_init(&c->arena);
	c->fallback = plan->fallback;
	c->fallback.name = "*";
	c->only_known = plan->only_known;
	c->entries = arena_get(&c->arena,
	    (plan->n_collections + 1) * sizeof(c->entries[0]));
	c->aliases = arena_get(&c->arena,
	    (plan->n_projections + 1) * sizeof(c->aliases[0]));
	for (i = 0; i < plan->n_collections; i++)
		add_entry(c, &plan->collections[i]);
	for (i = 0; i < plan->n_projections; i++)
		add_alias(c, &plan->projections[i]);
	return c;
}

void
catalog_free(struct catalog *c)
{
	size_t i;

	if (c == NULL)
		return;
	for (i = 0; i < c->n_aliases; i++)
		ot_fields_free((struct ot_fields *)
		    c->aliases[i].projection.shown);
	arena_done(&c->arena);
	free(c);
}

/* ---- looking up ---- */

const struct collection *
catalog_collection(const struct catalog *c, const char *name)
{
	const struct entry *best = NULL, *e;
	size_t len = strlen(name);

	for (e = c->entries; e < c->entries + c->n_entries; e++)
		if (pattern_fits(&e->pattern, name, len) && (best == NULL ||
		    pattern_is_closer(&e->pattern, &best->pattern)))
			best = e;
	if (best != NULL)
		return &best->settings;
	return c->only_known ? NULL : &c->fallback;
}

static const struct alias *
find_alias(const struct catalog *c, const char *name, size_t len)
{
	const struct alias *best = NULL, *a;

	for (a = c->aliases; a < c->aliases + c->n_aliases; a++)
		if (pattern_fits(&a->pattern, name, len) && (best == NULL ||
		    pattern_is_closer(&a->pattern, &best->pattern)))
			best = a;
	return best;
}

/* The target's name, with what the star stands for in name. */
static const char *
carry_over(const struct alias *a, const char *name, size_t len,
    struct arena *arena)
{
	const struct pattern *from = &a->pattern, *to = &a->target;
	size_t star;
	char *out;

	if (!to->has_star)
		return to->text;
	star = len - from->before - from->after;
	out = arena_get(arena, to->before + star + to->after + 1);
	memcpy(out, to->text, to->before);
	memcpy(out + to->before, name + from->before, star);
	memcpy(out + to->before + star, to->text + to->before + 1, to->after);
	return out;
}

enum err
catalog_resolve(const struct catalog *c, const char *name, struct arena *arena,
    struct named *out)
{
	size_t len = strlen(name);
	const struct alias *a = find_alias(c, name, len);
	struct named n = { name, NULL };

	if (a != NULL) {
		n.collection = carry_over(a, name, len, arena);
		n.projection = &a->projection;
	}
	if (strlen(n.collection) > NAME_MAX_BYTES ||
	    catalog_collection(c, n.collection) == NULL)
		return ERR_COLLECTION;
	*out = n;
	return ERR_NONE;
}

static const struct alias *
alias_of(const struct projection *p)
{
	return (const struct alias *)((const char *)p -
	    offsetof(struct alias, projection));
}

const struct projection *
catalog_next_projection(const struct catalog *c, const char *collection,
    const struct projection *p)
{
	const struct alias *a = p != NULL ? alias_of(p) + 1 : c->aliases;
	size_t len = strlen(collection);

	for (; a < c->aliases + c->n_aliases; a++)
		if (pattern_fits(&a->target, collection, len))
			return &a->projection;
	return NULL;
}

/* ---- types ---- */

unsigned
catalog_type_bit(const struct ot_type *type)
{
	size_t i;

	for (i = 0; ot_type_at(i) != NULL; i++)
		if (ot_type_at(i) == type)
			return 1u << i;
	bug("a type that is not in the table");
}

bool
collection_allows(const struct collection *c, const struct ot_type *type)
{
	return (c->types & catalog_type_bit(type)) != 0;
}
