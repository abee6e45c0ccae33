/*
 * X-Forwarded-For is a list to which each proxy adds, at its end, who spoke to
 * it.  What a client wrote itself stands before, so it is read from the end,
 * as long as those who added are trusted; the first who is not is the client.
 *
 * Forwarded (RFC 7239) is not read: lws shows one line of a header that it
 * does not know, and a client could send one before the proxy's.
 */
#include "net/proxy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "net/conn.h"
#include "net/http.h"

bool
proxy_init(struct net *net, char *why, size_t why_size)
{
	const struct net_settings *s = &net->settings;

	net->proxies = mem_get((s->n_proxies + 1) * sizeof(*net->proxies));
	for (size_t i = 0; i < s->n_proxies; i++) {
		if (!ip_block_parse(s->proxies[i], &net->proxies[i])) {
			snprintf(why, why_size, "\"%.100s\" is no address",
			    s->proxies[i]);
			return false;
		}
	}
	return true;
}

void
proxy_done(struct net *net)
{
	free(net->proxies);
}

bool
proxy_is_trusted(const struct net *net, const char *address)
{
	unsigned char bytes[16];

	if (net->settings.n_proxies == 0 || !ip_parse(address, bytes))
		return false;
	for (size_t i = 0; i < net->settings.n_proxies; i++)
		if (ip_block_has(&net->proxies[i], bytes))
			return true;
	return false;
}

static void
read_forwarded_for(struct conn *c, const char *list)
{
	const char *end = list + strlen(list), *begin;
	char address[IP_TEXT];

	while (proxy_is_trusted(c->net, c->address) && end > list) {
		for (begin = end; begin > list && begin[-1] != ','; begin--)
			;
		if (!ip_read_entry(begin, (size_t)(end - begin), address,
		    sizeof(address)))
			return;
		memcpy(c->address, address, sizeof(c->address));
		end = begin > list ? begin - 1 : list;
	}
}

void
proxy_look_behind(struct conn *c)
{
	struct arena a;
	const char *list, *proto, *last;

	c->secure = lws_is_ssl(c->wsi);
	if (!proxy_is_trusted(c->net, c->address))
		return;
	arena_init(&a);
	list = header_text(c, &a, WSI_TOKEN_X_FORWARDED_FOR);
	if (list != NULL)
		read_forwarded_for(c, list);
	proto = header_named(c, &a, "x-forwarded-proto:");
	if (proto != NULL) {
		last = strrchr(proto, ',');
		last = last != NULL ? last + 1 : proto;
		c->secure = strcasecmp(last + strspn(last, " "), "https") == 0;
	}
	arena_done(&a);
}
