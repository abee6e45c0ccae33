/*
 * filter: which documents a query wants, and in what order.
 *
 * Written as MongoDB's filters are, in the one object that sharedb-mongo's
 * users send as "q": conditions, and beside them $sort, $limit, $skip and
 * $count.  A filter is parsed once, immutable and counted; it knows no
 * database.  The same filter is
 *
 *	q --filter_parse--> filter --filter_match--> one document in memory
 *	                       |
 *	                       +-----store---------> JOB_FIND, by SQL
 *
 * and both mean the same: whatever the SQL of a store narrows, these
 * functions decide about each document and about the order.
 *
 * 1. Conditions: a value to be equal to, $eq $ne $gt $gte $lt $lte $in $nin
 *    $exists $not $all $size $elemMatch $regex (with $options), and $and $or
 *    $nor of whole filters.  $comment and $hint are ignored.  Everything else
 *    that begins with "$" is refused by name.
 * 2. A document is its content as sharedb-mongo stores it (castToDoc): the
 *    members of an object, anything else under _data, nothing if undefined;
 *    and _id, _type (URI) and _v, which hide members of these names.  _m and
 *    _o are refused.  A deleted document matches nothing; do not ask.
 * 3. Dotted paths, arrays, null and missing as MongoDB treats them: a value
 *    is compared with the array and with each of its elements; a path goes
 *    through arrays of objects and takes a number as an index too; null
 *    equals missing; < and > hold between values of one kind only.
 * 4. Order over kinds, for $sort: null and missing < numbers < strings <
 *    objects < arrays < false < true; an array sorts by its least element,
 *    downwards by its greatest, and an empty one before null.  Strings are
 *    compared by bytes of UTF-8.  Equal documents are ordered by id, so that
 *    the order is always total; without $sort it is that of the ids.
 * 5. Differs from MongoDB: only kinds that JSON has; $regex in linear time,
 *    so without backreferences and look-around (core/regex.h); $in and $all
 *    take no regular expressions; a filter's own size is bounded
 *    (FILTER_*_MAX).
 */
#ifndef CORE_FILTER_H
#define CORE_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ot/json.h"
#include "ot/json_value.h"
#include "ot/ot_err.h"

#define FILTER_BYTES_MAX	65536	/* the whole text */
#define FILTER_DEPTH_MAX	24	/* conditions inside one another */
#define FILTER_CLAUSES_MAX	256	/* conditions in all */
#define FILTER_VALUES_MAX	4096	/* values of all $in, $nin and $all */
/*
 * Names in a path.  Names that are indexes too may be meant either way at
 * each list, so that a path of n of them visits fibonacci(n) places at most.
 */
#define FILTER_PATH_MAX		20
#define FILTER_SORT_MAX		16	/* paths to sort by */
#define FILTER_NO_LIMIT		UINT64_MAX

struct filter;

/* A document as filters see it; everything borrowed. */
struct filter_doc {
	const char		*id;
	uint64_t		 v;
	const char		*type;	/* URI */
	const struct json	*value;	/* content; NULL: undefined */
};

/*
 * Parse the value of "q" (absent: {}).  Returns 0 and a filter with one count;
 * or a code of ot_err.h with err->text naming the operator or path and what
 * is wrong with it: OT_EBADLY, OT_ELIMIT (over a ceiling), OT_ENOMEM.
 * Answer with ERR_FILTER and that text.
 */
int		 filter_parse(const struct json_slice *q,
		    struct filter **filter_out, struct ot_err *err)
		    OT_MUST_CHECK;
/*
 * The same, of the documents that within matches: another filter's conditions
 * (NULL: all), our own, which are right and have ceilings to themselves.  The
 * filter's text is both.
 */
int		 filter_parse_within(const struct json_slice *q,
		    const char *within, struct filter **filter_out,
		    struct ot_err *err) OT_MUST_CHECK;
/* Counts are plain: one thread, except for what the next comment allows. */
struct filter	*filter_ref(struct filter *f);
void		 filter_unref(struct filter *f);	/* NULL is fine */

/*
 * All that follows only reads the filter, and may be done in several threads
 * while the filter is counted.
 */

/*
 * The filter as JSON without white space, $comment and $hint: equal texts
 * are equal filters.  Borrowed from it, NUL terminated too.
 */
const char	*filter_text(const struct filter *f, size_t *len_out);

/*
 * Does the document satisfy the conditions?  Says nothing of $skip and
 * $limit.  Linear in document times conditions; of $regex in text times
 * pattern.
 */
bool		 filter_match(const struct filter *f,
		    const struct filter_doc *d);

/*
 * Is the answer more than the set of documents that match: sorted, cut or
 * counted?  Then a changed document alone does not decide it.
 */
bool		 filter_is_window(const struct filter *f);
/* Does it look at these names of the content's root alone?  _id and so on too. */
bool		 filter_is_about(const struct filter *f,
		    const char *const *names, size_t n);
bool		 filter_is_sorted(const struct filter *f);	/* has $sort */
bool		 filter_is_count(const struct filter *f);	/* $count */
uint64_t	 filter_skip(const struct filter *f);
uint64_t	 filter_limit(const struct filter *f);	/* FILTER_NO_LIMIT: none */

/*
 * What a document is sorted by: a copy of the values and the id, so that it
 * may outlive the document.  NULL: out of memory.
 */
struct filter_key;
struct filter_key *filter_key_new(const struct filter *f,
		    const struct filter_doc *d);
void		 filter_key_free(struct filter_key *key);	/* NULL is fine */
/* <0, 0, >0; 0 only for the same id. */
int		 filter_key_compare(const struct filter *f,
		    const struct filter_key *a, const struct filter_key *b);

#endif
