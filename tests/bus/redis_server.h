/*
 * redis_server: a redis-server of a test's own, on a free port of 127.0.0.1.
 *
 * Ends the test program when there is no redis-server or it does not start:
 * a missing part is a failure.  Dies with the test.
 */
#ifndef TESTS_BUS_REDIS_SERVER_H
#define TESTS_BUS_REDIS_SERVER_H

struct redis_server;

/* A port is found; nothing runs yet. */
struct redis_server *redis_server_new(void);
/* Kills it, if it runs. */
void	 redis_server_free(struct redis_server *r);
int	 redis_server_port(const struct redis_server *r);
/* Start it and wait until it answers.  password NULL: none. */
void	 redis_server_start(struct redis_server *r, const char *password);
void	 redis_server_kill(struct redis_server *r);	/* SIGKILL, and reap */
void	 redis_server_signal(struct redis_server *r, int signum);

#endif
