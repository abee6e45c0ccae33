/*
 * pages: what HTTP shows besides documents: /livez, /readyz, /metrics,
 * /version, and the studio; and POST /drain, which sends the server away.
 */
#ifndef RUN_PAGES_H
#define RUN_PAGES_H

#include <stdbool.h>

#include "net/net.h"
#include "run/metrics.h"

struct pages;

/* What the pages look at; borrowed, and must outlive them. */
struct pages_subject {
	const struct store		*store;
	const struct bus		*bus;
	const struct metrics_board	*board;
	const bool			*draining;
	void				(*count)(void *arg);	/* brings the board up to date */
	void				(*leave)(void *arg);	/* begins to drain, once */
	void				*arg;
};

/* Copies subject. */
struct pages	*pages_new(const struct pages_subject *subject);
void		 pages_free(struct pages *p);	/* NULL is fine */
/* Lent until pages_free. */
const struct net_site *pages_site(const struct pages *p);

#endif
