#include "gate.h"

#include <stdlib.h>
#include <string.h>

#include "auth/gate.h"
#include "base/list.h"
#include "base/mem.h"

#define LATER_MS	50

struct gate {
	struct loop	*loop;
	bool		 anonymous;
	struct list	 waits;
};

struct wait {
	struct list		 node;
	struct loop_timer	*timer;
	gate_settle		*settle;
	void			*arg;
	char			*name;		/* NULL: refused */
};

struct gate *
gate_open(struct loop *loop, bool anonymous)
{
	struct gate *g = mem_get(sizeof(*g));

	g->loop = loop;
	g->anonymous = anonymous;
	list_init(&g->waits);
	return g;
}

void
gate_close(struct gate *g)
{
	if (g != NULL && !list_empty(&g->waits))
		bug("gate: somebody still waits");
	free(g);
}

static struct principal *
principal_named(const char *name, const char *link)
{
	struct principal *p = mem_get(sizeof(*p));

	p->refs = 1;
	p->subject = mem_copy(name, strlen(name));
	if (link != NULL)
		p->link = mem_copy(link, strlen(link));
	return p;
}

static void
wait_free(struct wait *w)
{
	list_remove(&w->node);
	loop_timer_free(w->timer);
	free(w->name);
	free(w);
}

static void
on_due(void *arg)
{
	struct wait *w = arg;
	gate_settle *settle = w->settle;
	void *whose = w->arg;
	struct principal *who = w->name == NULL ? NULL :
	    principal_named(w->name, NULL);

	wait_free(w);
	settle(whose, who != NULL ? GATE_IN : GATE_OUT, who,
	    who != NULL ? NULL : "it was slow and bad");
}

static enum gate_verdict
later(struct gate *g, const char *name, gate_settle *settle, void *arg,
    void **wait_out)
{
	struct wait *w = mem_get(sizeof(*w));

	if (strcmp(name, "bad") != 0)
		w->name = mem_copy(name, strlen(name));
	w->settle = settle;
	w->arg = arg;
	w->timer = loop_timer_new(g->loop, on_due, w);
	loop_timer_start(w->timer, LATER_MS);
	list_push(&g->waits, &w->node);
	*wait_out = w;
	return GATE_LATER;
}

enum gate_verdict
gate_check(struct gate *g, const struct gate_shown *shown, gate_settle *settle,
    void *arg, struct principal **who_out, const char **why_out,
    void **wait_out)
{
	if (shown->ticket != NULL)
		return later(g, shown->ticket, settle, arg, wait_out);
	if (shown->token == NULL) {
		*why_out = "no token is shown";
		return g->anonymous ? GATE_IN : GATE_OUT;
	}
	if (strncmp(shown->token, "slow-", 5) == 0)
		return later(g, shown->token + 5, settle, arg, wait_out);
	if (strncmp(shown->token, "good-", 5) == 0) {
		*who_out = principal_named(shown->token + 5, shown->link);
		return GATE_IN;
	}
	*why_out = "the token's \"sub\" is bad";
	return GATE_OUT;
}

void
gate_forget(struct gate *g, void *wait)
{
	(void)g;
	wait_free(wait);
}
