/*
 * catalog: what is settled of collections, and which names are projections.
 *
 *	name of a message --catalog_resolve--> collection of the store
 *	                                       + projection, or the whole
 *
 * Made once from plain structs, never changed, read by every process for
 * itself.  Where the plain structs come from is run's business; here they are
 * taken to be right.
 *
 * A name may have one `*`, which stands for any bytes, none included.  Of the
 * entries that fit a name the most specific counts, and it alone: the name
 * itself; else the one with the most bytes beside the star; of equals the one
 * with more before it.  (Two that are equal in both are the same entry.)
 */
#ifndef CORE_CATALOG_H
#define CORE_CATALOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "ot/fields.h"
#include "ot/type.h"

/* The settings of a collection, all of them. */
struct collection {
	const char	*name;		/* the entry's, "posts" or "notes_*" */
	unsigned	 types;		/* allowed in a create: bits of catalog_type_bit */
	bool		 queries;	/* may be queried: the content goes with each batch */
	bool		 events;	/* each commit leaves word in the outbox: streams, webhooks */
	uint64_t	 checkpoint_ops;	/* a snapshot body is due after so many ops */
	uint64_t	 keep_every;	/* versions between kept snapshots */
	uint64_t	 raw_days;	/* ops stay as they were sent for so long; 0: for ever */
	size_t		 document_bytes;	/* one document; an edit beyond is refused */
};

#define COLLECTION_ALL_TYPES	(~0u)

/*
 * Some fields of the documents of a collection, under a name of its own.
 * Name and target both have a `*` or neither: what it stands for in the one
 * is what it stands for in the other.
 */
struct projection {
	const char		*name;
	const char		*target;	/* a collection; never a projection */
	const char *const	*fields;	/* of the root, WTF-8 */
	size_t			 n_fields;
	const struct ot_fields	*shown;		/* the same; catalog_new makes it */
};

/* What a catalog is made of; catalog_new copies all of it. */
struct catalog_plan {
	struct collection	 fallback;	/* of collections that fit no entry; name unused */
	bool			 only_known;	/* there are no collections that fit no entry */
	const struct collection	*collections;
	size_t			 n_collections;
	const struct projection	*projections;
	size_t			 n_projections;
};

/* What a name stands for. */
struct named {
	const char		*collection;	/* of the store */
	const struct projection	*projection;	/* NULL: the documents as they are */
};

struct catalog;

/* The plan's strings are copied; it must be right. */
struct catalog	*catalog_new(const struct catalog_plan *plan);
void		 catalog_free(struct catalog *c);	/* NULL is fine */

/*
 * What is settled of a collection of the store; valid as long as the
 * catalog.  NULL: there is no such collection (only_known).  O(entries).
 */
const struct collection *catalog_collection(const struct catalog *c,
		    const char *name);
/*
 * What a client's name for a collection stands for.  ERR_COLLECTION: nothing.
 * out->collection is name itself or in the arena.
 */
enum err	 catalog_resolve(const struct catalog *c, const char *name,
		    struct arena *a, struct named *out);

/*
 * The projections of a collection of the store, one after the other: the one
 * after p (NULL: the first), or NULL.
 */
const struct projection *catalog_next_projection(const struct catalog *c,
		    const char *collection, const struct projection *p);

/* May a document of this type be created there? */
bool		 collection_allows(const struct collection *c,
		    const struct ot_type *type);
/* The bit of a type in struct collection. */
unsigned	 catalog_type_bit(const struct ot_type *type);

/* Is it a name that an entry may have: not empty, at most one star? */
bool		 catalog_name_is_good(const char *name);

#endif
