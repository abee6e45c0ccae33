/*
 * access, as its own files see it: the rules once they are parsed.
 */
#ifndef CORE_ACCESS_IN_H
#define CORE_ACCESS_IN_H

#include "core/access.h"
#include "core/access_pattern.h"

/* For "%.*s": a key, which has no NUL, cut to what fits into a sentence. */
#define KEY_ARGS(key)	(int)((key)->len < 40 ? (key)->len : 40), (key)->text

struct access_texts {
	char			**all;		/* heap, each too */
	size_t			 n;
};

struct access_patterns {
	struct access_pattern	**all;		/* heap, each too */
	size_t			 n;		/* 0: not said */
};

/* A claim, and the values of which it has to be or to hold one. */
struct access_claim {
	char			*path;
	struct json		*values;	/* a list of scalars; a count */
};

enum access_kind {
	WHO_ANYBODY,
	WHO_AUTHENTICATED,
	WHO_THESE,		/* all of what is said must hold */
};

struct access_who {
	enum access_kind	 kind;
	struct access_texts	 subjects, roles;	/* n 0: not said */
	struct access_claim	*claims;		/* heap */
	size_t			 n_claims;
	enum access_role	 grant;		/* at least; ROLE_NONE: not said */
};

/* About everything, when it names neither collections nor channels. */
struct access_rule {
	char			*name;
	bool			 denies;	/* else it allows */
	unsigned		 actions;	/* bits, 1 << enum access_action */
	struct access_who	 who;
	struct access_patterns	 collections, documents, channels;
};

struct access {
	unsigned		 refs;
	char			*roles_claim;	/* path */
	struct access_rule	*rules;		/* heap */
	size_t			 n;
};

/* The text as a tree; 0, or a code of ot_err.h as of access_parse. */
int	 access_read(const char *json, size_t len_bytes,
	    struct json **top_out, struct ot_err *err) OT_MUST_CHECK;
/* Does the rule fit the principal, as far as it does not ask for a grant? */
bool	 access_is_who(const struct access *a, const struct access_rule *r,
	    const struct principal *who);
/* Does it name the collection, or the projection (NULL: none)? */
bool	 access_names(const struct access_rule *r,
	    const struct principal *who, const char *collection,
	    const char *projection);
/*
 * Does one of the patterns fit the name?  As the rule wants it: a claim that
 * cannot stand in a name fits where it denies.
 */
bool	 access_fits(const struct access_rule *r,
	    const struct access_patterns *list, const struct principal *who,
	    const char *name);

#endif
