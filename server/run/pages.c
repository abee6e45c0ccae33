/*
 * pages: see pages.h.
 *
 * livez says that the loop turns; readyz whether clients should be sent here:
 * not while draining, nor while the store does not answer.  Without the bus
 * otd serves on, and hears of other processes by the sweep: degraded.  All but
 * drain only look.
 */
#include "run/pages.h"

#include <config.h>
#include <stdlib.h>

#include "base/mem.h"
#include "run/assets.h"

#define N_PAGES	5

struct pages {
	struct pages_subject	 subject;
	struct net_page		 page[N_PAGES];
	struct net_asset	*assets;	/* heap */
	struct net_site		 site;
};

static int
page_livez(const struct net_request *request, struct buf *body, void *arg)
{
	(void)request;
	(void)arg;
	buf_puts(body, "{\"status\":\"alive\"}\n");
	return 200;
}

static int
page_readyz(const struct net_request *request, struct buf *body, void *arg)
{
	const struct pages_subject *s = &((struct pages *)arg)->subject;
	struct store_health store;
	struct bus_health bus;
	bool ready;

	(void)request;
	s->store->ops->health(s->store, &store);
	s->bus->ops->health(s->bus, &bus);
	ready = store.up && !*s->draining;
	if (ready && bus.up) {
		buf_puts(body, "{\"status\":\"ready\"}\n");
		return 200;
	}
	buf_puts(body, ready ? "{\"status\":\"degraded\",\"reasons\":[" :
	    "{\"status\":\"unavailable\",\"reasons\":[");
	if (*s->draining)
		buf_puts(body, "\"draining\",");
	if (!store.up)
		buf_puts(body, "\"the store is away\",");
	if (!bus.up)
		buf_puts(body, "\"the bus is away\",");
	body->len--;		/* the last comma */
	buf_puts(body, "]}\n");
	return ready ? 200 : 503;
}

static int
page_metrics(const struct net_request *request, struct buf *body, void *arg)
{
	const struct pages_subject *s = &((struct pages *)arg)->subject;

	(void)request;
	s->count(s->arg);
	metrics_show(s->board, body);
	return 200;
}

static int
page_version(const struct net_request *request, struct buf *body, void *arg)
{
	(void)request;
	(void)arg;
	buf_puts(body, "{\"name\":\"" PACKAGE_NAME "\",\"version\":\""
	    PACKAGE_VERSION "\",\"protocol\":\"1.2\"}\n");
	return 200;
}

/*
 * Only where no client comes, that is at --admin-listen; and not for a web
 * page, which somebody who can reach that address may have opened.
 */
static int
page_drain(const struct net_request *request, struct buf *body, void *arg)
{
	const struct pages_subject *s = &((struct pages *)arg)->subject;

	if (!request->apart || request->by_page) {
		buf_puts(body, "{\"status\":\"refused\",\"reasons\":[\"");
		buf_puts(body, request->apart ? "a web page may not ask this" :
		    "this is asked at the address of --admin-listen");
		buf_puts(body, "\"]}\n");
		return 403;
	}
	s->leave(s->arg);
	buf_puts(body, "{\"status\":\"draining\"}\n");
	return 202;
}

struct pages *
pages_new(const struct pages_subject *subject)
{
	struct pages *p = mem_get(sizeof(*p));
	const struct net_page table[N_PAGES] = {
		{ "/livez", NET_GET, "application/json", page_livez, p,
		    false },
		{ "/readyz", NET_GET, "application/json", page_readyz, p,
		    false },
		{ "/metrics", NET_GET, "text/plain; version=0.0.4",
		    page_metrics, p, false },
		{ "/version", NET_GET, "application/json", page_version, p,
		    false },
		{ "/drain", NET_POST, "application/json", page_drain, p,
		    true },
	};
	size_t i, n;

	p->subject = *subject;
	for (i = 0; i < N_PAGES; i++)
		p->page[i] = table[i];
	for (n = 0; demo_assets[n].path != NULL; n++)
		;
	p->assets = mem_get((n + 1) * sizeof(p->assets[0]));
	for (i = 0; i < n; i++)
		p->assets[i] = (struct net_asset){
			demo_assets[i].path, demo_assets[i].type,
			demo_assets[i].bytes, demo_assets[i].len,
			demo_assets[i].gzip, demo_assets[i].gzip_len,
			demo_assets[i].lasting,
		};
	p->site = (struct net_site){ p->page, N_PAGES, p->assets, n };
	return p;
}

void
pages_free(struct pages *p)
{
	if (p == NULL)
		return;
	free(p->assets);
	free(p);
}

const struct net_site *
pages_site(const struct pages *p)
{
	return &p->site;
}
