/*
 * type: the contract of an OT type, and the table of types.
 *
 *	JSON text --edit_parse--> edit --transform, compose, invert--> edit
 *	                           |                                     |
 *	JSON text --create,load--> data <------------apply---------------+
 *	                           |
 *	                           +--print--> JSON text
 *
 * An edit is an op's own payload in the compact form of its type; immutable.
 * Data is a document's content in the form that its type edits fastest; one
 * owner, changed in place.  Both are opaque; only their type looks inside.
 *
 * Exactness: edits and results equal what the JavaScript packages compute
 * (ot-json0 1.1.0, ot-text 1.0.2, ot-text-unicode 4.0.0, rich-text 4.1.0,
 * ot-json1 1.0.2), except for what we refuse and they let through; each
 * type's file says where.
 *
 * JSON text in and out is strict, UTF-8, with lone surrogates escaped
 * (ot/json.h).  Nothing here does I/O, reads a clock or keeps a global.
 */
#ifndef OT_TYPE_H
#define OT_TYPE_H

#include <stdbool.h>
#include <stddef.h>

#include "ot/buf.h"
#include "ot/ot_err.h"

struct ot_data;			/* a document's content; private to its type */
struct ot_edit;			/* an op's payload; private to its type */
struct ot_undo;			/* how to take one apply back; private to its type */
struct ot_type_ext;		/* ot/type_ext.h */
struct ot_type_fields;		/* ot/fields.h */

enum ot_side { OT_LEFT, OT_RIGHT };

struct ot_type {
	const char *name;	/* "json0" */
	const char *uri;	/* "http://sharejs.org/types/JSONv0" */

	/* ---- edits ---- */

	/* Parse and check everything that can be checked without a document. */
	int	(*edit_parse)(const char *json, size_t len_bytes,
		    struct ot_edit **edit_out, struct ot_err *err);
	/* Append the edit as canonical JSON. */
	void	(*edit_print)(const struct ot_edit *edit, struct buf *b);
	/* NULL is fine. */
	void	(*edit_free)(struct ot_edit *edit);
	/*
	 * Has the edit length 0 in JavaScript's eyes ([] of json0 and the text
	 * types; never json1 or rich-text)?  sharedb lib/submit-request.js.
	 */
	bool	(*edit_is_empty)(const struct ot_edit *edit);
	/*
	 * What op becomes when other, made concurrently on the same document,
	 * was applied first.  A new edit, even when nothing changed.
	 */
	int	(*transform)(const struct ot_edit *op,
		    const struct ot_edit *other, enum ot_side side,
		    struct ot_edit **edit_out, struct ot_err *err);
	int	(*compose)(const struct ot_edit *first,
		    const struct ot_edit *second, struct ot_edit **edit_out,
		    struct ot_err *err);
	/* NULL when the type has none. */
	int	(*invert)(const struct ot_edit *edit, struct ot_edit **edit_out,
		    struct ot_err *err);

	/* ---- data ---- */

	/* A new document from create.data; json NULL: undefined was given. */
	int	(*create)(const char *json, size_t len_bytes,
		    struct ot_data **data_out, struct ot_err *err);
	/*
	 * A document as print wrote it; json NULL: the content is undefined
	 * (json0 and json1 documents whose root was removed).
	 */
	int	(*load)(const char *json, size_t len_bytes,
		    struct ot_data **data_out, struct ot_err *err);
	/*
	 * Append the content as JSON; returns false and appends nothing when
	 * the content is undefined.
	 */
	bool	(*print)(const struct ot_data *data, struct buf *b);
	void	(*data_free)(struct ot_data *data);
	/* Bytes held, roughly, in O(1). */
	size_t	(*data_size)(const struct ot_data *data);
	/*
	 * Change data by edit, wholly or not at all.  With undo_out not NULL
	 * a record is left there that undoes exactly this change.
	 */
	int	(*apply)(struct ot_data *data, const struct ot_edit *edit,
		    struct ot_undo **undo_out, struct ot_err *err);
	/*
	 * Take back the latest apply that is not yet taken back; consumes the
	 * record.  The content afterwards prints the same bytes as before the
	 * apply.  Cannot fail: what it needs was set aside by apply.
	 */
	void	(*undo)(struct ot_data *data, struct ot_undo *undo);
	/* The change stays; NULL is fine. */
	void	(*undo_free)(struct ot_undo *undo);

	/* What the type can do beyond this; NULL: nothing. */
	const struct ot_type_ext *ext;
	/* Showing some members of the root; NULL: it cannot. */
	const struct ot_type_fields *fields;
};

/* By name or URI, NUL terminated; NULL when unknown. */
const struct ot_type *ot_type_find(const char *name_or_uri);
/* By position from 0; NULL past the end. */
const struct ot_type *ot_type_at(size_t i);

extern const struct ot_type ot_type_json0, ot_type_text, ot_type_text_unicode,
    ot_type_text0, ot_type_json1, ot_type_rich_text;
/*
 * json1 with the policy "auto": a conflict of writes is resolved, where
 * ot_type_json1 refuses to transform.  Its name and URI are the same.
 */
extern const struct ot_type ot_type_json1_auto;

#endif
