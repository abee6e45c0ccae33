/*
 * proxy: where a client behind proxies of ours is; private to server/net.
 */
#ifndef NET_PROXY_H
#define NET_PROXY_H

#include <stdbool.h>
#include <stddef.h>

struct conn;
struct net;

/* The trusted proxies of the settings; false: why names the one that is none. */
bool	 proxy_init(struct net *net, char *why, size_t why_size);
void	 proxy_done(struct net *net);
bool	 proxy_is_trusted(const struct net *net, const char *address);
/*
 * The head of a request is here: where its client is, if a trusted proxy
 * brought it, and whether it came by TLS; into c.
 */
void	 proxy_look_behind(struct conn *c);

#endif
