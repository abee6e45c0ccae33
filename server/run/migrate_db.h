/*
 * migrate_db: what migrate asks of a database, once for each dialect.
 */
#ifndef RUN_MIGRATE_DB_H
#define RUN_MIGRATE_DB_H

#include <stdbool.h>

#include "run/migrate.h"
#include "run/migration.h"
#include "run/secret.h"

#define CHECKSUM_LEN	64		/* SHA-256 in hexadecimal */

enum migrate_found {
	MIGRATE_EMPTY,			/* nothing of ours or anybody's there */
	MIGRATE_OURS,			/* there is a record of migrations */
	MIGRATE_FOREIGN,		/* something there, and no record */
};

/* One line of the record. */
struct migrate_record {
	int		 number;	/* 0: none that there can be */
	char		 name[64];	/* cut; control characters are "?" */
	char		 checksum[CHECKSUM_LEN + 2];	/* one longer stays so */
	char		 applied_at[40];	/* for people */
};

struct migrate_db {
	const struct migrate_db_ops *ops;
	char		 why[320];	/* why the latest call failed */
	/* As found by look; records is heap. */
	enum migrate_found found;
	struct migrate_record *records;
	int		 n_records;
	int		 serves_from;	/* whose otd may serve it; 0: none but its own */
};

/* All return 0, or -1 with db->why filled in. */
struct migrate_db_ops {
	const char *dialect;
	/* Keep other processes out until unlock, which says whether to keep. */
	int	(*lock)(struct migrate_db *db);
	int	(*look)(struct migrate_db *db);
	/* Run the step and record it, wholly or not at all. */
	int	(*apply)(struct migrate_db *db, const struct migration *m,
		    const char *checksum);
	int	(*unlock)(struct migrate_db *db, bool keep);
	/* What nodes derive their keys from, as it stands there. */
	int	(*secret)(struct migrate_db *db, char out[SECRET_TEXT]);
	/* Which of its lives the database is in; to begin a new one first. */
	int	(*epoch)(struct migrate_db *db, bool begin,
		    char out[EPOCH_TEXT]);
	void	(*close)(struct migrate_db *db);	/* frees db */
};

/*
 * Open; NULL with the reason in why.  With create false a SQLite file that is
 * not there is found empty and stays away.
 */
struct migrate_db *migrate_lite_open(const char *path, bool create, char *why,
		    size_t why_len);
struct migrate_db *migrate_pg_open(const char *url, char *why, size_t why_len);

/* Append to db->records, whatever somebody wrote there; texts may be NULL. */
void	migrate_db_record(struct migrate_db *db, long long number,
	    const char *name, const char *checksum, const char *applied_at);

#endif
