#include "net/tls.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include "base/log.h"
#include "base/mem.h"
#include "net/conn.h"

#define LOOK_MS		2000	/* between looks at the files */

/* RFC 9325, 4.2.1 for TLS 1.2; those of 1.3 are all good. */
#define CIPHERS		"ECDHE+AESGCM:ECDHE+CHACHA20"

bool
tls_is_on(const struct net *net)
{
	return net->settings.tls_cert != NULL && *net->settings.tls_cert != '\0';
}

void
tls_fill(struct lws_context_creation_info *info)
{
	info->options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT |
	    LWS_SERVER_OPTION_CREATE_VHOST_SSL_CTX;
}

/* ---- the pair ---- */

struct tls_pair {
	X509		*cert;
	EVP_PKEY	*key;
	STACK_OF(X509)	*chain;		/* those above it */
};

static void
pair_free(struct tls_pair *p)
{
	if (p == NULL)
		return;
	X509_free(p->cert);
	EVP_PKEY_free(p->key);
	sk_X509_pop_free(p->chain, X509_free);
	free(p);
}

/* A key that wants a passphrase: nobody is here to type it. */
static int
no_passphrase(char *buf, int size, int writing, void *arg)
{
	(void)buf;
	(void)size;
	(void)writing;
	(void)arg;
	return -1;
}

static bool
pair_read_certs(struct tls_pair *p, const char *path)
{
	BIO *file = BIO_new_file(path, "r");
	X509 *above;

	if (file == NULL)
		return false;
	p->cert = PEM_read_bio_X509_AUX(file, NULL, no_passphrase, NULL);
	while (p->cert != NULL && (above = PEM_read_bio_X509(file, NULL,
	    no_passphrase, NULL)) != NULL)
		if (!sk_X509_push(p->chain, above))
			X509_free(above);
	BIO_free(file);
	return p->cert != NULL;
}

static bool
pair_read_key(struct tls_pair *p, const char *path)
{
	BIO *file = BIO_new_file(path, "r");

	if (file == NULL)
		return false;
	p->key = PEM_read_bio_PrivateKey(file, NULL, no_passphrase, NULL);
	BIO_free(file);
	return p->key != NULL;
}

/* Would it do?  Tried on a context of its own: the real one stays whole. */
static bool
pair_is_good(const struct tls_pair *p)
{
	SSL_CTX *trial = SSL_CTX_new(TLS_server_method());
	bool good = trial != NULL && X509_check_private_key(p->cert, p->key) &&
	    SSL_CTX_use_cert_and_key(trial, p->cert, p->key, p->chain, 1);

	SSL_CTX_free(trial);
	return good;
}

static const char *
pair_read(struct tls_pair *p, const struct net_settings *s)
{
	if (!pair_read_certs(p, s->tls_cert))
		return "cannot read a certificate from --tls-cert";
	if (!pair_read_key(p, s->tls_key))
		return "cannot read a private key from --tls-key";
	if (!pair_is_good(p))
		return "--tls-key does not go with --tls-cert";
	return NULL;
}

/* When both were last written; 0: not there. */
static int64_t
files_stamp(const struct net_settings *s)
{
	const char *const paths[] = { s->tls_cert, s->tls_key };
	struct stat st;
	int64_t stamp = 0;

	for (int i = 0; i < 2; i++) {
		if (stat(paths[i], &st) != 0)
			return 0;
		stamp = stamp * 31 + (int64_t)st.st_mtim.tv_sec * 1000003 +
		    st.st_mtim.tv_nsec + (int64_t)st.st_ino + st.st_size;
	}
	return stamp;
}

