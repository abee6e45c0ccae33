#include "rest/outbox.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "core/desk.h"
#include "core/rows.h"

#define POLL_MS		200	/* from one question to the next */
#define PAGE		200	/* events of one answer */

struct outbox {
	struct desk	*desk;
	struct list	 listeners;	/* struct listener.node */
	struct place	 head;		/* all up to this one was told */
	bool		 is_placed;	/* head is one */
	bool		 is_full;	/* the last answer was: ask at once */
	bool		 is_broken;	/* it failed, and that was logged */
	struct list	 questions;	/* struct question.node: all that are out */
	struct question	*question;	/* its own among them; NULL: none */
	uint64_t	 asked_ms;	/* when it was asked last */
	uint64_t	 now_ms;
};

/* A job that is out; who asked may be gone before it is back. */
struct question {
	struct list	 node;		/* outbox->questions */
	struct outbox	*outbox;
	struct listener	*listener;	/* NULL: the outbox itself, or gone */
};

/* ---- places ---- */

int
place_compare(const struct place *a, const struct place *b)
{
	if (a->xid != b->xid)
		return a->xid < b->xid ? -1 : 1;
	return a->serial < b->serial ? -1 : a->serial > b->serial;
}

void
place_print(const struct place *p, char text[PLACE_TEXT])
{
	snprintf(text, PLACE_TEXT, "%" PRIu64 ".%" PRIu64, p->xid, p->serial);
}

static bool
read_number(const char **p, uint64_t *out)
{
	char *end;

	if (**p < '0' || **p > '9')
		return false;
	errno = 0;
	*out = strtoull(*p, &end, 10);
	*p = end;
	return errno == 0 && *out <= INT64_MAX;
}

bool
place_read(const char *text, struct place *out, const char **end_out)
{
	struct place place;

	if (!read_number(&text, &place.xid) || *text++ != '.' ||
	    !read_number(&text, &place.serial) ||
	    (end_out == NULL && *text != '\0'))
		return false;
	if (end_out != NULL)
		*end_out = text;
	*out = place;
	return true;
}

/* ---- asking ---- */

static struct job *
ask_after(enum rows_what what, void (*settle)(struct job *),
    struct question *q, const struct place *after, const char *collection)
{
	char xid[24], serial[24], page[24];

	snprintf(xid, sizeof(xid), "%" PRIu64, after->xid);
	snprintf(serial, sizeof(serial), "%" PRIu64, after->serial);
	snprintf(page, sizeof(page), "%d", PAGE);
	if (what == ROWS_EVENTS_OF)
		return rows_new(what, settle, q, xid, serial, page,
		    collection);
	return rows_new(what, settle, q, xid, serial, page);
}

static struct question *
question_new(struct outbox *o, struct listener *l)
{
	struct question *q = mem_get(sizeof(*q));

	q->outbox = o;
	q->listener = l;
	list_push(&o->questions, &q->node);
	return q;
}

static uint64_t
cell_u64(const struct job *job, size_t row, size_t column)
{
	return (uint64_t)rows_number(job, row, column, 0);
}

/* Columns as ROWS_EVENTS_AFTER says. */
static struct event
event_read(const struct job *job, size_t row)
{
	return (struct event){
		.place = { cell_u64(job, row, 0), cell_u64(job, row, 1) },
		.at_ms = rows_number(job, row, 2, 0),
		.collection = rows_cell(job, row, 3),
		.id = rows_cell(job, row, 4),
		.from_v = cell_u64(job, row, 5),
		.to_v = cell_u64(job, row, 6),
		.kind = rows_cell(job, row, 7),
	};
}

/* The answer is back; who asked, NULL when it is gone or the outbox itself. */
static struct listener *
question_settle(const struct job *job, struct outbox **o_out)
{
	struct question *q = job->whose;
	struct outbox *o = *o_out = q->outbox;
	struct listener *l = q->listener;

	list_remove(&q->node);
	if (o->question == q)
		o->question = NULL;
	if (l != NULL)
		l->question = NULL;
	free(q);
	if (job->err != ERR_NONE && !o->is_broken)
		log_line(LOG_WARN, "outbox", "could not read events: %s",
		    err_text(job->err));
	o->is_broken = job->err != ERR_NONE;
	return l;
}

/* ---- a listener that reads by itself ---- */

static void	 listener_ask(struct listener *l);

static void
on_page(struct job *job)
{
	struct outbox *o;
	struct listener *l = question_settle(job, &o);
	size_t i, n = job->rows.n_rows;

	if (l == NULL || job->err != ERR_NONE)	/* the tick asks again */
		goto out;
	l->is_taking = true;
	for (i = 0; i < n; i++) {
		struct event e = event_read(job, i);

		l->place = e.place;
		l->take(l, &e);
		if (l->outbox == NULL)
			goto out;
	}
	l->is_taking = false;
	if (n < PAGE && !l->missed)
		l->is_behind = false;
	else
		listener_ask(l);
out:
	job_free(job);
}

/* Is what it would read still there? */
static void
on_horizon(struct job *job)
{
	struct outbox *o;
	struct listener *l = question_settle(job, &o);
	struct place horizon;

	if (l == NULL || job->err != ERR_NONE)
		goto out;
	horizon = (struct place){ cell_u64(job, 0, 0), cell_u64(job, 0, 1) };
	l->is_checked = true;
	if (place_compare(&l->place, &horizon) < 0) {
		l->is_late = true;
		l->place = horizon;
	}
	l->ready(l);
	if (l->outbox != NULL)
		listener_ask(l);
out:
	job_free(job);
}

