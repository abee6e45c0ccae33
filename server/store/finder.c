#include "store/finder.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/loop.h"
#include "base/mem.h"

struct finder {
	const struct finder_calls	*calls;
	void				*arg;
	finder_ended			*call_ended;
	void				*store;
	struct loop_wake		*wake;
	pthread_t			 thread;
	atomic_bool			 stop;
	int				 stop_fd;

	pthread_mutex_t			 mutex;		/* guards what follows */
	pthread_cond_t			 more;		/* waiting grew, or stop */
	struct list			 waiting;	/* jobs */
	struct list			 ended;		/* jobs, answered */
};

static struct job *
job_at(struct list *node)
{
	return LIST_ITEM(node, struct job, node);
}

/* ---- in the thread ---- */

bool
finder_stopped(const struct finder *f)
{
	return atomic_load(&f->stop);
}

int
finder_stop_fd(const struct finder *f)
{
	return f->stop_fd;
}

uint64_t
finder_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static struct job *
job_take(struct finder *f)
{
	struct list *node = NULL;

	pthread_mutex_lock(&f->mutex);
	while (!finder_stopped(f) && (node = list_shift(&f->waiting)) == NULL)
		pthread_cond_wait(&f->more, &f->mutex);
	pthread_mutex_unlock(&f->mutex);
	return node != NULL ? job_at(node) : NULL;
}

static void *
thread_main(void *arg)
{
	struct finder *f = arg;
	struct job *job;

	while ((job = job_take(f)) != NULL) {
		f->calls->run(f->arg, f, job);
		pthread_mutex_lock(&f->mutex);
		list_push(&f->ended, &job->node);
		pthread_mutex_unlock(&f->mutex);
		loop_wake_ring(f->wake);
	}
	return NULL;
}

/* ---- in the loop's thread ---- */

static void
on_rung(void *arg)
{
	struct finder *f = arg;
	struct list ended, *node;

	list_init(&ended);
	pthread_mutex_lock(&f->mutex);
	list_splice(&ended, &f->ended);
	pthread_mutex_unlock(&f->mutex);
	while ((node = list_shift(&ended)) != NULL)
		f->call_ended(f->store, job_at(node));
}

struct finder *
finder_new(struct loop *loop, const struct finder_calls *calls, void *arg,
    finder_ended *ended, void *store)
{
	struct finder *f = mem_get(sizeof(*f));
	sigset_t all, before;

	f->calls = calls;
	f->arg = arg;
	f->call_ended = ended;
	f->store = store;
	f->wake = loop_wake_new(loop, on_rung, f);
	atomic_init(&f->stop, false);
	if ((f->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) < 0)
		bug("no descriptor for the finder");
	pthread_mutex_init(&f->mutex, NULL);
	pthread_cond_init(&f->more, NULL);
	list_init(&f->waiting);
	list_init(&f->ended);
	sigfillset(&all);		/* signals are for the loop's thread */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	if (pthread_create(&f->thread, NULL, thread_main, f) != 0)
		bug("no thread for the finder");
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return f;
}

static void
jobs_free(struct list *jobs)
{
	struct list *node;

	while ((node = list_shift(jobs)) != NULL)
		job_free(job_at(node));
}

void
finder_free(struct finder *f)
{
	if (f == NULL)
		return;
	pthread_mutex_lock(&f->mutex);
	atomic_store(&f->stop, true);
	pthread_cond_signal(&f->more);
	pthread_mutex_unlock(&f->mutex);
	if (eventfd_write(f->stop_fd, 1) != 0)
		bug("the finder cannot be told to stop");
	pthread_join(f->thread, NULL);
	f->calls->free(f->arg);
	jobs_free(&f->waiting);
	jobs_free(&f->ended);
	loop_wake_free(f->wake);
	pthread_cond_destroy(&f->more);
	pthread_mutex_destroy(&f->mutex);
	close(f->stop_fd);
	free(f);
}

void
finder_start(struct finder *f, struct job *job)
{
	pthread_mutex_lock(&f->mutex);
	list_push(&f->waiting, &job->node);
	pthread_cond_signal(&f->more);
	pthread_mutex_unlock(&f->mutex);
}
