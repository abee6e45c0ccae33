#include "auth/changes.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "core/desk.h"

#define SWEEP_MS	60000	/* between sweeps, here and in the store */

/* Columns of ROWS_ACCESS_CHANGES. */
enum column {
	CURSOR, NAME, KIND, COLLECTION, ID, SUBJECT, TOKEN_ID,
	IS_REVOKED, BEFORE_MS, EXPIRES_MS,
};

/* A row that has been told, and is behind no cursor yet. */
struct seen {
	struct table_node	 in_table;
	struct list		 node;		/* changes->order */
	char			*name;
	bool			 is_again;	/* it is in this answer too */
};

struct told {
	struct list		 node;		/* changes->told */
	struct gate_change	 change;
};

void
changes_init(struct changes *c, struct desk *desk, struct revoked *revoked,
    uint64_t poll_ms, uint64_t seed)
{
	*c = (struct changes){ .desk = desk, .revoked = revoked,
	    .poll_ms = poll_ms };
	table_init(&c->seen, seed);
	list_init(&c->order);
	list_init(&c->told);
}

static void
seen_forget(struct changes *c, struct seen *s)
{
	table_remove(&c->seen, &s->in_table);
	list_remove(&s->node);
	free(s->name);
	free(s);
}

void
changes_done(struct changes *c)
{
	struct gate_change change;

	while (!list_empty(&c->order))
		seen_forget(c, LIST_ITEM(c->order.next, struct seen, node));
	table_done(&c->seen);
	while (changes_next(c, &change))
		gate_change_done(&change);
	free(c->cursor);
}

/* ---- rows that were told before ---- */

static bool
seen_match(const struct table_node *node, const void *key)
{
	return strcmp(LIST_ITEM(node, struct seen, in_table)->name, key) == 0;
}

/* Was it told before?  From now on it was. */
static bool
is_seen(struct changes *c, const char *name)
{
	uint64_t hash = table_hash(&c->seen, name, strlen(name));
	struct table_node *node = table_find(&c->seen, hash, seen_match, name);
	struct seen *s;

	if (node != NULL) {
		LIST_ITEM(node, struct seen, in_table)->is_again = true;
		return true;
	}
	s = mem_get(sizeof(*s));
	s->name = mem_copy(name, strlen(name));
	s->is_again = true;
	table_add(&c->seen, &s->in_table, hash);
	list_push(&c->order, &s->node);
	return false;
}

/* What was not in the last answer is behind the cursor for good. */
static void
seen_drop_passed(struct changes *c)
{
	struct list *node, *next;

	LIST_EACH(&c->order, node, next) {
		struct seen *s = LIST_ITEM(node, struct seen, node);

		if (!s->is_again)
			seen_forget(c, s);
		else
			s->is_again = false;
	}
}

/* ---- what they say ---- */

static char *
copy_or_null(const char *text)
{
	return text != NULL ? mem_copy(text, strlen(text)) : NULL;
}

static void
tell(struct changes *c, const struct gate_change *change)
{
	struct told *t = mem_get(sizeof(*t));

	t->change = *change;
	t->change.token_id = copy_or_null(change->token_id);
	t->change.subject = copy_or_null(change->subject);
	t->change.collection = copy_or_null(change->collection);
	t->change.id = copy_or_null(change->id);
	list_push(&c->told, &t->node);
}

static void
take_revocation(struct changes *c, const struct job *job, size_t row)
{
	const char *token_id = rows_cell(job, row, TOKEN_ID);
	const char *subject = rows_cell(job, row, SUBJECT);
	enum revoked_kind kind = token_id != NULL ? REVOKED_TOKEN :
	    REVOKED_SUBJECT;
	const char *value = token_id != NULL ? token_id : subject;
	uint64_t before_s = (uint64_t)rows_number(job, row, BEFORE_MS, 0) /
	    1000;

	if (value == NULL)
		return;
	/* The row tells that it changed; what is said is what holds now. */
	if (rows_number(job, row, IS_REVOKED, 0) == 0) {
		revoked_drop(c->revoked, kind, value);
		return;
	}
	revoked_put(c->revoked, kind, value, before_s,
	    rows_number(job, row, EXPIRES_MS, 0));
	tell(c, &(struct gate_change){ .kind = GATE_REVOKED,
	    .token_id = (char *)token_id, .subject = (char *)subject,
	    .before_s = before_s });
}

