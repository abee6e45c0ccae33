/*
 * options: what a run is asked to do, read from the command line.
 */
#ifndef LOAD_OPTIONS_H
#define LOAD_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "bench/load/conn.h"
#include "bench/load/insert.h"

#define OPTIONS_URLS	16
#define OPTIONS_PIDS	16

struct scenario;

struct options_pid {
	const char	*name;		/* NUL terminated */
	pid_t		 pid;
};

enum options_phase { PHASE_BOTH, PHASE_PREPARE, PHASE_OPEN };

struct options {
	const struct scenario	*scenario;
	const char		*url[OPTIONS_URLS];	/* as given */
	struct conn_place	 place[OPTIONS_URLS];
	unsigned		 n_urls;
	struct options_pid	 pid[OPTIONS_PIDS];
	unsigned		 n_pids;
	uint32_t		 connections;
	uint32_t		 writers;	/* of each document */
	uint32_t		 readers;	/* of each document */
	uint32_t		 docs;
	uint64_t		 ops;		/* each writer makes at most so many; 0: any number */
	size_t			 size;		/* characters that a document begins with */
	double			 rate;		/* ops a second of all; 0: closed loop */
	double			 warmup;	/* seconds, not counted */
	double			 seconds;	/* counted */
	double			 drain;		/* seconds for what was due to go out, and for answers */
	double			 doze;		/* ms between looks of a reader; 0: it is woken */
	double			 limit;		/* seconds that all of it may take */
	uint64_t		 seed;
	const struct insert_type *type;
	const char		*collection;
	const char		*run;		/* part of the documents' ids */
	const char		*label;		/* NULL: none */
	enum options_phase	 phase;
	bool			 is_fetching;	/* documents are opened by fetching them only */
	bool			 is_by_document;	/* all of a document are at one URL */
	bool			 is_verifying;
	bool			 is_json;
	bool			 is_marking;	/* of when counting begins and ends, on stderr */
};

enum options_result { OPTIONS_RUN, OPTIONS_HELPED, OPTIONS_WRONG };

/*
 * Read them.  OPTIONS_HELPED: what was asked for was said.  OPTIONS_WRONG:
 * what is wrong was said on stderr.  Strings point into argv, or static.
 */
enum options_result options_read(int argc, char **argv, struct options *out);

#endif
