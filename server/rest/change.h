/*
 * change: one write to one document, from what is wished for to its answer.
 *
 *	head --> marks of its key --> preconditions --> base --> op --> ack --> kept
 *	  ^                                                       |
 *	  '------------- somebody created or deleted it ----------'
 *
 * The document is fetched; what is wished for becomes an op against the base
 * (the head, or a former version that is named), as small as can be; the hub
 * carries it over what happened since.  A change belongs to a call and may be
 * one of many in it.
 */
#ifndef REST_CHANGE_H
#define REST_CHANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "rest/once.h"
#include "rest/shot.h"

enum change_what {
	CHANGE_CREATE,		/* body is the content; it must not be there */
	CHANGE_PUT,		/* body is the content, of a new document or the one there */
	CHANGE_JSON_PATCH,	/* body is a JSON Patch (RFC 6902) */
	CHANGE_MERGE_PATCH,	/* body is a merge patch (RFC 7396) */
	CHANGE_OP,		/* body is an edit of the type */
	CHANGE_QUOTE,		/* body is an edit of text by quotation: ot/quote.h */
	CHANGE_RESTORE,		/* it shall be as it was at past_v */
	CHANGE_DELETE,
};

enum { KEPT_HEAD, KEPT_FROM, KEPT_PAST, KEPT_N };

struct change {
	/* The wish.  Texts live as long as the call. */
	struct rest_call *call;
	enum change_what  what;
	const char	 *collection, *id;
	const char	 *type;		/* by name or URI; NULL: json0, or the type there */
	struct json_slice body;
	const char	 *if_match, *if_none_match;	/* as the headers; NULL */
	bool		  has_base;	/* merge what happened since */
	uint64_t	  base;
	bool		  by_time;	/* CHANGE_RESTORE: */
	uint64_t	  past_v;
	int64_t		  past_ms;	/* since 1970 */
	const char	 *key;		/* Idempotency-Key; NULL: none */
	/* It is over: status says how.  In a call that goes on. */
	void		(*done)(struct change *ch);
	void		 *whose;	/* done's */

	/* The answer. */
	int		  status;	/* HTTP; 0: under way */
	const char	 *code;		/* of a refusal; "" */
	const char	 *detail;
	uint64_t	  v;		/* of the document after it; refused: as far as known */
	bool		  is_replayed;	/* it was carried out before */
	bool		  is_merged;	/* over what others did since its base */
	struct buf	  answer;	/* JSON object, when it was done */

	/* On its way. */
	struct once	  once;
	struct shot	  head, from;
	char		 *kept[KEPT_N];	/* their contents; heap, until it is over */
	bool		  is_strict;	/* nothing may have happened since from */
	bool		  is_blind;	/* it may not be read: there is none, or it is refused */
	bool		  is_new;	/* op creates */
	struct buf	  op;		/* members of the message: "op":.. */
	unsigned	  tries;
};

/* Begin one whose wish is set; done is called later, once, or the call ends. */
void	 change_begin(struct change *ch);
/* Let go of what it holds; the call's leave does this. */
void	 change_end(struct change *ch);

/* ---- change_make.c ---- */

enum change_made {
	CHANGE_MADE,		/* ch->op has the op */
	CHANGE_NOTHING,		/* it is so already */
	CHANGE_REFUSED,		/* err is set, or ot_err with ERR_NONE */
};

/* What makes the wish of ch->from; past is what it was, of a restore. */
enum change_made change_make(struct change *ch, enum err *err_out,
	    struct ot_err *ot_err);

#endif
