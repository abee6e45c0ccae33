/*
 * rest, as its files see it; rest.h is the part for everybody else.
 */
#ifndef REST_REST_IN_H
#define REST_REST_IN_H

#include "base/list.h"
#include "base/table.h"
#include "rest/call.h"
#include "rest/rest.h"

struct rest {
	struct hub		*hub;
	struct desk		*desk;
	struct gate		*gate;		/* NULL: nobody is known */
	struct rest_settings	 settings;
	struct net_api		 api;
	struct list		 calls;		/* struct rest_call.node: not over */
	struct table		 once;		/* struct once.in_rest: keys under way */
	struct list		 timers;	/* struct rest_timer.node */
	struct list		 streams;	/* struct stream.node: begun */
	size_t			 n_streams;
	struct events		*events;	/* owned; NULL: none */
	struct list		 over;		/* the same: to be freed, once no job is out */
	uint64_t		 now_ms;
	int64_t			 wall_ms;
	uint64_t		 prune_ms;	/* when kept answers are looked at next; 0: not set */
	bool			 is_stopped;
};

/* Unguessable: 16 random bytes as 32 hexadecimal digits and a NUL. */
void	 rest_random_id(char id[33]);

/* ---- call.c ---- */

void	 rest_begin(struct net_call *net, void *arg);
void	 rest_gone(struct net_call *net, void *arg);
void	 rest_drained(struct net_call *net, void *arg);
/* Nothing of it is called any more; freed by the next tick. */
void	 rest_call_over(struct rest_call *call);
void	 rest_call_free(struct rest_call *call);

/* ---- talk.c ---- */

/* Leave the hub. */
void	 talk_end(struct rest_call *call);

#endif
