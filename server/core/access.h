/*
 * access: who may do what: rules as data, and grants.
 *
 *	principal --.
 *	action -----+--> rules, grants of the document --> yes, no, by which rule
 *	document ---'
 *
 * The rules are one JSON document (docs/ACCESS.md), immutable once parsed,
 * counted, replaced whole.  What no rule allows is denied; a rule that denies
 * beats all that allow; their order means nothing.  Without rules at all
 * (NULL) everything is allowed: --auth none.
 *
 * Nothing that a principal's claims hold widens what a rule allows: a pattern
 * whose claim is absent fits nothing, and one whose claim cannot stand in a
 * name fits nothing where a rule allows, everything where it denies.
 */
#ifndef CORE_ACCESS_H
#define CORE_ACCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/principal.h"
#include "ot/buf.h"
#include "ot/ot_err.h"

enum access_action {
	ACCESS_READ,		/* content, and the ops that change it */
	ACCESS_CREATE,
	ACCESS_EDIT,
	ACCESS_DELETE,
	ACCESS_HISTORY,		/* former content, former ops, who wrote them */
	ACCESS_PRESENCE,	/* see who is here and be seen */
	ACCESS_QUERY,		/* find among the documents that may be read */
	ACCESS_ADMIN,		/* grants of a document; without one: users, tokens, hooks */
};
#define ACCESS_ACTIONS	(ACCESS_ADMIN + 1)

/*
 * What a grant gives where the rules' "grants" names the collection; each more
 * than the one before.  Other rules may ask for a role and give what they like.
 */
enum access_role {
	ROLE_NONE,
	ROLE_VIEWER,		/* read, query */
	ROLE_COMMENTER,		/* and presence */
	ROLE_EDITOR,		/* and edit, history */
	ROLE_OWNER,		/* and delete, admin */
};

struct grant {
	char		*subject;	/* of a principal; or its link */
	enum access_role role;
	int64_t		 expires_ms;	/* since 1970; 0: never */
};

/* All of one document. */
struct grants {
	struct grant	*all;		/* heap */
	size_t		 n;
};

struct access;

/* What is asked; everything borrowed. */
struct access_question {
	const struct principal	*who;	/* NULL: nobody known */
	enum access_action	 action;
	const char		*collection;	/* as in the store; NULL: the server, or a channel */
	/*
	 * The projection's name by which it is asked for; NULL: its own.  Rules
	 * that name it count as if they named the collection.
	 */
	const char		*projection;
	const char		*id;	/* NULL: the collection as a whole: anything in it? */
	const char		*channel;	/* of presence that is not about a document */
	const struct grants	*grants;	/* of the document; NULL: not looked up */
	int64_t			 now_ms;	/* since 1970 */
};

enum access_verdict {
	ACCESS_NO,
	ACCESS_YES,
	ACCESS_ASK_GRANTS,	/* only with grants NULL: they would decide */
};

#define ACCESS_WHY	160	/* room for a reason, bytes */
#define ACCESS_BYTES_MAX	(1u << 20)	/* the whole text of rules */
#define ACCESS_RULES_MAX	1000
#define ACCESS_LIST_MAX		1000	/* of names, patterns, values in one place */
#define ACCESS_NAME_MAX		100	/* bytes of a rule's name */

/*
 * Parse rules.  0 and one count; or a code with err->text naming the rule, the
 * field and what is wrong.
 */
int		 access_parse(const char *json, size_t len_bytes,
		    struct access **access_out, struct ot_err *err)
		    OT_MUST_CHECK;
struct access	*access_ref(struct access *a);
void		 access_unref(struct access *a);	/* NULL is fine */

/*
 * a NULL: yes.  why (ACCESS_WHY bytes, or NULL) names the rule that decided,
 * or says that none allows it.  O(rules), no allocation.
 */
enum access_verdict access_check(const struct access *a,
		    const struct access_question *q, char *why);
/*
 * The same, and the name of the rule that decided, borrowed: of those that
 * deny or else allow the first in the text; NULL: none did.
 */
enum access_verdict access_explain(const struct access *a,
		    const struct access_question *q, const char **rule_out);
/* Do grants count anywhere in this collection? */
bool		 access_has_grants(const struct access *a,
		    const char *collection);
/*
 * What a query of this principal may see, in the filter language: appended to
 * out is one object of conditions on "_id", to be put beside the query's own
 * in an $and; nothing, "", when it may see everything of the collection.
 * granted are the ids for which access_check says yes to ACCESS_READ with
 * their grants; more of them do no harm where a rule denies, but do where
 * none does.  False: it may see nothing.
 */
bool		 access_filter(const struct access *a,
		    const struct principal *who, const char *collection,
		    char *const *granted, size_t n_granted, struct buf *out);
/* The same through a projection; its name, or NULL. */
bool		 access_filter_by(const struct access *a,
		    const struct principal *who, const char *collection,
		    const char *projection, char *const *granted,
		    size_t n_granted, struct buf *out);

/* "read" and so on; NULL and -1 for none. */
const char	*access_action_name(enum access_action action);
int		 access_action_named(const char *name);
const char	*access_role_name(enum access_role role);
int		 access_role_named(const char *name);

/* Copies the subject. */
void		 grants_add(struct grants *g, const char *subject,
		    enum access_role role, int64_t expires_ms);
void		 grants_done(struct grants *g);

#endif
