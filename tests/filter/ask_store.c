#include "tests/filter/ask_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/loop.h"
#include "base/mem.h"
#include "ot/type.h"
#include "run/migrate.h"
#include "store/store.h"
#include "tests/filter/asked.h"

#define PARCELS_EACH	500		/* of one commit */

struct ask_store {
	struct loop		*loop;
	struct loop_timer	*pulse;
	struct store		*store;
	unsigned		 n_collections;
	char			 collection[32];
	struct job		*commit;	/* being filled; NULL: none */
};

static void
on_pulse(void *arg)
{
	struct ask_store *a = arg;

	loop_timer_start(a->pulse, 20);
}

/* The job, done. */
static struct job *
done(struct ask_store *a, struct job *job)
{
	struct job *end;

	a->store->ops->start(a->store, job);
	while ((end = store_next_done(a->store)) == NULL)
		loop_wait(a->loop, false);
	return end;
}

static void
flush(struct ask_store *a)
{
	struct job *job = a->commit;
	struct list *node;
	struct parcel *p;

	if (job == NULL)
		return;
	a->commit = NULL;
	job = done(a, job);
	if (job->err != ERR_NONE)
		bug(err_text(job->err));
	for (node = job->commit.parcels.next; node != &job->commit.parcels;
	    node = node->next) {
		p = LIST_ITEM(node, struct parcel, node);
		if (!p->accepted)
			bug("a document was there already");
		free((void *)p->collection);
		free((void *)p->id);
	}
	job_free(job);
}

static void
begin(void *arg)
{
	struct ask_store *a = arg;

	snprintf(a->collection, sizeof(a->collection), "c%u",
	    a->n_collections++);
}

static void
put(void *arg, const char *id, const char *body, size_t len)
{
	struct ask_store *a = arg;
	struct buf create = BUF_INIT;
	struct parcel *p;
	struct op *op;

	if (a->commit == NULL)
		a->commit = job_new(JOB_COMMIT, NULL);
	buf_puts(&create, "{\"type\":\"");
	buf_puts(&create, ot_type_json0.uri);
	buf_puts(&create, "\",\"data\":");
	buf_put(&create, body, len);
	buf_putc(&create, '}');
	op = op_new(OP_CREATE, 0, "filter-tool", 1, create.data, create.len);
	p = parcel_new(NULL, mem_copy(a->collection, strlen(a->collection)),
	    mem_copy(id, strlen(id)), 0);
	op_list_add(&p->ops, op);
	p->type_after = ot_type_json0.uri;
	p->has_content = true;
	p->body = mem_copy(body, len);
	p->len = len;
	list_push(&a->commit->commit.parcels, &p->node);
	a->commit->commit.n_ops++;
	buf_done(&create);
	if (++a->commit->commit.n_parcels == PARCELS_EACH)
		flush(a);
}

static void
end(void *arg)
{
	flush(arg);
}

static void
ask(void *arg, struct filter *f, struct buf *out)
{
	struct ask_store *a = arg;
	struct job *job = job_new_find(a->collection, filter_ref(f), NULL);
	size_t i;

	job = done(a, job);
	if (job->err != ERR_NONE) {
		asked_put_error(out, job->find.why[0] != '\0' ?
		    job->find.why : err_text(job->err));
	} else if (filter_is_count(f)) {
		asked_put_count(out, job->find.count);
	} else {
		asked_begin_ids(out);
		for (i = 0; i < job->find.n; i++)
			asked_put_id(out, job->find.found[i].id);
		asked_end_ids(out);
	}
	job_free(job);
}

int
ask_store(const char *url)
{
	static const struct asked_of whom = { begin, put, end, ask };
	struct ask_store a = { .loop = loop_new() };
	char why[512] = "the system refuses an event loop";

	if (a.loop == NULL || migrate_prepare(url, why, sizeof(why)) != 0 ||
	    (a.store = store_open(url, a.loop, why, sizeof(why))) == NULL) {
		fprintf(stderr, "filter-tool: %s\n", why);
		return 1;
	}
	a.pulse = loop_timer_new(a.loop, on_pulse, &a);
	loop_timer_start(a.pulse, 0);
	asked_run(&whom, &a);
	a.store->ops->close(a.store);
	loop_timer_free(a.pulse);
	loop_free(a.loop);
	return 0;
}
