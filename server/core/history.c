/*
 * history: see history.h.
 */
#include "core/history.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "core/actions.h"
#include "core/checkpoint.h"
#include "core/doc.h"
#include "core/hub_in.h"
#include "core/may.h"
#include "core/project.h"
#include "core/session_in.h"
#include "proto/reply.h"

/* Made at once; each holds a document. */
#define ACTIVE_MAX	4

/* Ops asked of the store at once, and replayed in one turn. */
#define PART_OPS	1000
#define TURN_OPS	200

struct history {
	struct list	 node;		/* session->histories, then hub->histories */
	struct list	 in_work;	/* hub->replaying */
	struct session	*ss;		/* NULL: left */
	struct incoming	*in;		/* owned */
	const struct collection *settings;
	struct snapshot	 shot;		/* built so far */
	bool		 is_begun;	/* there is one */
	uint64_t	 horizon;	/* as the store said then */
	uint64_t	 to;		/* to be built; JOB_NO_VERSION: not known yet */
	struct op_list	 ops;		/* from the store */
	size_t		 next;		/* of ops: to be replayed */
	bool		 must_recheck;	/* rights have changed since it was allowed */
};

/* ---- who is next ---- */

static void
ask(struct hub *h, struct history *hi)
{
	const struct message *msg = &hi->in->msg;
	struct job *job = job_new(JOB_HISTORY, hi);
	struct job_history *jh = &job->history;

	jh->load.collection = hi->in->named.collection;
	jh->load.id = msg->d;
	jh->max_ops = PART_OPS;
	jh->from = hi->is_begun ? hi->shot.v : JOB_NO_VERSION;
	if (hi->to == JOB_NO_VERSION) {
		jh->by_time = msg->action == ACTION_HISTORY_TIME;
		jh->time_ms = msg->time_ms;
		jh->load.v = jh->by_time ? 0 : msg->v;
	} else {
		jh->load.v = hi->to;
	}
	hub_ask(h, job);
}

/* Begin as many as may be made at once; sessions take turns. */
static void
begin_some(struct hub *h)
{
	struct list *node;
	struct session *ss;

	while (h->n_histories < ACTIVE_MAX &&
	    (node = list_shift(&h->historians)) != NULL) {
		ss = LIST_ITEM(node, struct session, in_history);
		node = list_shift(&ss->histories);
		ss->history = LIST_ITEM(node, struct history, node);
		list_push(&h->histories, node);
		h->n_histories++;
		ask(h, ss->history);
	}
}

static void
history_free(struct history *hi)
{
	list_remove(&hi->node);
	list_remove(&hi->in_work);
	op_list_done(&hi->ops);
	snapshot_done(&hi->shot);
	incoming_free(hi->in);
	free(hi);
}

void
history_next(struct session *ss)
{
	if (!list_empty(&ss->histories) && ss->history == NULL &&
	    list_empty(&ss->in_history) && !session_is_behind(ss))
		list_push(&ss->hub->historians, &ss->in_history);
}

/* It is over, answered or not. */
static void
end(struct hub *h, struct history *hi)
{
	struct session *ss = hi->ss;

	history_free(hi);
	h->n_histories--;
	h->waiting--;
	if (ss != NULL) {
		ss->history = NULL;
		ss->n_histories--;
		history_next(ss);
	}
}

void
history_join(struct session *ss, struct incoming *in, bool in_doubt)
{
	struct hub *h = ss->hub;
	struct history *hi;

	if (ss->n_histories >= h->limits.line_requests) {
		action_error(ss, in, ERR_BUSY);
		return;
	}
	hi = mem_get(sizeof(*hi));
	hi->ss = ss;
	hi->in = in;
	hi->to = JOB_NO_VERSION;
	hi->must_recheck = in_doubt;
	hi->settings = catalog_collection(h->limits.catalog,
	    in->named.collection);
	list_init(&hi->in_work);
	list_push(&ss->histories, &hi->node);
	ss->n_histories++;
	h->waiting++;
	history_next(ss);
}

/* In the document's line, where its grants are known. */
static void
line_up(struct session *ss, struct incoming *in, enum request_kind kind)
{
	doc_join(doc_view(hub_doc(ss->hub, in->named.collection, in->msg.d),
	    in->msg.c, in->named.projection),
	    request_new(ss->hub, ss, kind, in));
}

void
action_history(struct session *ss, struct incoming *in)
{
	const struct message *msg = &in->msg;
	struct about about = about_message(in, msg->d);
	bool is_latest = !(msg->action == ACTION_HISTORY ? msg->has_v :
	    msg->has_time);

	if (may_not(ss, in, ACCESS_HISTORY, msg->d))
		return;
	if (is_latest)
		line_up(ss, in, REQUEST_LATEST);
	else if (may(ss->hub, ss->who, ACCESS_HISTORY, &about) == ACCESS_YES)
		history_join(ss, in, false);
	else
		line_up(ss, in, REQUEST_HISTORY);
}

static void
recheck(struct history *hi, const char *collection, const char *id)
{
	if (id == NULL || (strcmp(hi->in->msg.d, id) == 0 &&
	    strcmp(hi->in->named.collection, collection) == 0))
		hi->must_recheck = true;
}

void
history_recheck(struct session *ss, const char *collection, const char *id)
{
	struct list *node, *next;

	LIST_EACH(&ss->histories, node, next)
		recheck(LIST_ITEM(node, struct history, node), collection, id);
	if (ss->history != NULL)
		recheck(ss->history, collection, id);
}

