/*
 * events: what happens in collections, told to whoever follows: streams, and
 * webhooks.  One a process.
 */
#ifndef REST_EVENTS_H
#define REST_EVENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "rest/hook.h"
#include "rest/rest.h"

struct catalog;
struct desk;
struct fetcher;
struct outbox;

struct events_settings {
	uint64_t	retention_ms;	/* events are kept so long */
	bool		is_on;	/* some collection has events */
	bool		is_open;	/* everybody may read everything: nobody is asked */
	struct hook_settings hooks;
};

struct events {
	const struct catalog	*catalog;	/* borrowed */
	struct events_settings	 settings;
	struct outbox		*outbox;
	struct hooks		*hooks;
	uint64_t		 prune_ms;	/* old ones go again then */
};

void		 events_settings_default(struct events_settings *s);
/*
 * From now on rest has events.  All is borrowed and outlives rest; catalog
 * says which collections have any; node is this process among all.
 */
void		 rest_set_events(struct rest *r, const struct catalog *catalog,
		    struct fetcher *fetcher, uint64_t node,
		    const struct events_settings *s);
/* What the webhooks of this process have done. */
void		 rest_count_hooks(const struct rest *r,
		    struct hook_counts *counts_out);

/* ---- for rest.c; e may be NULL ---- */

bool		 events_are_quiet(const struct events *e);

void		 events_tick(struct events *e, uint64_t now_ms,
		    int64_t wall_ms);
/* Deliver no more; let others do it. */
void		 events_stop(struct events *e);
void		 events_free(struct events *e);

#endif
