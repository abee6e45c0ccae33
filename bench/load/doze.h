/*
 * doze: readers that look at their sockets only now and then (--doze MS).
 *
 * A reader that is woken for every delivery costs the kernel a wake-up, a
 * read and an acknowledgement of TCP each time, nearly as much as the server's
 * writing.  A dozing one is read at most once in a period, many frames at a
 * time.  It follows and is verified like any other, but does not say when
 * something came: latencies are those of the DOZE_AWAKE readers, spread
 * evenly among the others, that stay awake.
 */
#ifndef LOAD_DOZE_H
#define LOAD_DOZE_H

#include <stdint.h>

#define DOZE_AWAKE	50	/* readers of each document that do not */

struct client;
struct rig;

struct doze {
	struct client	**clients;	/* who dozes; heap */
	uint32_t	 n;
	uint64_t	 period_ns;
	uint64_t	 start_ns;
	uint64_t	 looked;	/* looks taken, in turn */
};

/* Send readers to sleep, if that is wanted. */
void	doze_begin(struct rig *rig);
/* Let those look whose time has come; when the next ones' does. */
uint64_t doze_turn(struct rig *rig);
void	doze_done(struct doze *d);

#endif
