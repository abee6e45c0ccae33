/*
 * doc: a document as the load generator knows it to be: who was told which
 * version.  What the server has is compared with this at the end (verify).
 */
#ifndef LOAD_DOC_H
#define LOAD_DOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Which op became a version. */
struct doc_entry {
	uint32_t	client;		/* its index + 1; 0: nobody was told so */
	uint32_t	seq;
};

struct replica;

struct doc {
	char			 id[64];	/* NUL terminated */
	uint32_t		 index;		/* among the run's documents */
	uint64_t		 head;		/* versions below it were acknowledged to somebody */
	uint64_t		 acked;		/* how many were, the create included */
	struct doc_entry	*log;		/* by version */
	size_t			 log_cap;
	const struct replica	*replicas;	/* all that are of it, by their beside */
	const struct replica	*creator;	/* its first writer */
};

void	doc_done(struct doc *d);
/* A client was told that its op became v; false: another was told so, too. */
bool	doc_acknowledge(struct doc *d, uint64_t v, uint32_t client,
	    uint32_t seq);
/* Who was told; client 0: nobody. */
struct doc_entry doc_entry(const struct doc *d, uint64_t v);

#endif
