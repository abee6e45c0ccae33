/*
 * fields: some members of a document's root, and only those.
 *
 * For showing a part of documents: what is not among the fields is neither
 * seen nor changed.  Equal to projections of sharedb 7.0.0
 * (lib/projections.js) for json0; json1, which ShareDB does not project, by
 * the same rules (ot/json1/fields.c).
 */
#ifndef OT_FIELDS_H
#define OT_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

#include "ot/buf.h"
#include "ot/ot_err.h"
#include "ot/type.h"

struct ot_fields;
struct json;
struct json_key;

/* names: WTF-8, copied; all different.  NULL when out of memory. */
struct ot_fields	*ot_fields_new(const char *const *names, size_t n);
void			 ot_fields_free(struct ot_fields *f);	/* NULL is fine */

/* What a type can do with fields; a type without cannot be projected. */
struct ot_type_fields {
	/*
	 * Append the content as it is shown: an object with those of the
	 * fields that are there, in the order of the fields; null for a root
	 * that is no object.  False and nothing appended: it is undefined.
	 */
	bool	(*data_print)(const struct ot_data *data,
		    const struct ot_fields *f, struct buf *b);
	/* Is everything shown?  So it is of what is null or undefined. */
	bool	(*data_is_within)(const struct ot_data *data,
		    const struct ot_fields *f);
	/*
	 * What of edit is shown: a new edit, which changes what is shown of
	 * any document as edit changes the document; empty if nothing.
	 * OT_EAPPLY when no edit can: it moves into view what was hidden.
	 */
	int	(*edit_pick)(const struct ot_edit *edit,
		    const struct ot_fields *f, struct ot_edit **edit_out,
		    struct ot_err *err);
	/* Does it touch nothing but the fields?  A change of the root does. */
	bool	(*edit_is_within)(const struct ot_edit *edit,
		    const struct ot_fields *f);
	/* Are there edits that edit_pick refuses? */
	bool	may_refuse;
};

/* ---- for the types ---- */

bool	 ot_fields_has(const struct ot_fields *f, const struct json_key *key);
/* Has it the name that JavaScript makes of the number? */
bool	 ot_fields_has_number(const struct ot_fields *f, double number);
/* data_print and data_is_within of a value; root may be NULL. */
bool	 ot_fields_print(const struct ot_fields *f, const struct json *root,
	    struct buf *b);
bool	 ot_fields_cover(const struct ot_fields *f, const struct json *root);
/* The value as it is shown, its members shared; NULL when out of memory. */
struct json	*ot_fields_pick(const struct ot_fields *f,
		    const struct json *root);

#endif
