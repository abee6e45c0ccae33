/*
 * filter_tree: how a filter is held.  For the files that evaluate it
 * (filter_*.c) or turn it into SQL (store/); others use core/filter.h.
 *
 * What can be said with other operators is said so when parsing, and nothing
 * below needs to know it: $ne and $nin are NOT, $nor is NOT of OR, $all is
 * AND of EQ.  A node holds its condition, not the way it was written.
 */
#ifndef CORE_FILTER_TREE_H
#define CORE_FILTER_TREE_H

#include "core/filter.h"
#include "core/regex.h"

enum filter_op {
	/* over parts */
	FILTER_AND,		/* of none: always */
	FILTER_OR,		/* of none: never */
	FILTER_NOT,		/* of its one part */
	/* about the values at a path, or about one value where path is NULL */
	FILTER_EQ,
	FILTER_LT,
	FILTER_LTE,
	FILTER_GT,
	FILTER_GTE,
	FILTER_IN,		/* equal to one of values */
	FILTER_EXISTS,
	FILTER_REGEX,
	FILTER_SIZE,		/* a list of n items */
	FILTER_ELEM_OBJECT,	/* a list with a container that satisfies parts[0] */
	FILTER_ELEM_VALUE	/* a list with an item that satisfies parts[0] */
};

/* Where a path starts. */
enum filter_root { FILTER_DATA, FILTER_ID, FILTER_TYPE, FILTER_V };

struct filter_path {
	char			*text;	/* as written, NUL terminated */
	enum filter_root	 root;
	size_t			 n;	/* names; at least 1, the root's included */
	struct json_key		*names[FILTER_PATH_MAX];
	/* The name as an index: digits only, no leading 0; else SIZE_MAX. */
	size_t			 index[FILTER_PATH_MAX];
};

struct filter_node {
	enum filter_op		  op;
	struct filter_path	 *path;		/* owned */
	struct json		 *value;	/* EQ to GTE */
	struct json		**values;	/* IN, in their order */
	size_t			  n_values;
	uint64_t		  n;		/* SIZE */
	struct regex		 *regex;	/* REGEX */
	struct filter_node	**parts;	/* owned */
	size_t			  n_parts;
};

struct filter_sort {
	struct filter_path	*path;
	bool			 down;
};

struct filter {
	unsigned		 refs;
	char			*text;
	size_t			 text_len;
	struct filter_node	*where;		/* never NULL */
	struct filter_sort	 sort[FILTER_SORT_MAX];
	size_t			 n_sort;
	uint64_t		 skip, limit;
	bool			 count;
};

/* NULL is fine. */
void	filter_path_free(struct filter_path *path);
void	filter_node_free(struct filter_node *node);

/*
 * What every match must satisfy about its _id alone: EQ or IN; NULL: nothing
 * so simple.
 */
const struct filter_node *filter_about_id(const struct filter *f);

/* The order of rule 4 over values; NULL counts as null. */
int	filter_compare_values(const struct json *a, const struct json *b);

/*
 * What the document has under the path's first name; NULL: nothing.  *made_out
 * is to be freed after, and NULL unless the value had to be made.
 */
const struct json *filter_root_value(const struct filter_path *path,
	    const struct filter_doc *d, struct json **made_out);
/*
 * What stands at a path: calls see for each value that conditions look at,
 * NULL for missing, until it returns true; then returns true.  leaf_items:
 * a list at the end of the path gives its items, then itself.
 */
typedef bool filter_see(const struct json *v, void *arg);
bool	filter_walk(const struct filter_path *path,
	    const struct filter_doc *d, bool leaf_items, filter_see *see,
	    void *arg);

#endif
