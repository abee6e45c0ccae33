/*
 * redis_url: where a Redis is, taken from redis://[[user]:password@]host[:port][/prefix].
 */
#ifndef BUS_REDIS_URL_H
#define BUS_REDIS_URL_H

#include <stddef.h>

struct redis_url {
	char	*user;		/* NULL: the default user */
	char	*password;	/* NULL: none */
	char	*host;		/* name or address, an IPv6 one without brackets */
	int	 port;		/* 6379 unless said */
	char	*prefix;	/* of our channels; "otd" unless said */
};

/*
 * Take a URL apart; its parts may be percent-encoded (RFC 3986, section 2.1).
 * 0, or -1 with the reason in why, which never shows the password; then *out
 * is untouched.
 */
int	 redis_url_parse(const char *url, struct redis_url *out, char *why,
	    size_t why_len);
void	 redis_url_done(struct redis_url *u);

#endif