bool
tls_load(struct net *net, char *why, size_t why_size)
{
	struct tls_pair *p = mem_get(sizeof(*p));
	const char *wrong, *reason;

	p->chain = sk_X509_new_null();
	ERR_clear_error();
	net->tls.stamp = files_stamp(&net->settings);
	if ((wrong = pair_read(p, &net->settings)) == NULL) {
		pair_free(net->tls.pair);
		net->tls.pair = p;
	} else {
		reason = ERR_reason_error_string(ERR_peek_error());
		snprintf(why, why_size, "%s%s%s", wrong,
		    reason != NULL ? ": " : "", reason != NULL ? reason : "");
		pair_free(p);
	}
	ERR_clear_error();
	return wrong == NULL;
}

/*
 * A handshake wants a certificate.  Each is given the pair of the day: a
 * context keeps one of every kind of key, and an old one of another kind
 * could not be taken from it.
 */
static int
on_handshake(SSL *ssl, void *arg)
{
	const struct net *net = arg;
	const struct tls_pair *p = net->tls.pair;

	if (p == NULL)
		return 0;
	SSL_certs_clear(ssl);
	return SSL_use_cert_and_key(ssl, p->cert, p->key, p->chain, 1);
}

void
tls_adopt(struct net *net, void *ssl_ctx)
{
	SSL_CTX *ctx = ssl_ctx;

	SSL_CTX_set_cert_cb(ctx, on_handshake, net);
	SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
	SSL_CTX_set_cipher_list(ctx, CIPHERS);
	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION |
	    SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
	/* What we send past lws may be taken in part, and moved between. */
	SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE |
	    SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
}

void
net_reload(struct net *net)
{
	char why[256];

	if (!tls_is_on(net))
		return;
	if (tls_load(net, why, sizeof(why)))
		log_line(LOG_INFO, "net", "certificate loaded from %s",
		    net->settings.tls_cert);
	else
		log_line(LOG_ERROR, "net", "the certificate stays as it was: %s",
		    why);
}

void
tls_tick(struct net *net, uint64_t now_ms)
{
	if (!tls_is_on(net) || now_ms < net->tls.look_ms)
		return;
	net->tls.look_ms = now_ms + LOOK_MS;
	if (files_stamp(&net->settings) != net->tls.stamp)
		net_reload(net);
}

void
tls_done(struct net *net)
{
	pair_free(net->tls.pair);
}

/* ---- past lws ---- */

static SSL *
ssl_of(const struct conn *c)
{
	return lws_is_ssl(c->wsi) ? lws_get_ssl(c->wsi) : NULL;
}

/*
 * Waiting for the other direction is as waiting for this one: without
 * renegotiation it is over as soon as the peer's record is here or ours gone.
 */
static long
ssl_result(SSL *ssl, int n)
{
	int error;

	if (n > 0)
		return n;
	error = SSL_get_error(ssl, n);
	ERR_clear_error();
	return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ?
	    0 : -1;
}

long
tls_send(struct conn *c, const void *bytes, size_t len)
{
	SSL *ssl = ssl_of(c);
	ssize_t n;

	if (ssl != NULL) {
		ERR_clear_error();
		return ssl_result(ssl, SSL_write(ssl, bytes,
		    len > INT_MAX ? INT_MAX : (int)len));
	}
	n = send(lws_get_socket_fd(c->wsi), bytes, len,
	    MSG_DONTWAIT | MSG_NOSIGNAL);
	return n >= 0 ? n : errno == EAGAIN || errno == EINTR ? 0 : -1;
}

long
tls_receive(struct conn *c, void *bytes, size_t len)
{
	SSL *ssl = ssl_of(c);
	ssize_t n;

	if (ssl != NULL) {
		ERR_clear_error();
		return ssl_result(ssl, SSL_read(ssl, bytes, (int)len));
	}
	n = recv(lws_get_socket_fd(c->wsi), bytes, len, MSG_DONTWAIT);
	return n > 0 ? n : n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
}

void
tls_shut(struct conn *c)
{
	SSL *ssl = ssl_of(c);

	if (ssl != NULL) {
		ERR_clear_error();
		SSL_shutdown(ssl);
		ERR_clear_error();
	}
	shutdown(lws_get_socket_fd(c->wsi), SHUT_WR);
}
