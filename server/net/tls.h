/*
 * tls: the certificate that clients are shown; private to server/net.
 *
 * lws makes and feeds the connections; which certificate they get is decided
 * here, so that a new pair of files is looked at whole before the old one is
 * let go.
 */
#ifndef NET_TLS_H
#define NET_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct conn;
struct net;
struct lws_context_creation_info;

/* Does this net speak TLS to clients? */
bool	 tls_is_on(const struct net *net);
/* What lws must know to make the vhost with TLS. */
void	 tls_fill(struct lws_context_creation_info *info);
/* lws has made the vhost's context (an SSL_CTX): set it up. */
void	 tls_adopt(struct net *net, void *ssl_ctx);
void	 tls_done(struct net *net);
/* Read the pair of files and use it from now on; false: why, and nothing changed. */
bool	 tls_load(struct net *net, char *why, size_t why_size);
/* Load again if the files have changed; looks at most once in a while. */
void	 tls_tick(struct net *net, uint64_t now_ms);

/*
 * As send and recv without waiting, past lws, with TLS or not: bytes moved, 0
 * when it would have to wait, -1 when the connection is over.
 */
long	 tls_send(struct conn *c, const void *bytes, size_t len);
long	 tls_receive(struct conn *c, void *bytes, size_t len);
/* We say nothing more. */
void	 tls_shut(struct conn *c);

#endif
