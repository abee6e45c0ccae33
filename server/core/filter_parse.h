/*
 * filter_parse: how "q" becomes a filter.  Private to filter_parse.c (the
 * whole, and conditions), filter_operator.c (operators of a path) and
 * filter_path.c (nodes and paths).
 *
 * The text is read into a tree of JSON first: it is small (FILTER_BYTES_MAX),
 * and operators look at their neighbours ($regex at $options).  What can fail
 * says so in the parser, once; a node that was begun belongs to its parent at
 * once, so that giving up needs no cleaning.
 *
 * The rules are MongoDB's (manual, "Query Predicates"; what it leaves open is
 * decided as matcher/expression_parser.cpp of its source does).
 */
#ifndef CORE_FILTER_PARSE_H
#define CORE_FILTER_PARSE_H

#include "core/filter_tree.h"

struct filter_parser {
	struct filter	*f;
	size_t		 clauses, values;	/* so far */
	unsigned	 depth;
	struct ot_err	*err;
	int		 rc;		/* 0: nothing is wrong so far */
};

/* What is wrong first is what is told. */
#define FILTER_FAIL(ps, code, ...) do {					\
	if ((ps)->rc == 0)						\
		(ps)->rc = ot_fail((ps)->err, (code), __VA_ARGS__);	\
} while (0)

/* For "%.*s": a key, cut to what fits into a sentence. */
#define KEY_ARGS(key)	(int)((key)->len < 60 ? (key)->len : 60), (key)->text

/* A new part of parent; NULL: failed. */
struct filter_node *filter_node_add(struct filter_parser *ps,
		    struct filter_node *parent, enum filter_op op);
/* One level down; false: too deep. */
bool		 filter_enter(struct filter_parser *ps);
void		 filter_leave(struct filter_parser *ps);

/*
 * The path as it is written; in_list: within $elemMatch, where _id and the
 * like are plain names.  NULL: failed.
 */
struct filter_path *filter_path_new(struct filter_parser *ps,
		    const struct json_key *written, bool in_list);
struct filter_path *filter_path_copy(struct filter_parser *ps,
		    const struct filter_path *path);

/* Add the conditions of a whole filter to parent. */
void		 filter_parse_where(struct filter_parser *ps,
		    struct filter_node *parent, const struct json *conditions,
		    bool in_list);
/* Add what the value of a path says, operators or a value, to parent. */
void		 filter_parse_about(struct filter_parser *ps,
		    struct filter_node *parent, const struct filter_path *path,
		    struct json *v);

bool		 filter_is_operator(const struct json_key *key);

#endif
