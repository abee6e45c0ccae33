/*
 * live_rig: a hub with rules, and two who are there: ann, who may do all, and
 * bob, who may do what is granted to him, and create.
 */
#ifndef TESTS_CORE_LIVE_RIG_H
#define TESTS_CORE_LIVE_RIG_H

#include "tests/core/access_rig.h"
#include "tests/core/rig.h"

#define DENIED	"ERR_OTD_FORBIDDEN"
#define NOW_S	1000000		/* seconds since 1970 */

#define FETCH_X	"{'a':'f','c':'c','d':'x'}"
#define READ_X	"{'a':'s','c':'c','d':'x'}"
#define EDIT_X	"{'a':'op','c':'c','d':'x','v':1,'seq':9,'op':['!']}"
#define SHOWN_X	"'c':'c','d':'x','data':{'v':1,'data':'abc','type':'" \
		TEXT_URI "'}}"

#define CREATE_Y "{'a':'op','c':'c','d':'y','v':0,'seq':1,'create':" \
		"{'type':'text-unicode','data':'mine'}}"
#define EDIT_Y	"{'a':'op','c':'c','d':'y','v':1,'seq':2,'op':['1']}"

struct live {
	struct rig	 r;
	struct session	*ann, *bob;
};

/* After rig_init and limits; c/x is there, by ann. */
void		 live_begin(struct live *w);
/* Somebody else comes; their token was issued ten seconds ago. */
struct session	*live_enter(struct live *w, const char *src,
		    const char *claims);
/* c/x, in the store, and the hub is told. */
void		 live_grant(struct live *w, const char *subject,
		    enum access_role role, int64_t expires_ms);
void		 live_must_be_closed(const struct session *ss,
		    enum session_close code);

#endif
