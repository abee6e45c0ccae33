#include "store/pg_hosts.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ot/buf.h"

#define HOSTS_MAX	32

struct host {
	char	*host, *hostaddr, *port;	/* owned; NULL: libpq's default */
	char	*name;			/* for the log; owned */
};

struct pg_hosts {
	PQconninfoOption *options;	/* as the URI says */
	struct host	  hosts[HOSTS_MAX];
	size_t		  n;
};

/* What holds unless the URI says otherwise. */
static const struct { const char *keyword, *value; } defaults[] = {
	{ "fallback_application_name", "otd" },
	{ "target_session_attrs", "read-write" },
	{ "tcp_user_timeout", "15000" },	/* milliseconds */
	{ "keepalives_idle", "30" },		/* seconds */
	{ "keepalives_interval", "10" },	/* seconds */
	{ "keepalives_count", "3" },
};

/* What we set ourselves, whatever the URI says. */
static bool
is_ours(const char *keyword)
{
	return strcmp(keyword, "host") == 0 ||
	    strcmp(keyword, "hostaddr") == 0 || strcmp(keyword, "port") == 0 ||
	    strcmp(keyword, "client_encoding") == 0;
}

static const char *
option(const struct pg_hosts *h, const char *keyword)
{
	const PQconninfoOption *o;

	for (o = h->options; o->keyword != NULL; o++)
		if (strcmp(o->keyword, keyword) == 0)
			return o->val;
	return NULL;
}

/* The i-th part of a list with commas; NULL when it is empty or not there. */
static char *
part(const char *list, size_t i)
{
	size_t len;

	if (list == NULL)
		return NULL;
	while (i-- > 0) {
		if ((list = strchr(list, ',')) == NULL)
			return NULL;
		list++;
	}
	len = strcspn(list, ",");
	return len > 0 ? mem_copy(list, len) : NULL;
}

static size_t
parts(const char *list)
{
	size_t n = 1;

	if (list == NULL)
		return 0;
	while ((list = strchr(list, ',')) != NULL) {
		list++;
		n++;
	}
	return n;
}

static bool
is_address(const char *host)
{
	unsigned char addr[16];

	return inet_pton(AF_INET, host, addr) == 1 ||
	    inet_pton(AF_INET6, host, addr) == 1;
}

static void
host_fill(struct host *host, const struct pg_hosts *h, size_t i)
{
	const char *ports = option(h, "port");
	char name[300];

	host->host = part(option(h, "host"), i);
	host->hostaddr = part(option(h, "hostaddr"), i);
	host->port = part(ports, parts(ports) > 1 ? i : 0);
	if (host->hostaddr == NULL && host->host != NULL &&
	    is_address(host->host))
		host->hostaddr = mem_copy(host->host, strlen(host->host));
	snprintf(name, sizeof(name), "%s:%s",
	    host->host != NULL ? host->host :
	    host->hostaddr != NULL ? host->hostaddr : "default host",
	    host->port != NULL ? host->port : "default port");
	host->name = mem_copy(name, strlen(name));
}

struct pg_hosts *
pg_hosts_new(const char *url, char *why, size_t why_len)
{
	struct pg_hosts *h = mem_get(sizeof(*h));
	char *message = NULL;
	size_t i;

	h->options = PQconninfoParse(url, &message);
	if (h->options == NULL) {
		snprintf(why, why_len, "%s",
		    message != NULL ? message : "out of memory");
		why[strcspn(why, "\n")] = '\0';
		PQfreemem(message);
		free(h);
		return NULL;
	}
	h->n = parts(option(h, "host"));
	if (parts(option(h, "hostaddr")) > h->n)
		h->n = parts(option(h, "hostaddr"));
	if (h->n == 0)
		h->n = 1;
	if (h->n > HOSTS_MAX) {
		snprintf(why, why_len, "more than %d hosts", HOSTS_MAX);
		h->n = 0;
		pg_hosts_free(h);
		return NULL;
	}
	for (i = 0; i < h->n; i++)
		host_fill(&h->hosts[i], h, i);
	return h;
}

void
pg_hosts_free(struct pg_hosts *h)
{
	size_t i;

	if (h == NULL)
		return;
	for (i = 0; i < h->n; i++) {
		free(h->hosts[i].host);
		free(h->hosts[i].hostaddr);
		free(h->hosts[i].port);
		free(h->hosts[i].name);
	}
	PQconninfoFree(h->options);
	free(h);
}

size_t
pg_hosts_count(const struct pg_hosts *h)
{
	return h->n;
}

const char *
pg_hosts_name(const struct pg_hosts *h, size_t i)
{
	return h->hosts[i].name;
}

const char *
pg_hosts_unknown(const struct pg_hosts *h, size_t i)
{
	const struct host *host = &h->hosts[i];

	/* libpq's own rule for folders: fe-connect.c, is_unixsock_path. */
	if (host->hostaddr != NULL || host->host == NULL ||
	    host->host[0] == '/' || host->host[0] == '@')
		return NULL;
	return host->host;
}

/* The name once for each address, with commas; to be freed. */
static char *
name_for_each(const char *name, const char *addresses)
{
	struct buf b;
	size_t n = parts(addresses), len;
	char *list;

	buf_init(&b, SIZE_MAX);
	while (n-- > 0) {
		buf_puts(&b, name);
		buf_putc(&b, n > 0 ? ',' : '\0');
	}
	if ((list = buf_take(&b, &len)) == NULL)
		bug("out of memory");
	return list;
}

PGconn *
pg_hosts_connect(const struct pg_hosts *h, size_t i, const char *addresses)
{
	enum { MAX = 96 };
	const struct host *host = &h->hosts[i];
	char *names = NULL;
	PGconn *conn;
	const char *keywords[MAX + 1], *values[MAX + 1];
	const PQconninfoOption *o;
	size_t k, n = 0;

	for (k = 0; k < sizeof(defaults) / sizeof(defaults[0]); k++) {
		if (option(h, defaults[k].keyword) != NULL)
			continue;
		keywords[n] = defaults[k].keyword;
		values[n++] = defaults[k].value;
	}
	keywords[n] = "client_encoding";
	values[n++] = "UTF8";
	/* The name stays beside its addresses: certificates are held to it. */
	if (addresses != NULL)
		names = name_for_each(host->host, addresses);
	keywords[n] = "host";
	values[n++] = addresses != NULL ? names : host->host;
	keywords[n] = "hostaddr";
	values[n++] = addresses != NULL ? addresses : host->hostaddr;
	keywords[n] = "port";
	values[n++] = host->port;
	for (o = h->options; o->keyword != NULL; o++) {
		if (o->val == NULL || is_ours(o->keyword))
			continue;
		if (n == MAX)
			bug("libpq has more options than we know");
		keywords[n] = o->keyword;
		values[n++] = o->val;
	}
	keywords[n] = values[n] = NULL;
	conn = PQconnectStartParams(keywords, values, 0);
	free(names);
	return conn;
}
