/*
 * rig: two nodes on a bus, and a loop that turns for both.
 *
 * A bus may lose words by its contract, so a test that waits for one says it
 * again until it is heard (say_until_heard); one that waits for silence uses
 * a fence: a word that was said later and was heard.
 */
#ifndef TESTS_BUS_RIG_H
#define TESTS_BUS_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/loop.h"
#include "bus/bus.h"
#include "bus/redis_bus.h"
#include "tests/bus/redis_server.h"

#define PASSWORD	"p@ss"
#define PATIENCE_MS	30000
#define MANY		3000	/* documents; more than the window of redis_bus */

/*
 * For a Redis that a test takes away: quick to come back, and slow to call a
 * busy machine's silence a loss.
 */
extern const struct redis_bus_times fast;

/* One process, as far as the bus is concerned. */
struct node {
	struct bus	*bus;
	unsigned	 backs;		/* WORD_BACK heard */
	unsigned	 followed;	/* WORD_FOLLOWED heard */
	struct word	*confirmed;	/* the last of them */
	unsigned	 n;		/* words of ops heard */
	struct word	*last;		/* the last of them */
	unsigned char	*seen;		/* of MANY documents; NULL: not counted */
	const char	*only;		/* hearing of another collection fails; or NULL */
};

struct world {
	struct loop		*loop;
	struct redis_server	*redis;		/* NULL: the local bus */
	struct node		 a, b;
	struct bus		*third;		/* turns with them; NULL: none */
};

uint64_t now_ms(void);

/* On a bus of the world's kind. */
void	 node_open(struct world *w, struct node *n);
void	 node_open_with(struct world *w, struct node *n,
	    const struct redis_bus_times *times);
void	 node_close(struct node *n);
bool	 node_is_up(const struct node *n);
/* Say WORD_FOLLOW or WORD_UNFOLLOW. */
void	 node_follow(struct node *n, enum word_kind kind,
	    const char *collection, const char *id);
/* Say an op of this version. */
void	 node_say(struct node *n, const char *collection, const char *id,
	    uint64_t v);
/* Is this the latest it heard? */
bool	 node_heard(const struct node *n, const char *collection,
	    const char *id, uint64_t v);

/* One turn of the loop, some milliseconds at most; both nodes listen. */
void	 turn(struct world *w);
/* Both fail the test when they are not done in time. */
void	 say_until_heard(struct world *w, struct node *from, struct node *to,
	    const char *collection, const char *id);
void	 fence(struct world *w, struct node *from, struct node *to);

/* Turn until this is so. */
#define WAIT(w, expr) do {						\
	uint64_t end_ = now_ms() + PATIENCE_MS;				\
	while (!(expr)) {						\
		if (now_ms() > end_)					\
			fail_msg("waited in vain for " #expr);		\
		turn(w);						\
	}								\
} while (0)

#endif
