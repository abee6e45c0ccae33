/*
 * config_catalog: the settings of collections, and projections, as the file
 * has them.
 *
 *	{
 *	  "collections": {
 *	    "posts": {"types": ["json0"], "max-document": "1M"},
 *	    "notes_*": {"queries": "off", "keep-every": 100}
 *	  },
 *	  "projections": {
 *	    "posts_titles": {"of": "posts", "fields": ["title"]}
 *	  }
 *	}
 *
 * What they mean is in core/catalog.h.  Names in the file may be spelt with _
 * for -.
 */
#ifndef RUN_CONFIG_CATALOG_H
#define RUN_CONFIG_CATALOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "run/config.h"

struct json_object;
struct setting_table;

struct config_collection {
	char		*name;		/* heap */
	uint32_t	 given;		/* which settings it names: bits, in their order */
#define SETTING(field, kind, min, max, deflt, form, sentence)	\
	CONFIG_##kind field;
#include "run/collection.def"
#undef SETTING
};

struct config_projection {
	char			*name, *of;	/* heap; the collection it shows */
	struct config_list	 fields;
};

struct config_catalog {
	struct config_collection	*collections;	/* heap, as is all below */
	size_t				 n_collections;
	struct config_projection	*projections;
	size_t				 n_projections;
};

/* The settings that a collection can have. */
const struct setting_table *config_collection_table(void);

/* NULL is fine. */
void	 config_catalog_free(struct config_catalog *cat);

/*
 * Take a member of the file at path: 1 when it is one of these, 0 when it is
 * something else, -1 with the reason in why (CONFIG_WHY bytes).
 */
int	 config_catalog_load(struct config_catalog **cat, const char *path,
	    const char *name, struct json_object *value, char *why);
/* Do they go together, and with the rest?  0, or -1 with the reason in why. */
int	 config_catalog_check(const struct config *c, char *why);

/*
 * Add "collections" and "projections" to top, if there are any: with all
 * their settings, so that one sees what holds.
 */
void	 config_catalog_print(const struct config *c, struct json_object *top);

/*
 * A collection's settings with those that it does not name filled in; borrows
 * from named.
 */
struct config_collection config_collection_whole(const struct config *c,
	    const struct config_collection *named);

#endif
