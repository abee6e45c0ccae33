#include "store/lite_store.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/log.h"
#include "base/loop.h"
#include "base/mem.h"
#include "store/lite_db.h"
#include "store/lite_find.h"

#define READS_IN_A_ROW	4

struct lite_store {
	struct store		 base;
	struct lite_db		*db;		/* the thread's alone while it runs */
	struct finder		*finder;	/* of finds that may read much */
	struct finder		*by_id;		/* of those among given ids */
	int			 lock_fd;	/* PATH.lock, locked; -1: beside a server */
	struct loop_wake	*wake;		/* rung when something has ended */
	pthread_t		 thread;
	unsigned		 in_flight;	/* jobs started and not done */

	pthread_mutex_t		 mutex;		/* guards what follows */
	pthread_cond_t		 more;		/* waiting grew, or stop is set */
	struct list		 waiting;	/* jobs */
	struct list		 ended;		/* jobs, answered */
	bool			 stop;
	char			 trouble[256];	/* for the log; "": none */
};

static void
path_unlock(int fd)
{
	if (fd >= 0)
		close(fd);
}

static struct job *
job_at(struct list *node)
{
	return LIST_ITEM(node, struct job, node);
}

/* ---- in the store's thread ---- */

static void
trouble(struct lite_store *s)
{
	pthread_mutex_lock(&s->mutex);
	snprintf(s->trouble, sizeof(s->trouble), "%s", lite_db_trouble(s->db));
	pthread_mutex_unlock(&s->mutex);
}

static void
jobs_end(struct lite_store *s, struct list *jobs)
{
	if (list_empty(jobs))
		return;
	pthread_mutex_lock(&s->mutex);
	list_splice(&s->ended, jobs);
	pthread_mutex_unlock(&s->mutex);
	loop_wake_ring(s->wake);
}

/* All of jobs in one transaction, or nothing. */
static enum err
writes_try(struct lite_store *s, struct list *jobs)
{
	struct list *node, *next;
	enum err e;

	if ((e = lite_db_begin(s->db)) != ERR_NONE)
		goto fail;
	LIST_EACH(jobs, node, next)
		if ((e = lite_db_run(s->db, job_at(node))) != ERR_NONE)
			goto fail;
	if ((e = lite_db_commit(s->db)) != ERR_NONE)
		goto fail;
	return ERR_NONE;

fail:
	trouble(s);
	lite_db_roll_back(s->db);
	LIST_EACH(jobs, node, next)
		job_at(node)->err = e;
	return e;
}

/*
 * Together if that works.  If not, each by itself: one job that cannot be
 * done must not take the others with it.
 */
static void
writes_run(struct lite_store *s, struct list *jobs)
{
	struct list *node, alone;
	enum err e;

	if (list_empty(jobs))
		return;
	e = writes_try(s, jobs);
	if (e == ERR_NONE || e == ERR_STORE_UNSURE ||
	    jobs->next->next == jobs) {
		jobs_end(s, jobs);
		return;
	}
	while ((node = list_shift(jobs)) != NULL) {
		list_init(&alone);
		list_push(&alone, node);
		writes_try(s, &alone);
		jobs_end(s, &alone);
	}
}

/*
 * Some of them.  Then it is looked for writes: somebody who asks for thousands
 * of documents must not hold up what others have edited.
 */
static void
reads_run(struct lite_store *s, struct list *jobs)
{
	struct list *node, alone;
	unsigned n = 0;
	enum err e;

	while (n++ < READS_IN_A_ROW && (node = list_shift(jobs)) != NULL) {
		struct job *job = job_at(node);

		if ((e = lite_db_run(s->db, job)) != ERR_NONE) {
			job->err = e;
			trouble(s);
		}
		list_init(&alone);
		list_push(&alone, node);
		jobs_end(s, &alone);
	}
}

/*
 * Take everything that waits, sorted into writes and reads; wait for it if
 * there are no reads left.  False: stop.
 */
static bool
jobs_take(struct lite_store *s, struct list *writes, struct list *reads)
{
	struct list *node;
	bool stop;

	pthread_mutex_lock(&s->mutex);
	while (list_empty(&s->waiting) && list_empty(reads) && !s->stop)
		pthread_cond_wait(&s->more, &s->mutex);
	stop = s->stop;
	while (!stop && (node = list_shift(&s->waiting)) != NULL)
		list_push(lite_db_writes(job_at(node)) ? writes : reads, node);
	pthread_mutex_unlock(&s->mutex);
	return !stop;
}

static void *
thread_main(void *arg)
{
	struct lite_store *s = arg;
	struct list writes, reads;

	list_init(&writes);
	list_init(&reads);
	while (jobs_take(s, &writes, &reads)) {
		writes_run(s, &writes);
		reads_run(s, &reads);
	}
	list_splice(&s->waiting, &reads);	/* nobody else is left to look */
	return NULL;
}

/* ---- in the loop's thread ---- */

