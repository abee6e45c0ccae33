/*
 * scenario: what each scenario is, in one table: who opens which documents,
 * who writes, and the sizes it has unless told otherwise.
 */
#ifndef LOAD_SCENARIO_H
#define LOAD_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum scenario_layout {
	LAYOUT_SPREAD,	/* documents dealt out to connections in turn, a writer each */
	LAYOUT_SHARED,	/* each document has writers and readers, a connection each */
};

struct scenario {
	const char		*name;
	const char		*sentence;	/* what it is, for --help */
	enum scenario_layout	 layout;
	bool			 is_idle;	/* nobody writes */
	bool			 is_opening;	/* opening documents is what is measured */
	bool			 is_apart;	/* readers are not where writers are, given two URLs */
	uint32_t		 connections;	/* 0: as many as documents */
	uint32_t		 writers;
	uint32_t		 readers;
	uint32_t		 docs;		/* 0: as many as connections */
	double			 rate;
	uint64_t		 ops;
};

const struct scenario *scenario_find(const char *name);	/* NULL: none */
const struct scenario *scenario_at(size_t i);		/* NULL past the end */

#endif
