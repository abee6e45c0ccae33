/*
 * pointer: a JSON Pointer (RFC 6901), a place in a value.
 *
 *	/tasks/3/title~1de	"tasks", 3, "title/de"
 *	""			the value itself
 */
#ifndef OT_POINTER_H
#define OT_POINTER_H

#include <stdbool.h>
#include <stddef.h>

#include "ot/json_value.h"
#include "ot/ot_err.h"

struct pointer {
	struct json_key	**step;		/* n of them, unescaped, owned */
	size_t		  n;
};

/*
 * Read one from text, WTF-8.  OT_EBADLY if it is none: err has a sentence;
 * OT_ENOMEM.
 */
int	pointer_read(const char *text, size_t len_bytes,
	    struct pointer *pointer_out, struct ot_err *err) OT_MUST_CHECK;
void	pointer_done(struct pointer *p);	/* {NULL, 0} is fine */

/* Is a step an index, in the only spelling it has?  "-" is none. */
bool	pointer_index(const struct json_key *step, size_t *index_out);
/*
 * What a step leads to, borrowed; NULL: nothing is there.  in may be any
 * value, or NULL.  *index_out is the index if in is a list.
 */
struct json *pointer_child(const struct json *in, const struct json_key *step,
	    size_t *index_out);
/* What the first n steps lead to, borrowed; NULL: nothing is there. */
struct json *pointer_find(const struct pointer *p, size_t n,
	    struct json *root);
/* Are the steps of a the first ones of b? */
bool	pointer_leads_to(const struct pointer *a, const struct pointer *b);

#endif