static void
take_change(struct changes *c, const struct job *job, size_t row)
{
	const char *name = rows_cell(job, row, NAME);
	const char *kind = rows_cell(job, row, KIND);

	if (name == NULL || kind == NULL || is_seen(c, name))
		return;
	if (strcmp(kind, "grant") != 0) {
		take_revocation(c, job, row);
		return;
	}
	tell(c, &(struct gate_change){ .kind = GATE_REGRANTED,
	    .collection = (char *)rows_cell(job, row, COLLECTION),
	    .id = (char *)rows_cell(job, row, ID),
	    .subject = (char *)rows_cell(job, row, SUBJECT) });
}

bool
changes_next(struct changes *c, struct gate_change *change_out)
{
	struct list *node = list_shift(&c->told);
	struct told *t;

	if (node == NULL)
		return false;
	t = LIST_ITEM(node, struct told, node);
	*change_out = t->change;
	free(t);
	return true;
}

/* ---- asking ---- */

static void
on_revocations(struct job *job)
{
	struct changes *c = job->whose;

	c->is_asking = false;
	if (job->err == ERR_NONE) {
		for (size_t row = 0; row < job->rows.n_rows; row++)
			revoked_put(c->revoked, strcmp(rows_cell(job, row, 0),
			    "token") == 0 ? REVOKED_TOKEN : REVOKED_SUBJECT,
			    rows_cell(job, row, 1),
			    (uint64_t)rows_number(job, row, 2, 0) / 1000,
			    rows_number(job, row, 3, 0));
		c->is_loaded = true;
	}
	job_free(job);
}

static void
on_changes(struct job *job)
{
	struct changes *c = job->whose;

	c->is_asking = false;
	if (job->err == ERR_NONE && job->rows.n_rows > 0) {
		free(c->cursor);
		c->cursor = copy_or_null(rows_cell(job, 0, CURSOR));
		for (size_t row = 0; row < job->rows.n_rows; row++)
			take_change(c, job, row);
		seen_drop_passed(c);
		/* The whole list is read after the cursor: no gap between. */
		if (!c->is_loaded) {
			c->is_asking = true;
			desk_ask(c->desk, rows_new(ROWS_REVOCATIONS,
			    on_revocations, c));
		}
	} else if (job->err != ERR_NONE) {
		LOG_LIMITED(LOG_WARN, "access", "could not look for changes of "
		    "grants and revocations");
	}
	job_free(job);
}

static void
on_swept(struct job *job)
{
	job_free(job);
}

static void
sweep(struct changes *c, int64_t wall_ms)
{
	static const enum rows_what stale[] = {
		ROWS_ACCESS_CHANGES_SWEEP, ROWS_REVOCATIONS_SWEEP,
		ROWS_TICKETS_SWEEP, ROWS_LOGINS_SWEEP, ROWS_REFRESH_SWEEP,
	};

	revoked_sweep(c->revoked, wall_ms);
	for (size_t i = 0; i < sizeof(stale) / sizeof(stale[0]); i++)
		desk_ask(c->desk, rows_new(stale[i], on_swept, c));
}

void
changes_tick(struct changes *c, uint64_t now_ms, int64_t wall_ms)
{
	if (!c->is_asking && now_ms >= c->next_ms) {
		c->is_asking = true;
		c->next_ms = now_ms + c->poll_ms;
		desk_ask(c->desk, rows_new(ROWS_ACCESS_CHANGES, on_changes, c,
		    c->cursor));
	}
	if (now_ms >= c->next_sweep_ms) {
		/* Not at the start, when all nodes may be starting. */
		if (c->next_sweep_ms != 0)
			sweep(c, wall_ms);
		c->next_sweep_ms = now_ms + SWEEP_MS;
	}
}

void
changes_hurry(struct changes *c)
{
	c->next_ms = 0;
}
