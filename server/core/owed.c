#include "core/owed.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/doc.h"
#include "core/grant.h"
#include "core/may.h"
#include "core/session_in.h"

struct owed {
	char			*collection;	/* NULL: any */
	char			*projection;	/* the name it was asked by; NULL: its own */
	char			*id;		/* NULL: any */
	enum access_action	 action;
};

static char *
copy(const char *s)
{
	return s != NULL ? mem_copy(s, strlen(s)) : NULL;
}

struct owed *
owed_new(const struct hub *h, const struct about *about,
    enum access_action action)
{
	struct owed *o;

	if (h->access == NULL)
		return NULL;
	o = mem_get(sizeof(*o));
	o->collection = copy(about->collection);
	o->projection = copy(about->projection);
	o->id = copy(about->id);
	o->action = action;
	return o;
}

void
owed_free(struct owed *o)
{
	if (o == NULL)
		return;
	free(o->collection);
	free(o->projection);
	free(o->id);
	free(o);
}

static bool
may_show(const struct owed *o, const char *collection, const char *id)
{
	return (o->id == NULL || strcmp(o->id, id) == 0) &&
	    (o->collection == NULL || strcmp(o->collection, collection) == 0);
}

static enum access_verdict
verdict(const struct owed *o, const struct session *ss,
    const char *collection, const char *id, const struct grants *grants)
{
	struct about about = { collection, o->projection, id, grants };

	return may(ss->hub, ss->who, o->action, &about);
}

bool
owed_is_sure(const struct owed *o, const struct session *ss)
{
	struct list *node, *next;
	const struct doc *d;

	LIST_EACH(&ss->hub->regranting, node, next) {
		d = LIST_ITEM(node, struct doc, in_regrant);
		if (may_show(o, d->collection, d->id) &&
		    verdict(o, ss, d->collection, d->id, NULL) != ACCESS_YES)
			return false;
	}
	return true;
}

bool
owed_is_about(const struct session *ss, const char *collection,
    const char *id)
{
	const struct owed *o;
	uint32_t i;

	for (i = 0; i < ss->out_n; i++) {
		o = session_owed(ss, i);
		if (o != NULL && may_show(o, collection, id))
			return true;
	}
	return false;
}

static void
recheck(struct session *ss, const struct doc *d, const struct grants *grants)
{
	const struct owed *o;
	uint32_t i;

	for (i = 0; i < ss->out_n; i++) {
		o = session_owed(ss, i);
		if (o != NULL && may_show(o, d->collection, d->id) &&
		    verdict(o, ss, d->collection, d->id, grants) !=
		    ACCESS_YES)
			session_deny(ss);
	}
}

void
owed_recheck(struct doc *d, const struct grants *grants)
{
	struct list *node, *next;
	struct session *ss;

	LIST_EACH(&d->hub->sessions, node, next) {
		ss = LIST_ITEM(node, struct session, node);
		if (ss->out_n == 0)
			continue;
		recheck(ss, d, grants);
		session_wake(ss);
	}
}

void
owed_recheck_rules(struct session *ss)
{
	const struct owed *o;
	uint32_t i;

	for (i = 0; i < ss->out_n; i++) {
		if ((o = session_owed(ss, i)) == NULL)
			continue;
		if (o->id == NULL) {
			session_deny(ss);
			continue;
		}
		switch (verdict(o, ss, o->collection, o->id, NULL)) {
		case ACCESS_YES:
			break;
		case ACCESS_NO:
			session_deny(ss);
			break;
		case ACCESS_ASK_GRANTS:
			doc_regrant(hub_doc(ss->hub, o->collection, o->id));
			break;
		}
	}
}
