/*
 * ip: addresses of IPv4 and IPv6, and blocks of them; private to server/net.
 *
 * As bytes an address has 16: IPv4 is ::ffff:a.b.c.d.
 */
#ifndef NET_IP_H
#define NET_IP_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

/* Room for an address as text. */
#define IP_TEXT	INET6_ADDRSTRLEN

/* A block: the first bits count. */
struct ip_block {
	unsigned char	bytes[16];
	unsigned	bits;		/* 0 to 128 */
};

/* False: it is no address. */
bool	 ip_parse(const char *text, unsigned char *bytes);
/* One form for each, IPv4 in its own. */
void	 ip_write(const unsigned char *bytes, char *text,
	    size_t size);
/* A peer's, without its port; "" for what is no Internet address. */
void	 ip_write_peer(const struct sockaddr *peer, char *text, size_t size);
/*
 * What limits count by: IPv4 whole, of IPv6 the 64 bits that one customer has
 * at least.
 */
void	 ip_key(const char *address, char *key, size_t size);

/*
 * An entry of X-Forwarded-For, of len bytes: an address, which some proxies
 * write with a port, blanks around it.  False: it is none, "unknown" for
 * example.
 */
bool	 ip_read_entry(const char *entry, size_t len, char *address,
	    size_t size);

/* "10.0.0.0/8", "::1", "192.0.2.7"; false: it is none. */
bool	 ip_block_parse(const char *text, struct ip_block *out);
bool	 ip_block_has(const struct ip_block *b,
	    const unsigned char *bytes);

#endif
