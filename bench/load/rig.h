/*
 * rig: everything of a run: documents, connections, who follows and writes
 * what.  One thread, no globals.
 *
 *	struct rig --+-- doc[]
 *		     +-- client[]	a connection, with its stretch of ...
 *		     +-- replica[]	... a client's view of a document
 */
#ifndef LOAD_RIG_H
#define LOAD_RIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/table.h"
#include "bench/load/conn.h"
#include "bench/load/doc.h"
#include "bench/load/doze.h"
#include "bench/load/options.h"
#include "bench/load/pace.h"
#include "bench/load/recall.h"
#include "bench/load/stage.h"
#include "bench/load/tally.h"

struct checker;
struct client;
struct replica;

struct rig {
	const struct options	*options;
	struct loop		 loop;
	struct doc		*docs;
	uint32_t		 n_docs;
	struct client		*clients;
	uint32_t		 n_clients;
	struct replica		*replicas;	/* by client, then by document */
	uint32_t		 n_replicas;
	struct table		 authors;	/* clients by src */
	struct recall		 recall;	/* messages heard lately */
	struct stage		 stage;		/* what clients are being led through */
	struct replica		**writers;	/* by their turn */
	struct pace		 pace;		/* when ops are due */
	struct doze		 doze;		/* readers that are not woken */
	struct tally		 tally;
	bool			 is_writing;	/* writers go on when they are answered */
	uint32_t		 busy;		/* writers with an op in flight */
	uint64_t		 end_ns;	/* of everything: --limit */
	struct buf		 line;		/* a message in the making */
	struct checker		*checkers;	/* verify's, while it is at work */
};

/* 0, or -1 after saying why on stderr. */
int	rig_init(struct rig *rig, const struct options *options);
void	rig_done(struct rig *rig);

/* What is wrong, on stderr, the first few of them; all are counted. */
void	rig_fault(struct rig *rig, const char *format, ...)
	    __attribute__((format(printf, 2, 3)));

/*
 * Let things happen until done says so or until_ns.  False: time was up.
 * done may be NULL.
 */
bool	rig_run(struct rig *rig, bool (*done)(const struct rig *),
	    uint64_t until_ns);

#endif