void
history_leave(struct session *ss)
{
	struct list *node;

	while ((node = list_shift(&ss->histories)) != NULL) {
		ss->hub->waiting--;
		history_free(LIST_ITEM(node, struct history, node));
	}
	list_remove(&ss->in_history);
	if (ss->history != NULL)
		ss->history->ss = NULL;
}

void
history_free_all(struct hub *h)
{
	while (!list_empty(&h->histories))
		history_free(LIST_ITEM(h->histories.next, struct history,
		    node));
}

/* ---- making one ---- */

enum err
history_reply(const struct incoming *in, const struct snapshot *s,
    struct frame **frame_out)
{
	struct buf data = BUF_INIT;
	bool is_shown = false;
	enum err err = ERR_NONE;

	if (s->type != NULL)
		err = project_data(in->named.projection, s->type, s->data,
		    &data, &is_shown);
	if (err == ERR_NONE)
		*frame_out = reply_history(&in->msg, s->v, s->type,
		    is_shown ? &data : NULL);
	buf_done(&data);
	return err;
}

static void
answer_error(struct hub *h, struct history *hi, enum err err,
    const char *text)
{
	struct refusal r;

	if (text != NULL)
		refuse(&r, err, "%s", text);
	else
		refuse(&r, err, NULL);
	session_post(hi->ss, reply_refused(&hi->in->msg, &r));
	end(h, hi);
}

static void
answer(struct hub *h, struct history *hi)
{
	struct session *ss = hi->ss;
	struct incoming *in = hi->in;
	struct about about = about_message(in, in->msg.d);
	struct frame *f = NULL;
	enum err err;

	if (hi->must_recheck) {
		hi->in = NULL;
		end(h, hi);
		action_history(ss, in);
		return;
	}
	err = history_reply(hi->in, &hi->shot, &f);
	if (err != ERR_NONE) {
		answer_error(h, hi, err, NULL);
		return;
	}
	session_post_shown(ss, f, &about, ACCESS_HISTORY);
	end(h, hi);
}

/* The log cannot be replayed; the reason may quote the document. */
static void
answer_broken(struct hub *h, struct history *hi)
{
	LOG_LIMITED(LOG_ERROR, "store", "cannot build \"%s/%s\" at version "
	    "%" PRIu64 ": its log cannot be applied at %" PRIu64,
	    hi->in->named.collection, hi->in->msg.d, hi->to, hi->shot.v);
	answer_error(h, hi, ERR_STORE_BROKEN, NULL);
}

void
history_answered(struct hub *h, struct job *job)
{
	struct history *hi = job->whose;
	struct job_history *jh = &job->history;
	struct ot_err err;

	if (hi->ss == NULL) {
		end(h, hi);
		return;
	}
	if (job->err != ERR_NONE) {
		answer_error(h, hi, job->err, NULL);
		return;
	}
	if (hi->to == JOB_NO_VERSION) {
		if (jh->load.v > jh->head_v) {
			/* sharedb lib/backend.js, _fetchSnapshot */
			answer_error(h, hi, ERR_NEWER, "Requested version "
			    "exceeds latest snapshot version");
			return;
		}
		hi->to = jh->load.v;
	}
	if (hi->is_begun && jh->load.horizon != hi->horizon) {
		/* Compacted meanwhile: what comes does not fit what was. */
		snapshot_done(&hi->shot);
		hi->is_begun = false;
		ask(h, hi);
		return;
	}
	if (!hi->is_begun) {
		if (job_snapshot(&jh->load, &hi->shot, &err) != 0) {
			answer_broken(h, hi);
			return;
		}
		hi->is_begun = true;
		hi->horizon = jh->load.horizon;
	}
	hi->ops = jh->load.ops;
	hi->next = 0;
	jh->load.ops = (struct op_list){ NULL, 0 };
	list_push(&h->replaying, &hi->in_work);
}

/* One of the versions that are kept, and it was not there. */
static void
keep(struct hub *h, const struct history *hi)
{
	h->counts.checkpoints++;
	hub_ask(h, checkpoint_job(hi->settings, hi->in->named.collection,
	    hi->in->msg.d, &hi->shot));
}

static void
replay(struct hub *h, struct history *hi)
{
	struct ot_err err;
	struct op *op;
	unsigned n;

	for (n = 0; n < TURN_OPS && hi->next < hi->ops.n; n++) {
		op = hi->ops.ops[hi->next++];
		if (op->v != hi->shot.v)
			break;
		if (op_parse(op, hi->shot.type, &err) != 0 ||
		    op_apply(&hi->shot, op, NULL, &err) != 0) {
			answer_broken(h, hi);
			return;
		}
		if (checkpoint_is_kept(hi->settings, &hi->shot))
			keep(h, hi);
	}
	if (hi->shot.v == hi->to) {
		answer(h, hi);
	} else if (hi->ops.n == 0 || hi->ops.ops[hi->next - 1]->v + 1 !=
	    hi->shot.v) {
		answer_error(h, hi, ERR_HISTORY, NULL);
	} else if (hi->next < hi->ops.n) {
		list_push(&h->replaying, &hi->in_work);
	} else {
		op_list_done(&hi->ops);
		ask(h, hi);
	}
}

void
history_work(struct hub *h)
{
	struct list now = LIST_INIT(now), *node;
	struct history *hi;

	list_splice(&now, &h->replaying);
	while ((node = list_shift(&now)) != NULL) {
		hi = LIST_ITEM(node, struct history, in_work);
		if (hi->ss == NULL)
			end(h, hi);
		else
			replay(h, hi);
	}
	begin_some(h);
}

bool
history_has_work(const struct hub *h)
{
	return !list_empty(&h->replaying) ||
	    (!list_empty(&h->historians) && h->n_histories < ACTIVE_MAX);
}
