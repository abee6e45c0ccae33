#include "tests/core/presence_rig.h"

#include <stdio.h>

void
say_p(struct rig *r, struct session *ss, const char *src, int pv,
    const char *value)
{
	char text[300];

	snprintf(text, sizeof(text), "{'a':'p','ch':'ch','id':'i','pv':%d,"
	    "'p':%s}", pv, value);
	rig_say(r, ss, text);
	snprintf(text, sizeof(text), "{'a':'p','ch':'ch','id':'i','pv':%d,"
	    "'p':%s,'src':'%s'}", pv, value, src);
	rig_hear(ss, text);
}

void
hear_p(struct session *ss, const char *src, int pv, const char *value)
{
	char text[300];

	snprintf(text, sizeof(text), "{'a':'p','ch':'ch','id':'i','pv':%d,"
	    "'p':%s,'src':'%s'}", pv, value, src);
	rig_hear(ss, text);
}

void
subscribe(struct rig *r, struct session *ss)
{
	struct frame *f;

	rig_say(r, ss, "{'a':'ps','ch':'ch','seq':1}");
	if (session_peek(ss) == NULL) {
		/* It waits until what others say is heard. */
		hub_hear(r->hub, word_new_topic(WORD_FOLLOWED, "ch/ch"));
		rig_run(r);
	}
	f = session_shift(ss);
	assert_non_null(f);
	frame_unref(f);
}

void
drop_all(struct session *ss)
{
	struct frame *f;

	while ((f = session_shift(ss)) != NULL)
		frame_unref(f);
}