/* Go on with its own reading, if it may. */
static void
listener_ask(struct listener *l)
{
	struct outbox *o = l->outbox;
	struct question *q;
	struct job *job;

	if (!l->is_placed || !l->is_behind || l->is_taking ||
	    l->question != NULL || !l->has_room(l))
		return;
	q = l->question = question_new(o, l);
	l->missed = false;
	if (!l->is_checked)
		job = rows_new(ROWS_EVENTS_HORIZON, on_horizon, q);
	else
		job = ask_after(l->collection != NULL ? ROWS_EVENTS_OF :
		    ROWS_EVENTS_AFTER, on_page, q, &l->place, l->collection);
	desk_ask(o->desk, job);
}

void
outbox_more(struct listener *l)
{
	if (l->outbox != NULL)
		listener_ask(l);
}

/* ---- the outbox's own reading ---- */

static void
listener_give(struct listener *l, const struct event *e)
{
	if (!l->is_placed)
		return;
	if (l->is_behind || !l->has_room(l)) {
		l->is_behind = l->missed = true;
		return;
	}
	if (place_compare(&e->place, &l->place) <= 0)
		return;
	if (l->collection == NULL || strcmp(l->collection, e->collection) == 0) {
		l->place = e->place;
		l->take(l, e);
	}
}

static void
tell_all(struct outbox *o, const struct event *e)
{
	struct list *node, *next;

	LIST_EACH(&o->listeners, node, next)
		listener_give(LIST_ITEM(node, struct listener, node), e);
}

static void
on_events(struct job *job)
{
	struct outbox *o;
	size_t i;

	question_settle(job, &o);
	if (job->err != ERR_NONE)
		goto out;
	for (i = 0; i < job->rows.n_rows; i++) {
		struct event e = event_read(job, i);

		o->head = e.place;
		tell_all(o, &e);
	}
	o->is_full = job->rows.n_rows == PAGE;
out:
	job_free(job);
}

/*
 * The reading begins.  What happened between a listener's own last answer and
 * this one is behind it: it reads on.
 */
static void
on_now(struct job *job)
{
	struct list *node, *next;
	struct outbox *o;

	question_settle(job, &o);
	if (job->err != ERR_NONE)
		goto out;
	o->head = (struct place){ cell_u64(job, 0, 0), cell_u64(job, 0, 1) };
	o->is_placed = true;
	LIST_EACH(&o->listeners, node, next) {
		struct listener *l = LIST_ITEM(node, struct listener, node);

		if (!l->is_placed)
			continue;
		l->is_behind = l->missed = true;
		listener_ask(l);
	}
out:
	job_free(job);
}

/* Those that begin now begin where the outbox is. */
static void
place_new(struct outbox *o)
{
	struct list *node, *next;

	LIST_EACH(&o->listeners, node, next) {
		struct listener *l = LIST_ITEM(node, struct listener, node);

		if (l->is_placed)
			continue;
		l->place = o->head;
		l->is_placed = l->is_checked = true;
		l->ready(l);
	}
}

static void
outbox_ask(struct outbox *o)
{
	struct question *q = question_new(o, NULL);

	o->question = q;
	o->asked_ms = o->now_ms;
	desk_ask(o->desk, o->is_placed ?
	    ask_after(ROWS_EVENTS_AFTER, on_events, q, &o->head, NULL) :
	    rows_new(ROWS_EVENTS_NOW, on_now, q));
}

/* ---- listeners come and go ---- */

void
outbox_listen(struct outbox *o, struct listener *l, const struct place *from)
{
	l->outbox = o;
	l->is_late = l->is_checked = l->is_taking = l->missed = false;
	l->is_placed = from != NULL;
	l->is_behind = from != NULL;
	l->question = NULL;
	list_push(&o->listeners, &l->node);
	if (from != NULL) {
		l->place = *from;
		listener_ask(l);
	}
}

void
outbox_leave(struct listener *l)
{
	struct outbox *o = l->outbox;

	if (o == NULL)
		return;
	if (l->question != NULL)
		l->question->listener = NULL;
	l->question = NULL;
	l->outbox = NULL;
	list_remove(&l->node);
	/* Nobody is left to tell: what comes meanwhile is not read. */
	if (list_empty(&o->listeners))
		o->is_placed = false;
}

struct outbox *
outbox_new(struct desk *desk)
{
	struct outbox *o = mem_get(sizeof(*o));

	o->desk = desk;
	list_init(&o->listeners);
	list_init(&o->questions);
	return o;
}

void
outbox_free(struct outbox *o)
{
	struct list *node;

	if (o == NULL)
		return;
	if (!list_empty(&o->listeners))
		bug("outbox: freed while somebody listens");
	while ((node = list_shift(&o->questions)) != NULL)
		free(LIST_ITEM(node, struct question, node));
	free(o);
}

void
outbox_tick(struct outbox *o, uint64_t now_ms)
{
	struct list *node, *next;

	o->now_ms = now_ms;
	if (list_empty(&o->listeners))
		return;
	if (o->is_placed)
		place_new(o);
	if (o->question != NULL ||
	    (!o->is_full && now_ms - o->asked_ms < POLL_MS))
		return;
	outbox_ask(o);
	/* Those whose own question failed ask again. */
	LIST_EACH(&o->listeners, node, next)
		listener_ask(LIST_ITEM(node, struct listener, node));
}

static void
on_pruned(struct job *job)
{
	if (job->err != ERR_NONE)
		log_line(LOG_WARN, "outbox", "could not delete old events: %s",
		    err_text(job->err));
	job_free(job);
}

void
outbox_prune(struct outbox *o, int64_t before_ms)
{
	char before[24];

	snprintf(before, sizeof(before), "%" PRId64, before_ms);
	desk_ask(o->desk, rows_new(ROWS_EVENTS_PRUNE, on_pruned, NULL,
	    before));
}
