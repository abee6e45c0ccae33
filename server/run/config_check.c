/*
 * config_check: settings that are right one by one and wrong together.
 */
#include <stdlib.h>
#include <string.h>

#include "auth/keys.h"
#include "bus/loss.h"
#include "bus/redis_url.h"
#include "net/net.h"
#include "run/address.h"
#include "run/config_catalog.h"

static bool
begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

bool
config_shares_store(const struct config *c)
{
	return !begins(c->store, "sqlite:");
}

static int
check_listen(const struct config *c, char *why)
{
	static const char form[] = "an address is HOST:PORT with a numeric host "
	    "or localhost, [HOST]:PORT for IPv6";
	struct address a;
	size_t i;

	if (c->listen.n == 0) {
		snprintf(why, CONFIG_WHY, "--listen: at least one address must "
		    "be served");
		return -1;
	}
	for (i = 0; i < c->listen.n; i++) {
		if (!address_parse(c->listen.text[i], &a)) {
			snprintf(why, CONFIG_WHY, "--listen: \"%.200s\" is not "
			    "allowed: %s", c->listen.text[i], form);
			return -1;
		}
		if (!a.loopback && c->auth == AUTH_NONE && !c->insecure) {
			snprintf(why, CONFIG_WHY, "--listen %.200s with --auth "
			    "none lets anybody who reaches it read and write "
			    "everything; say --insecure if that is meant",
			    c->listen.text[i]);
			return -1;
		}
	}
	if (c->admin_listen[0] != '\0' && !address_parse(c->admin_listen, &a)) {
		snprintf(why, CONFIG_WHY, "--admin-listen: \"%.200s\" is not "
		    "allowed: %s", c->admin_listen, form);
		return -1;
	}
	return 0;
}

static int
check_list(const struct config_list *list, const char *flag,
    bool (*is_valid)(const char *), const char *form, char *why)
{
	for (size_t i = 0; i < list->n; i++) {
		if (is_valid(list->text[i]))
			continue;
		snprintf(why, CONFIG_WHY, "%s: \"%.200s\" is not allowed: %s",
		    flag, list->text[i], form);
		return -1;
	}
	return 0;
}

static int
check_door(const struct config *c, char *why)
{
	if (check_list(&c->origins, "--origins", net_origin_is_valid,
	    "an origin is https://HOST or https://*.HOST, with :PORT or "
	    "without", why) != 0 ||
	    check_list(&c->trusted_proxies, "--trusted-proxies",
	    net_address_is_valid, "it takes addresses, or blocks as "
	    "10.0.0.0/8", why) != 0)
		return -1;
	if ((*c->tls_cert == '\0') != (*c->tls_key == '\0')) {
		snprintf(why, CONFIG_WHY, "%s: a certificate and its key go "
		    "together; give %s too", *c->tls_cert == '\0' ?
		    "--tls-key" : "--tls-cert", *c->tls_cert == '\0' ?
		    "--tls-cert" : "--tls-key");
		return -1;
	}
	return 0;
}

static int
check_store(const struct config *c, char *why)
{
	if (!begins(c->store, "postgres://") &&
	    !begins(c->store, "postgresql://") && !begins(c->store, "sqlite:")) {
		snprintf(why, CONFIG_WHY, "--store: a store is sqlite:PATH or "
		    "postgres://...");
		return -1;
	}
	if (strcmp(c->store, "sqlite:") == 0) {
		snprintf(why, CONFIG_WHY, "--store: sqlite: wants a path behind");
		return -1;
	}
	return 0;
}

static int
check_real_bus(const char *url, char *why)
{
	struct redis_url u;
	char fault[256];

	if (strcmp(url, "local") == 0)
		return 0;
	if (begins(url, "rediss://")) {
		snprintf(why, CONFIG_WHY, "--bus: Redis over TLS is not "
		    "supported; use redis:// through a tunnel or a private "
		    "network");
		return -1;
	}
	if (redis_url_parse(url, &u, fault, sizeof(fault)) != 0) {
		snprintf(why, CONFIG_WHY, "--bus: a bus is local or "
		    "redis://[:password@]host:port[/prefix]: %s", fault);
		return -1;
	}
	redis_url_done(&u);
	return 0;
}

