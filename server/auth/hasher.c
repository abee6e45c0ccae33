#include "auth/hasher.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/list.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/mem.h"

#define NICE	10

struct hash_task {
	struct list	 node;		/* hasher->todo, or ->done */
	char		*password;	/* heap; wiped */
	bool		 is_check;
	bool		 is_nobodys;	/* never good, whatever the hash says */
	char		 hash[PASSWORD_HASH];	/* to compare with; what was made */
	/* answer */
	bool		 good;
	bool		 is_made;	/* hash is new */
	/* the loop's alone */
	hash_done	*done;		/* NULL: nobody waits any more */
	void		*arg;
};

struct hasher {
	struct password_cost cost;
	char		 nobodys[PASSWORD_HASH];	/* a hash of nothing known */
	struct loop_wake *bell;
	pthread_t	 threads[HASHER_THREADS];
	unsigned	 n_threads;
	pthread_mutex_t	 lock;		/* of what follows */
	pthread_cond_t	 more;
	struct list	 todo, done;
	unsigned	 n_todo;
	bool		 is_over;
};

static void
task_free(struct hash_task *t)
{
	if (t->password != NULL)
		explicit_bzero(t->password, strlen(t->password));
	free(t->password);
	free(t);
}

static void
task_do(const struct hasher *h, struct hash_task *t)
{
	if (t->is_check) {
		t->good = password_is(t->password, t->hash) && !t->is_nobodys;
		/* Kept at the cost of today, now that it is at hand. */
		t->is_made = t->good && password_is_old(t->hash, &h->cost) &&
		    password_hash(t->password, &h->cost, t->hash);
	} else {
		t->good = t->is_made = password_hash(t->password, &h->cost,
		    t->hash);
	}
}

static void *
thread_run(void *arg)
{
	struct hasher *h = arg;
	struct hash_task *t;

	/* The loop goes first: on Linux this is of the thread alone. */
	if (setpriority(PRIO_PROCESS, (id_t)gettid(), NICE) != 0)
		LOG_LIMITED(LOG_WARN, "users", "passwords are hashed at the "
		    "loop's priority");
	pthread_mutex_lock(&h->lock);
	while (!h->is_over) {
		if (list_empty(&h->todo)) {
			pthread_cond_wait(&h->more, &h->lock);
			continue;
		}
		t = LIST_ITEM(list_shift(&h->todo), struct hash_task, node);
		h->n_todo--;
		pthread_mutex_unlock(&h->lock);
		task_do(h, t);
		pthread_mutex_lock(&h->lock);
		list_push(&h->done, &t->node);
		loop_wake_ring(h->bell);
	}
	pthread_mutex_unlock(&h->lock);
	return NULL;
}

static void
on_bell(void *arg)
{
	struct hasher *h = arg;
	struct hash_task *t;
	struct list done;
	struct list *node;

	list_init(&done);
	pthread_mutex_lock(&h->lock);
	list_splice(&done, &h->done);
	pthread_mutex_unlock(&h->lock);
	while ((node = list_shift(&done)) != NULL) {
		t = LIST_ITEM(node, struct hash_task, node);
		if (t->done != NULL)
			t->done(t->arg, t->good, t->is_made ? t->hash : NULL);
		task_free(t);
	}
}

struct hasher *
hasher_new(struct loop *loop, const struct password_cost *cost)
{
	struct hasher *h = mem_get(sizeof(*h));

	h->cost = *cost;
	list_init(&h->todo);
	list_init(&h->done);
	pthread_mutex_init(&h->lock, NULL);
	pthread_cond_init(&h->more, NULL);
	h->bell = loop_wake_new(loop, on_bell, h);
	if (!password_start() ||
	    !password_hash("nobody's password", cost, h->nobodys))
		goto fail;
	while (h->n_threads < HASHER_THREADS) {
		if (pthread_create(&h->threads[h->n_threads], NULL, thread_run,
		    h) != 0)
			goto fail;
		h->n_threads++;
	}
	return h;
fail:
	hasher_free(h);
	return NULL;
}

static void
free_all(struct list *tasks)
{
	struct list *node;

	while ((node = list_shift(tasks)) != NULL)
		task_free(LIST_ITEM(node, struct hash_task, node));
}

void
hasher_free(struct hasher *h)
{
	if (h == NULL)
		return;
	pthread_mutex_lock(&h->lock);
	h->is_over = true;
	pthread_cond_broadcast(&h->more);
	pthread_mutex_unlock(&h->lock);
	while (h->n_threads > 0)
		pthread_join(h->threads[--h->n_threads], NULL);
	free_all(&h->todo);
	free_all(&h->done);
	loop_wake_free(h->bell);
	pthread_cond_destroy(&h->more);
	pthread_mutex_destroy(&h->lock);
	free(h);
}

static struct hash_task *
task_add(struct hasher *h, const char *password, const char *hash,
    bool is_nobodys, hash_done *done, void *arg)
{
	struct hash_task *t = NULL;

	pthread_mutex_lock(&h->lock);
	if (h->n_todo < HASHER_QUEUE) {
		t = mem_get(sizeof(*t));
		t->password = mem_copy(password, strlen(password));
		t->is_nobodys = is_nobodys;
		t->done = done;
		t->arg = arg;
		if (hash != NULL) {
			t->is_check = true;
			snprintf(t->hash, sizeof(t->hash), "%s", hash);
		}
		list_push(&h->todo, &t->node);
		h->n_todo++;
		pthread_cond_signal(&h->more);
	}
	pthread_mutex_unlock(&h->lock);
	return t;
}

struct hash_task *
hasher_make(struct hasher *h, const char *password, hash_done *done, void *arg)
{
	return task_add(h, password, NULL, false, done, arg);
}

struct hash_task *
hasher_check(struct hasher *h, const char *password, const char *hash,
    hash_done *done, void *arg)
{
	return task_add(h, password, hash != NULL ? hash : h->nobodys,
	    hash == NULL, done, arg);
}

void
hasher_forget(struct hash_task *task)
{
	task->done = NULL;
}