/* What has ended goes to the done list. */
static void
lite_rung(void *arg)
{
	struct lite_store *s = arg;
	struct list ended, *node;
	char text[sizeof(s->trouble)];

	list_init(&ended);
	pthread_mutex_lock(&s->mutex);
	list_splice(&ended, &s->ended);
	memcpy(text, s->trouble, sizeof(text));
	s->trouble[0] = '\0';
	pthread_mutex_unlock(&s->mutex);

	if (text[0] != '\0')
		LOG_LIMITED(LOG_ERROR, "store", "sqlite: %s", text);
	while ((node = list_shift(&ended)) != NULL) {
		s->in_flight--;
		list_push(&s->base.done, node);
	}
}

static void
lite_found(void *arg, struct job *job)
{
	struct lite_store *s = arg;

	s->in_flight--;
	list_push(&s->base.done, &job->node);
}

static void
lite_start(struct store *base, struct job *job)
{
	struct lite_store *s = (struct lite_store *)base;

	assert(s->lock_fd >= 0 || job->kind == JOB_ROWS ||
	    job->kind == JOB_HISTORY || job->kind == JOB_COMPACT);
	s->in_flight++;
	if (job->kind == JOB_FIND) {
		finder_start(job->find.ids != NULL ? s->by_id : s->finder,
		    job);
		return;
	}
	pthread_mutex_lock(&s->mutex);
	list_push(&s->waiting, &job->node);
	pthread_cond_signal(&s->more);
	pthread_mutex_unlock(&s->mutex);
}

static void
lite_health(const struct store *base, struct store_health *health)
{
	const struct lite_store *s = (const struct lite_store *)base;

	*health = (struct store_health){ .up = true, .in_flight = s->in_flight };
}

static void
jobs_free(struct list *jobs)
{
	struct list *node;

	while ((node = list_shift(jobs)) != NULL)
		job_free(job_at(node));
}

static void
lite_close(struct store *base)
{
	struct lite_store *s = (struct lite_store *)base;

	finder_free(s->finder);
	finder_free(s->by_id);
	pthread_mutex_lock(&s->mutex);
	s->stop = true;
	pthread_cond_signal(&s->more);
	pthread_mutex_unlock(&s->mutex);
	pthread_join(s->thread, NULL);

	jobs_free(&s->waiting);
	jobs_free(&s->ended);
	jobs_free(&s->base.done);
	loop_wake_free(s->wake);
	pthread_cond_destroy(&s->more);
	pthread_mutex_destroy(&s->mutex);
	lite_db_close(s->db);
	path_unlock(s->lock_fd);
	free(s);
}

static const struct store_ops lite_ops = {
	"sqlite", lite_start, lite_health, lite_close
};

/*
 * Keep other processes out for as long as the descriptor is open, which ends
 * with the process however it ends.  The file stays: removing it would let a
 * third process lock a new file of the same name.
 */
static int
path_lock(const char *path, char *why, size_t why_len)
{
	char name[4096];
	int fd;

	if (snprintf(name, sizeof(name), "%s.lock", path) >=
	    (int)sizeof(name)) {
		snprintf(why, why_len, "the path of the store is too long");
		return -1;
	}
	fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	if (fd < 0) {
		snprintf(why, why_len, "could not open \"%s\": %s", name,
		    strerror(errno));
		return -1;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno == EWOULDBLOCK)
			snprintf(why, why_len, "\"%s\" is in use by another "
			    "otd; the embedded store serves one process", path);
		else
			snprintf(why, why_len, "could not lock \"%s\": %s",
			    name, strerror(errno));
		close(fd);
		return -1;
	}
	return fd;
}

/* Signals are for the loop's thread. */
static void
thread_start(struct lite_store *s)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	if (pthread_create(&s->thread, NULL, thread_main, s) != 0)
		bug("no thread for the store");
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

int
lite_store_vacuum(const char *path, char *why, size_t why_len)
{
	int fd = path_lock(path, why, why_len), rc = -1;
	struct lite_db *db = NULL;

	if (fd >= 0 && (db = lite_db_open(path, why, why_len)) != NULL &&
	    (rc = lite_db_vacuum(db)) != 0)
		snprintf(why, why_len, "could not write \"%s\" anew: %s",
		    path, lite_db_trouble(db));
	lite_db_close(db);
	path_unlock(fd);
	return rc;
}

struct store *
lite_store_open(const char *path, bool is_beside, struct loop *loop, char *why,
    size_t why_len)
{
	struct lite_store *s;
	struct lite_db *db;
	int fd = -1;

	if (!is_beside && (fd = path_lock(path, why, why_len)) < 0)
		return NULL;
	if ((db = lite_db_open(path, why, why_len)) == NULL) {
		path_unlock(fd);
		return NULL;
	}
	s = mem_get(sizeof(*s));
	s->base.ops = &lite_ops;
	list_init(&s->base.done);
	list_init(&s->waiting);
	list_init(&s->ended);
	s->db = db;
	s->lock_fd = fd;
	s->wake = loop_wake_new(loop, lite_rung, s);
	pthread_mutex_init(&s->mutex, NULL);
	pthread_cond_init(&s->more, NULL);
	thread_start(s);
	s->finder = lite_find_new(path, loop, lite_found, s);
	s->by_id = lite_find_new(path, loop, lite_found, s);
	return &s->base;
}