/* Tests ask for one that loses words, see bus/loss.h. */
static int
check_bus(const struct config *c, char *why)
{
	struct loss *loss;
	char *real = NULL, fault[256];
	int rc;

	if (!loss_is_asked(c->bus))
		return check_real_bus(c->bus, why);
	if ((loss = loss_new(c->bus, &real, fault, sizeof(fault))) == NULL) {
		snprintf(why, CONFIG_WHY, "--bus: %s", fault);
		return -1;
	}
	loss_free(loss);
	rc = check_real_bus(real, why);
	free(real);
	return rc;
}

static int
check_workers(const struct config *c, char *why)
{
	if (c->workers == 1)
		return 0;
	if (!config_shares_store(c)) {
		snprintf(why, CONFIG_WHY, "--workers %llu: the embedded store "
		    "serves one worker; use --store postgres://... for more",
		    (unsigned long long)c->workers);
		return -1;
	}
	if (strcmp(c->bus, "local") == 0 || begins(c->bus, "lossy+local")) {
		snprintf(why, CONFIG_WHY, "--workers %llu with --bus local: the "
		    "workers would not hear each other; use --bus redis://...",
		    (unsigned long long)c->workers);
		return -1;
	}
	return 0;
}

unsigned
config_algorithms(const struct config *c)
{
	unsigned algorithms = 0;
	size_t i;

	for (i = 0; i < c->jwt_algorithms.n; i++)
		algorithms |= key_algorithm_named(c->jwt_algorithms.text[i]);
	return algorithms;
}

static int
check_secret(const struct config *c, char *why)
{
	struct keys keys;
	char fault[KEYS_WHY];
	bool good;

	if (c->jwt_secret[0] == '\0')
		return 0;
	keys_init(&keys);
	good = keys_add_secret(&keys, c->jwt_secret, strlen(c->jwt_secret),
	    config_algorithms(c), fault);
	keys_done(&keys);
	if (good)
		return 0;
	snprintf(why, CONFIG_WHY, "--jwt-secret: %s", fault);
	return -1;
}

static int
check_auth(const struct config *c, char *why)
{
	size_t i;

	for (i = 0; i < c->jwt_algorithms.n; i++)
		if (key_algorithm_named(c->jwt_algorithms.text[i]) == 0) {
			snprintf(why, CONFIG_WHY, "--jwt-algorithms: \"%.60s\" "
			    "is not allowed: HS256, RS256, ES256, and the same "
			    "with 384 and 512 are", c->jwt_algorithms.text[i]);
			return -1;
		}
	if (config_algorithms(c) == 0) {
		snprintf(why, CONFIG_WHY, "--jwt-algorithms: none is allowed");
		return -1;
	}
	if (c->users && c->auth != AUTH_JWT) {
		snprintf(why, CONFIG_WHY, "--users on wants --auth jwt: "
		    "otherwise nobody is asked who they are");
		return -1;
	}
	if (c->auth == AUTH_JWT && c->jwt_secret[0] == '\0' &&
	    c->jwt_key.n == 0 && c->jwt_jwks[0] == '\0' && !c->users) {
		snprintf(why, CONFIG_WHY, "--auth jwt wants something that "
		    "verifies tokens: --jwt-secret, --jwt-key, --jwt-jwks, or "
		    "--users on");
		return -1;
	}
	return check_secret(c, why);
}

int
config_check(const struct config *c, char *why)
{
	if (check_auth(c, why) != 0 || check_listen(c, why) != 0 ||
	    check_store(c, why) != 0 || check_bus(c, why) != 0 ||
	    check_workers(c, why) != 0 || check_door(c, why) != 0 ||
	    config_catalog_check(c, why) != 0)
		return -1;
	if (c->idle_timeout <= c->ping_interval) {
		snprintf(why, CONFIG_WHY, "--idle-timeout: it must be longer than "
		    "--ping-interval, or every silent client is closed");
		return -1;
	}
	return 0;
}
