/*
 * rig: what the store tests stand on: a loop, stores, jobs made in one line.
 *
 * Every failed wait or unexpected error fails the test that runs.
 */
#ifndef TESTS_STORE_RIG_H
#define TESTS_STORE_RIG_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/job.h"
#include "store/store.h"

#define TYPE "http://sharejs.org/types/JSONv0"

extern struct loop *rig_loop;

/* A new folder under TMPDIR, that anybody may enter; removed at exit. */
char	*rig_folder(void);
/* Run a shell command made as by printf; its exit status. */
int	 rig_shell(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * Start a private PostgreSQL in folder, or start it again; its URL, to be
 * freed.  It ends with this process at the latest.
 */
char	*rig_pg_start(const char *folder);
/* The port that such a URL names. */
int	 rig_port(const char *url);
/* A PgBouncer in transaction mode before it, started with pg.sh: its port. */
int	 rig_bouncer_port(const char *folder);
/* SIGKILL to all of it; what it had not flushed is gone. */
void	 rig_pg_kill(const char *folder);
void	 rig_pg_stop(const char *folder);

/* A new standby of the server in from; its URL, to be freed. */
char	*rig_pg_standby(const char *folder, const char *from);

/* Prepare the schema and open. */
struct store *rig_open(const char *url);
void	 rig_close(struct store *s);

/* ---- jobs ---- */

/* Turn the loop for so long. */
void	 rig_wait(unsigned ms);
/* The next job that ends, within some seconds. */
struct job *rig_next(struct store *s);
/* Start it and wait until it, and nothing else, is done. */
struct job *rig_do(struct store *s, struct job *job);

struct job *rig_load(const char *collection, const char *id);
struct job *rig_ops(const char *collection, const char *id, uint64_t from,
	    uint64_t to);
struct job *rig_created(const char *collection, const char *id,
	    const char *src, uint64_t seq);
/* type NULL: not there; body NULL: undefined. */
struct job *rig_checkpoint(const char *collection, const char *id, uint64_t v,
	    const char *type, const char *body, bool kept);
struct job *rig_versions(size_t n);
void	 rig_version_set(struct job *job, size_t i, const char *collection,
	    const char *id);

struct job *rig_commit(void);
struct parcel *rig_parcel(struct job *commit, const char *collection,
	    const char *id, uint64_t base_v);
/* Append an op; its version is the next. */
void	 rig_op(struct job *commit, struct parcel *p, enum op_kind kind,
	    const char *src, uint64_t seq, const char *body);
/* The only parcel, or the i-th. */
struct parcel *rig_parcel_at(struct job *commit, size_t i);

/*
 * Commit one op of src to a document and say whether it was accepted.  A
 * create is given as OP_CREATE with base_v.
 */
bool	 rig_put(struct store *s, const char *collection, const char *id,
	    uint64_t base_v, enum op_kind kind, const char *src, uint64_t seq,
	    const char *body);

/* Ops [from, from + n) of src, seq from seq0 on, in a row. */
void	 rig_assert_row(const struct op_list *ops, uint64_t from, size_t n);

#endif
