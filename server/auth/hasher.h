/*
 * hasher: passwords hashed in threads of its own.
 *
 *	loop --task--> queue --> thread --> done list --bell--> loop: done()
 *
 * The queue has a ceiling, and each thread takes the memory of one hash: so
 * guesses, however many, cost what is bounded.
 */
#ifndef AUTH_HASHER_H
#define AUTH_HASHER_H

#include <stdbool.h>

#include "auth/password.h"

#define HASHER_THREADS	2
#define HASHER_QUEUE	128

struct loop;
struct hasher;
struct hash_task;		/* one under way */

/*
 * good: the password is right, or was hashed.  hash: what is to be kept of
 * it from now on, lent; NULL: what there is.
 */
typedef void hash_done(void *arg, bool good, const char *hash);

/* NULL: the system refuses threads, or memory for one hash. */
struct hasher	*hasher_new(struct loop *loop,
		    const struct password_cost *cost);
/* Nothing is told any more.  NULL is fine. */
void		 hasher_free(struct hasher *h);
/*
 * Hash a password.  done is called from the loop, once, never before this
 * returns.  NULL: too many wait.
 */
struct hash_task *hasher_make(struct hasher *h, const char *password,
		    hash_done *done, void *arg);
/*
 * Is it the one of that hash?  NULL: of nobody, which takes as long and is
 * never good.
 */
struct hash_task *hasher_check(struct hasher *h, const char *password,
		    const char *hash, hash_done *done, void *arg);
/* done is not called any more. */
void		 hasher_forget(struct hash_task *task);

#endif
