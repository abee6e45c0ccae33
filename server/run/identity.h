/*
 * identity: the gate as the settings want it, and what it and the hub have to
 * tell each other.
 *
 *	hub --sessions that show a new token--> gate
 *	hub <--who it is; what was revoked; whose grants changed-- gate
 */
#ifndef RUN_IDENTITY_H
#define RUN_IDENTITY_H

#include <stddef.h>
#include <stdint.h>

#include "run/config.h"

struct desk;
struct fetcher;
struct gate;
struct hub;
struct identity;
struct loop;
struct users;
struct users_settings;

/* Everything is borrowed. */
struct identity_place {
	const struct config	*config;
	struct loop		*loop;
	struct hub		*hub;
	struct desk		*desk;
	struct fetcher		*fetcher;	/* NULL: when no URL is named */
	const char		*secret;	/* the database's: run/secret.h */
	uint64_t		 seed;
};

/* NULL: why says. */
struct identity	*identity_new(const struct identity_place *place, char *why,
		    size_t why_size);
/* What the settings say of the user service; also for otd user. */
void		 identity_users_settings(const struct config *config,
		    const char *secret, struct users_settings *out);
/* Behind net and the desk, before the hub.  NULL is fine. */
void		 identity_free(struct identity *i);
struct gate	*identity_gate(const struct identity *i);
/* The user service; NULL: it is off. */
struct users	*identity_users(const struct identity *i);
/* Once a turn, before the hub works; wall_ms since 1970. */
void		 identity_turn(struct identity *i, uint64_t now_ms,
		    int64_t wall_ms);
/* SIGHUP: look at all key sources again. */
void		 identity_reload(struct identity *i);

#endif
