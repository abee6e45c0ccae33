/*
 * migration: the numbered steps of migrations/, embedded in the program by
 * migrations/embed.sh.
 */
#ifndef RUN_MIGRATION_H
#define RUN_MIGRATION_H

struct migration {
	const char	*dialect;	/* "postgresql", "sqlite"; NULL ends the table */
	int		 number;	/* from 1, without gap in a dialect */
	const char	*name;		/* "tables" */
	const char	*sql;		/* the whole file */
};

/* Of every dialect, in order of number within each. */
extern const struct migration migrations[];

#endif
