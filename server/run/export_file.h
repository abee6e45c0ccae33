/*
 * export_file: where an export goes, so that it can be gone on with.
 *
 * Lines go to NAME.part, which becomes NAME when it is whole: a NAME that is
 * there is whole.  A NAME.part that an export of the same collections left is
 * cut behind its last whole document, and gone on with from there.
 */
#ifndef RUN_EXPORT_FILE_H
#define RUN_EXPORT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

struct export_file {
	FILE		*f;
	const char	*name;		/* borrowed; NULL: f is somebody else's */
	char		*part;		/* heap; NULL with name NULL */
	char		*collection, *id;	/* of the last whole document; "": none */
	uint64_t	 documents, ops;	/* whole ones, written */
	off_t		 begun_at;	/* bytes, where a document begins; -1: it went away already */
};

/*
 * name NULL: std.  header is the first line, with its end; the file that is
 * there is of the same collections when it has the same up to "documents".
 * False: errno says why, and nothing is to be done away with.
 */
bool	 export_file_open(struct export_file *e, const char *name, FILE *std,
	    const char *header, size_t len_bytes);
/* False: errno says why. */
bool	 export_file_put(struct export_file *e, const char *bytes,
	    size_t len_bytes);
/* A document begins. */
void	 export_file_begin(struct export_file *e);
/* Take back what was put since then; false: it cannot be had back. */
bool	 export_file_undo(struct export_file *e);
/* A document is whole. */
void	 export_file_document(struct export_file *e, uint64_t ops);
/* The next collection begins with its first document. */
void	 export_file_restart(struct export_file *e);
/* All is written: on disk, and under its name.  False: errno says why. */
bool	 export_file_finish(struct export_file *e);
void	 export_file_done(struct export_file *e);

#endif
