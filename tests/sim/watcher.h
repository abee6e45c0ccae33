/*
 * watcher: a client that follows one query and nothing else, as sharedb's
 * lib/client/query.js does.
 *
 * It holds the server to its word: steps that fit the list it has, ops
 * without gaps for what is in it; and of what it fetches besides, nothing
 * older than what was stored when it asked.  At the end its list is what the store finds.
 */
#ifndef TESTS_SIM_WATCHER_H
#define TESTS_SIM_WATCHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/sim/client.h"

struct watcher {
	struct client	*client;
	unsigned	 shape;		/* which query */
	unsigned	 id;		/* of the latest qs */
	enum reading	 reading;
	bool		 has_result;	/* order and v are from the server */
	bool		 names_it;	/* the qs said what it has */
	unsigned	 order[CLIENT_DOCS];	/* documents' numbers */
	unsigned	 n;
	bool		 has_v[CLIENT_DOCS];
	uint64_t	 v[CLIENT_DOCS];	/* as far as heard */
	bool		 is_fetching;	/* a qf without answer */
	uint64_t	 min[CLIENT_DOCS];	/* the store's when it was asked */
	uint64_t	 count;
};

struct watcher	*watcher_new(struct client *c);
void	watcher_connected(struct watcher *wr);
void	watcher_lost(struct watcher *wr);
void	watcher_act(struct watcher *wr);
bool	watcher_settle(struct watcher *wr);
void	watcher_hear(struct watcher *wr, const char *text, size_t len);
/* At the end: what it has is what the store finds. */
void	watcher_check(const struct watcher *wr);

#endif
