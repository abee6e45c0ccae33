/*
 * serve: see serve.h.
 */
#include "run/serve.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "net/net.h"
#include "run/address.h"
#include "run/migrate.h"
#include "run/notify.h"
#include "run/server.h"
#include "run/workers.h"

#define NAME_LEN	80	/* of HOST:PORT */

/* Every listening socket, and what is said once it is served. */
struct sockets {
	const struct config	*config;
	unsigned		 n_workers;
	size_t			 n_listen;
	struct worker_sockets	*of;		/* a worker's */
	char			(*name)[NAME_LEN];	/* an address's */
};

static void
sockets_done(struct sockets *s)
{
	unsigned i;

	for (i = 0; i < s->n_workers; i++)
		free(s->of[i].listen_fds);
	free(s->of);
	free(s->name);
}

/* One socket a worker for each address; false: why says. */
static bool
sockets_make(struct sockets *s, const struct config *c, char *why,
    size_t why_len)
{
	int *fds = mem_get(c->workers * sizeof(*fds));
	bool ok = true;
	size_t k;
	unsigned i;

	s->config = c;
	s->n_workers = (unsigned)c->workers;
	s->n_listen = c->listen.n;
	s->of = mem_get(s->n_workers * sizeof(s->of[0]));
	s->name = mem_get(s->n_listen * NAME_LEN);
	for (i = 0; i < s->n_workers; i++) {
		s->of[i].listen_fds = mem_get(s->n_listen * sizeof(*fds));
		s->of[i].admin_fd = -1;
	}
	for (k = 0; k < s->n_listen && ok; k++) {
		ok = net_listen_sockets(c->listen.text[k], fds, s->n_workers,
		    why, why_len);
		for (i = 0; i < s->n_workers && ok; i++)
			s->of[i].listen_fds[k] = fds[i];
		if (ok)
			net_socket_name(fds[0], s->name[k], NAME_LEN);
	}
	if (ok && c->admin_listen[0] != '\0') {
		ok = net_listen_sockets(c->admin_listen, fds, s->n_workers, why,
		    why_len);
		for (i = 0; i < s->n_workers && ok; i++)
			s->of[i].admin_fd = fds[i];
	}
	free(fds);
	return ok;
}

/* Tokens in the clear are anybody's who is on the way. */
static void
warn_of_clear_text(const struct config *c)
{
	struct address a;

	if (c->auth == AUTH_NONE || *c->tls_cert != '\0' ||
	    c->trusted_proxies.n != 0)
		return;
	for (size_t i = 0; i < c->listen.n; i++)
		if (address_parse(c->listen.text[i], &a) && !a.loopback)
			log_line(LOG_WARN, "server", "%s is served without TLS "
			    "and without --trusted-proxies: tokens can be read "
			    "on their way", c->listen.text[i]);
}

static void
say_listening(void *arg)
{
	const struct sockets *s = arg;
	const char *scheme = *s->config->tls_cert != '\0' ? "https" : "http";
	size_t k;

	warn_of_clear_text(s->config);
	for (k = 0; k < s->n_listen; k++)
		log_always("server", "listening on %s://%s", scheme, s->name[k]);
	notify_say(NOTIFY_READY);
}

int
serve(const struct config *c)
{
	struct sockets sockets = { 0 };
	struct metrics_board *board = NULL;
	struct server_place place;
	char secret[SECRET_TEXT], epoch[EPOCH_TEXT];
	char why[512];
	int code = EX_UNAVAILABLE;

	if (migrate_prepare(c->store, why, sizeof(why)) != 0 ||
	    migrate_epoch(c->store, epoch, why, sizeof(why)) != 0 ||
	    (c->auth != AUTH_NONE && migrate_secret(c->store, secret, why,
	    sizeof(why)) != 0)) {
		log_line(LOG_ERROR, "store", "%s", why);
		return EX_UNAVAILABLE;
	}
	if (!sockets_make(&sockets, c, why, sizeof(why))) {
		log_line(LOG_ERROR, "server", "%s", why);
		goto out;
	}
	if ((board = metrics_board_new(sockets.n_workers)) == NULL) {
		log_line(LOG_ERROR, "server", "cannot share memory: %s",
		    strerror(errno));
		goto out;
	}
	if (sockets.n_workers > 1) {
		code = workers_run(c, sockets.of, c->auth != AUTH_NONE ?
		    secret : NULL, epoch, board, say_listening, &sockets);
		goto out;
	}
	place = (struct server_place){
		.listen_fds = sockets.of[0].listen_fds,
		.admin_fd = sockets.of[0].admin_fd,
		.secret = c->auth != AUTH_NONE ? secret : NULL,
		.epoch = epoch,
		.board = board,
		.ready = say_listening,
		.ready_arg = &sockets,
	};
	code = server_run(c, &place);
out:
	metrics_board_free(board);
	sockets_done(&sockets);
	return code;
}
