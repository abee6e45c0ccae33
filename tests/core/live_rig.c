#include "tests/core/live_rig.h"

/* Others have what is granted to them, and may create. */
#define RULES	"{'rules':[{'name':'ann','who':{'subjects':['ann']}," \
		"'allow':'*'},{'name':'make','who':'authenticated'," \
		"'allow':['create','query'],'collections':['c']}]," \
		"'grants':['c']}"

struct session *
live_enter(struct live *w, const char *src, const char *claims)
{
	struct principal *who = principal_of(claims, NULL);

	who->issued_s = NOW_S - 10;
	return rig_open_as(&w->r, src, who, 0);
}

void
live_begin(struct live *w)
{
	rig_start(&w->r);
	hub_set_access(w->r.hub, rules_of(RULES));
	hub_clock(w->r.hub, NOW_S * 1000LL);
	w->ann = live_enter(w, "A", "{'sub':'ann'}");
	w->bob = live_enter(w, "B", "{'sub':'bob'}");
	rig_say_over(&w->r, w->ann, CREATE_X);
}

void
live_grant(struct live *w, const char *subject, enum access_role role,
    int64_t expires_ms)
{
	pretend_grant(&w->r.store, "c", "x", subject, role, expires_ms);
	hub_regrant(w->r.hub, "c", "x", subject);
	rig_run(&w->r);
}

void
live_must_be_closed(const struct session *ss, enum session_close code)
{
	const char *reason;

	assert_int_equal(session_closing(ss, &reason), code);
}
