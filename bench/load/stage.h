/*
 * stage: leading clients through a list of requests.
 *
 * Each client makes its requests one after another, and at most so many
 * clients are under way at once: a server is not to be flooded with what is
 * only the preparation, and opening documents is measured as so many
 * connections, each in a closed loop.
 */
#ifndef LOAD_STAGE_H
#define LOAD_STAGE_H

#include <stdbool.h>
#include <stdint.h>

struct client;
struct rig;

/*
 * Make the at-th request of a client.  False: there is none, it has finished.
 * The answer is told by stage_answered.
 */
typedef bool stage_ask(struct client *client, uint32_t at);

struct stage {
	stage_ask	*ask;		/* NULL: no stage */
	struct client	*clients;
	uint32_t	 n;
	uint32_t	 next;		/* that has not begun */
	uint32_t	 left;		/* clients that have not finished */
	uint64_t	 errors;	/* the run's before it: another ends it */
};

/* Begin with n clients, of which width are under way at once. */
void	stage_begin(struct stage *s, stage_ask *ask, struct client *clients,
	    uint32_t n, uint32_t width);
/* The client's request was answered: on to the next. */
void	stage_answered(struct stage *s, struct client *client);
/* All have finished, or something went wrong. */
bool	stage_is_over(const struct rig *rig);

#endif
