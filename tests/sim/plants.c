/*
 * plants: does the simulation see what it is there to see?
 *
 * Each plant is a mistake that the hub could have in it.  The production
 * sources know nothing of them: calls between the core's files are wrapped by
 * the linker, and stage.c is compiled once more with another strcmp.  Every
 * plant must be caught within a number of seeds, and without one nothing may
 * be caught.
 *
 *	plants [NUMBER]		one plant, with what it is caught by
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "core/content.h"
#include "core/doc.h"
#include "core/presence_word.h"
#include "core/session_in.h"
#include "core/watch.h"
#include "tests/sim/plants.h"
#include "tests/sim/run.h"

#define SEEDS_CLEAN	200
#define SEEDS_PLANTED	6000

static const char *const names[N_PLANTS] = {
	[PLANT_NONE] = "nothing planted",
	[ACK_EARLY] = "an op is acknowledged before the store has it",
	[READ_EARLY] = "a read is answered before the store has what it shows",
	[UNDO_LOST] = "taking an op back leaves the content as it is",
	[REWIND_PARTIAL] = "an op is not taken out of the window",
	[GAP_LEFT] = "a gap is not asked for",
	[UNSURE_FORGOTTEN] = "an op that may be stored is not looked for",
	[CATCH_UP_SILENT] = "readers are not told what others wrote",
	[COMPARE_LOST] = "the sweep's answer is ignored",
	[REPEAT_UNSEEN] = "an op sent again is not recognised",
	[SRC_IGNORED] = "ops are told apart by seq alone",
	[READ_STALE] = "a read does not ask a shared store",
	[REFUSAL_STALE] = "a refusal does not ask a shared store",
	[HOLD_NOTHING] = "ops overtake the snapshots of a bulk",
	[MISSED_LOST] = "an author is not told the ops before its own",
	[JOIN_LATE] = "a reader misses the first op",
	[CHECKPOINT_KEPT] = "a checkpoint of ops taken back is stored",
	[SHOT_STALE] = "a rendering of another version is shown",
	[SIDE_SWAPPED] = "ops are transformed as the wrong side",
	[TRIM_ALL] = "history that is still needed is dropped",
	[UNSUBSCRIBE_LOST] = "a reader who left still gets ops",
	[OLDER_SHORT] = "older history is asked for one op short",
	[LATEST_EARLY] = "a latest version is shown before the store has it",
	[ECHO_LOST] = "the version after a burst is not said again",
	[RESULT_STILL] = "what no longer matches stays in a result",
	[WINDOW_STILL] = "a window is not asked for anew",
	[DOUBT_LOST] = "what others wrote is not looked at for queries",
	[QUERY_GAP_LEFT] = "ops that a query lacks are not asked for",
	[QUERY_OP_LOST] = "an op is not told to those whose result it is in",
	[STEP_LOST] = "the last step of a diff is left out",
	[QUERY_BACK_LOST] = "queries are not asked anew when words were lost",
	[QUERY_STALE] = "a query is answered by what was asked before it came",
	[CONTENT_UNASKED] = "a find does not have written what is due",
	[LAG_UNSAID] = "nobody is told that finds see an older content",
	[PLACE_EARLY] = "a place is told before the ops it counts upon",
	[PLACE_STALE] = "a place that waited is told after a later one",
	[PLACE_KEPT] = "a place that waits outlives who left the channel",
	[GONE_UNTOLD] = "who leaves is not told of",
	[CHANGE_UNSAID] = "other processes are not told of who leaves",
	[REV_UNHEARD] = "the last change of presence is not asked for",
	[SILENT_KEPT] = "the presences of a dead process stay",
	[ADMIT_ALL] = "a line lets everybody pass",
	[REGRANT_LOST] = "readers stay whose grant has gone",
	[UNTIL_LOST] = "a grant that expires leaves readers where they are",
	[QUERY_WHOLE] = "a query finds what may not be read",
	[QUERY_REGRANT_LOST] = "a query goes on when its grants change",
	[OWED_KEPT] = "an answer that waits is sent, allowed or not",
};

static enum plant plant;

bool
is_planted(enum plant p)
{
	return plant == p;
}

/* ---- where they are put ---- */

int	planted_strcmp(const char *a, const char *b);

/* Used by stage.c to tell whose op it is. */
int
planted_strcmp(const char *a, const char *b)
{
	if (plant == REPEAT_UNSEEN)
		return 1;
	return plant == SRC_IGNORED ? 0 : strcmp(a, b);
}

bool	__real_doc_stage(struct doc *d, struct request *req);
bool	__wrap_doc_stage(struct doc *d, struct request *req);

bool
__wrap_doc_stage(struct doc *d, struct request *req)
{
	enum request_kind kind = req->kind;
	bool is_staged = __real_doc_stage(d, req);

	/* Passed on, it is no more. */
	if (!is_staged || kind == REQUEST_HISTORY || kind == REQUEST_FOLLOW)
		return is_staged;
	if ((plant == ACK_EARLY && req->is_op) ||
	    (plant == READ_EARLY && req->kind == REQUEST_SNAPSHOT) ||
	    (plant == LATEST_EARLY && req->kind == REQUEST_LATEST) ||
	    (plant == PLACE_EARLY && req->kind == REQUEST_PRESENCE))
		req->wait_v = d->durable_v;
	if (plant == MISSED_LOST && req->is_op)
		req->from = req->done_v;
	if (plant == JOIN_LATE && req->kind == REQUEST_OPS &&
	    req->from < req->done_v)
		req->from++;
	return true;
}

void	__real_op_unapply(struct snapshot *s, struct op_undo *undo);
void	__wrap_op_unapply(struct snapshot *s, struct op_undo *undo);

void
__wrap_op_unapply(struct snapshot *s, struct op_undo *undo)
{
	if (plant != UNDO_LOST || undo->kind != OP_EDIT) {
		__real_op_unapply(s, undo);
		return;
	}
	op_undo_done(undo);
	s->v--;
}

struct window_slot	__real_window_pop(struct window *w);
struct window_slot	__wrap_window_pop(struct window *w);

struct window_slot
__wrap_window_pop(struct window *w)
{
	struct window_slot s = __real_window_pop(w);

	if (plant == REWIND_PARTIAL && w->n > 2)
		window_push(w, op_ref(s.op), &(struct op_undo){ OP_EDIT, NULL,
		    NULL, NULL });
	return s;
}

void	__real_doc_ask(struct doc *d, enum doc_question q,
	    const struct request *req);
void	__wrap_doc_ask(struct doc *d, enum doc_question q,
	    const struct request *req);

void
__wrap_doc_ask(struct doc *d, enum doc_question q, const struct request *req)
{
	bool is_read = req != NULL && req->kind != REQUEST_SUBMIT;

	if (q == ASK_NEWER && req == NULL && plant == GAP_LEFT) {
		d->heard_v = 0;
		doc_wake(d);
		return;
	}
	if (q == ASK_NEWER && req != NULL &&
	    plant == (is_read ? READ_STALE : REFUSAL_STALE)) {
		d->fresh_stamp = d->hub->stamp;
		doc_wake(d);
		return;
	}
	__real_doc_ask(d, q, req);
}

uint64_t	__real_request_needs(const struct request *req);
uint64_t	__wrap_request_needs(const struct request *req);

uint64_t
__wrap_request_needs(const struct request *req)
{
	uint64_t v = __real_request_needs(req);

	if (plant == UNSURE_FORGOTTEN && req->kind == REQUEST_SUBMIT)
		return req->has_v ? v : JOB_NO_VERSION;
	return plant == OLDER_SHORT && v != JOB_NO_VERSION ? v + 1 : v;
}

void	__real_doc_publish(struct doc *d, struct op *op,
	    const struct request *by);
void	__wrap_doc_publish(struct doc *d, struct op *op,
	    const struct request *by);

void
__wrap_doc_publish(struct doc *d, struct op *op, const struct request *by)
{
	if (plant != CATCH_UP_SILENT || by != NULL)
		__real_doc_publish(d, op, by);
}

void	__real_doc_compare(struct doc *d, uint64_t v);
void	__wrap_doc_compare(struct doc *d, uint64_t v);

void
__wrap_doc_compare(struct doc *d, uint64_t v)
{
	if (plant != COMPARE_LOST)
		__real_doc_compare(d, v);
}

void	__real_bulk_hold(struct bulk *bulk, const struct reader *rd,
	    struct frame *f);
void	__wrap_bulk_hold(struct bulk *bulk, const struct reader *rd,
	    struct frame *f);

void
__wrap_bulk_hold(struct bulk *bulk, const struct reader *rd, struct frame *f)
{
	if (plant == HOLD_NOTHING)
		session_post_live(bulk->ss, frame_ref(f));
	else
		__real_bulk_hold(bulk, rd, f);
}

void	__real_doc_drop_checkpoint(struct doc *d);
void	__wrap_doc_drop_checkpoint(struct doc *d);

void
__wrap_doc_drop_checkpoint(struct doc *d)
{
	if (plant != CHECKPOINT_KEPT)
		__real_doc_drop_checkpoint(d);
}

enum err	__real_view_shot(struct view *w, const struct buf **shot_out);
enum err	__wrap_view_shot(struct view *w, const struct buf **shot_out);

enum err
__wrap_view_shot(struct view *w, const struct buf **shot_out)
{
	if (plant != SHOT_STALE || w->shot.len == 0)
		return __real_view_shot(w, shot_out);
	*shot_out = &w->shot;
	return ERR_NONE;
}

int	__real_op_transform(const struct op *op, const struct op *applied,
	    const struct ot_type *type, struct op **op_out,
	    struct ot_err *err);
int	__wrap_op_transform(const struct op *op, const struct op *applied,
	    const struct ot_type *type, struct op **op_out,
	    struct ot_err *err);

int
__wrap_op_transform(const struct op *op, const struct op *applied,
    const struct ot_type *type, struct op **op_out, struct ot_err *err)
{
	struct op *right;
	struct ot_edit *edit;
	struct buf b = BUF_INIT;
	int rc;

	if (plant != SIDE_SWAPPED || op->kind != OP_EDIT ||
	    applied->kind != OP_EDIT)
		return __real_op_transform(op, applied, type, op_out, err);
	rc = type->transform(op->edit, applied->edit, OT_RIGHT, &edit, err);
	if (rc != 0)
		return rc;
	right = op_new(OP_EDIT, op->v + 1, op->src, op->seq, NULL, 0);
	right->type = type;
	right->edit = edit;
	type->edit_print(edit, &b);
	right->body = buf_take(&b, &right->body_len);
	*op_out = right;
	return 0;
}

void	__real_window_trim(struct window *w, uint64_t keep, size_t max_ops,
	    size_t max_bytes);
void	__wrap_window_trim(struct window *w, uint64_t keep, size_t max_ops,
	    size_t max_bytes);

void
__wrap_window_trim(struct window *w, uint64_t keep, size_t max_ops,
    size_t max_bytes)
{
	if (plant == TRIM_ALL)
		keep = window_end(w);
	__real_window_trim(w, keep, max_ops, max_bytes);
}

void	__real_reader_leave(struct reader *rd);
void	__wrap_reader_leave(struct reader *rd);

/* From actions.c and doc.c: an unsubscribe. */
void
__wrap_reader_leave(struct reader *rd)
{
	if (plant != UNSUBSCRIBE_LOST)
		__real_reader_leave(rd);
}

void	__real_doc_echo_later(struct doc *d);
void	__wrap_doc_echo_later(struct doc *d);

void
__wrap_doc_echo_later(struct doc *d)
{
	if (plant != ECHO_LOST)
		__real_doc_echo_later(d);
}

/* ---- queries ---- */

void	__real_watch_content(struct watch *w, const char *id,
	    struct content *c);
void	__wrap_watch_content(struct watch *w, const char *id,
	    struct content *c);

void
__wrap_watch_content(struct watch *w, const char *id, struct content *c)
{
	if (plant != RESULT_STILL || filter_is_window(w->filter) ||
	    content_matches(c, id, w->filter))
		__real_watch_content(w, id, c);
}

void	__real_seek_soon(struct hub *h, struct seek *s);
void	__wrap_seek_soon(struct hub *h, struct seek *s);

/* From watch.c and watch_find.c: those of watches. */
void
__wrap_seek_soon(struct hub *h, struct seek *s)
{
	if (plant == WINDOW_STILL && s->is_watch &&
	    filter_is_window(LIST_ITEM(s, struct watch, seek)->filter))
		LIST_ITEM(s, struct watch, seek)->is_stale = false;
	else
		__real_seek_soon(h, s);
}

void	__real_feed_doubt_id(struct feed *f, const char *id);
void	__wrap_feed_doubt_id(struct feed *f, const char *id);

void
__wrap_feed_doubt_id(struct feed *f, const char *id)
{
	if (plant != DOUBT_LOST)
		__real_feed_doubt_id(f, id);
}

void	__real_feed_gap(struct feed *f, const char *id, uint64_t from);
void	__wrap_feed_gap(struct feed *f, const char *id, uint64_t from);

void
__wrap_feed_gap(struct feed *f, const char *id, uint64_t from)
{
	if (plant != QUERY_GAP_LEFT)
		__real_feed_gap(f, id, from);
}

void	__real_watch_op(struct watch *w, const char *id, struct op *op,
	    struct doc *d, const struct request *by);
void	__wrap_watch_op(struct watch *w, const char *id, struct op *op,
	    struct doc *d, const struct request *by);

void
__wrap_watch_op(struct watch *w, const char *id, struct op *op,
    struct doc *d, const struct request *by)
{
	struct item *item = watch_item(w, id);

	if (plant == QUERY_OP_LOST && item != NULL && item->v == op->v &&
	    op->v % 5 == 4)
		item->v++;
	else
		__real_watch_op(w, id, op, d, by);
}

void	__real_diff_make(struct diff *d, const size_t *places,
	    size_t n_before, size_t n_after);
void	__wrap_diff_make(struct diff *d, const size_t *places,
	    size_t n_before, size_t n_after);

void
__wrap_diff_make(struct diff *d, const size_t *places, size_t n_before,
    size_t n_after)
{
	__real_diff_make(d, places, n_before, n_after);
	if (plant == STEP_LOST && d->n > 1)
		d->n--;
}

void	__real_feed_back(struct feed *f);
void	__wrap_feed_back(struct feed *f);

void
__wrap_feed_back(struct feed *f)
{
	if (plant != QUERY_BACK_LOST)
		__real_feed_back(f);
}

void	__real_watch_ask(struct watch *w);
void	__wrap_watch_ask(struct watch *w);

void
__wrap_watch_ask(struct watch *w)
{
	__real_watch_ask(w);
	if (plant == QUERY_STALE && w->is_out)
		list_splice(&w->awaits, &w->wants);
}

bool	__real_content_settle(struct hub *h, struct job *job);
bool	__wrap_content_settle(struct hub *h, struct job *job);

bool
__wrap_content_settle(struct hub *h, struct job *job)
{
	if (plant != CONTENT_UNASKED || job->find.n_due == 0)
		return __real_content_settle(h, job);
	job_find_again(job);
	hub_ask(h, job);
	return true;
}

void	__real_content_pack(const struct doc *d, struct parcel *p);
void	__wrap_content_pack(const struct doc *d, struct parcel *p);

void
__wrap_content_pack(const struct doc *d, struct parcel *p)
{
	__real_content_pack(d, p);
	if (plant == LAG_UNSAID)
		p->lag = LAG_KEEP;
}

/* ---- presence ---- */

bool	__real_channel_is_so(const struct channel *ch,
	    const struct said *said);
bool	__wrap_channel_is_so(const struct channel *ch,
	    const struct said *said);

bool
__wrap_channel_is_so(const struct channel *ch, const struct said *said)
{
	return plant == PLACE_STALE || __real_channel_is_so(ch, said);
}

void	__real_presence_withdraw(struct session *ss, const char *ch);
void	__wrap_presence_withdraw(struct session *ss, const char *ch);

void
__wrap_presence_withdraw(struct session *ss, const char *ch)
{
	if (plant != PLACE_KEPT)
		__real_presence_withdraw(ss, ch);
}

void	__real_channel_tell_gone(struct channel *ch, struct said *said);
void	__wrap_channel_tell_gone(struct channel *ch, struct said *said);

void
__wrap_channel_tell_gone(struct channel *ch, struct said *said)
{
	if (plant != GONE_UNTOLD)
		__real_channel_tell_gone(ch, said);
}

void	__real_presence_bus_say(struct channel *ch, const struct said *said);
void	__wrap_presence_bus_say(struct channel *ch, const struct said *said);

void
__wrap_presence_bus_say(struct channel *ch, const struct said *said)
{
	if (plant != CHANGE_UNSAID || !said_is_gone(said))
		__real_presence_bus_say(ch, said);
}

void	__real_presence_read(struct hub *h, struct presence_reader *r);
void	__wrap_presence_read(struct hub *h, struct presence_reader *r);

void
__wrap_presence_read(struct hub *h, struct presence_reader *r)
{
	if (plant != REV_UNHEARD || r->kind != PRESENCE_REV)
		__real_presence_read(h, r);
}

void	__real_presence_lose_silent(struct hub *h);
void	__wrap_presence_lose_silent(struct hub *h);

void
__wrap_presence_lose_silent(struct hub *h)
{
	if (plant != SILENT_KEPT)
		__real_presence_lose_silent(h);
}

/* ---- trying them ---- */

static void
run(enum plant p)
{
	struct run_totals totals = { 0 };
	uint64_t seed, seeds = p == PLANT_NONE ? SEEDS_CLEAN : SEEDS_PLANTED;

	plant = p;
	for (seed = 1; seed <= seeds; seed++)
		run_seed(seed, false, &totals);
}

/* Run it in a process of its own; true: something was caught. */
static bool
is_caught(enum plant p, char *by, size_t size)
{
	FILE *said;
	int fds[2], status;
	pid_t pid;

	if (pipe(fds) != 0)
		bug("no pipe");
	fflush(stdout);
	if ((pid = fork()) == 0) {
		dup2(fds[1], 2);
		close(fds[0]);
		close(fds[1]);
		run(p);
		_exit(0);
	}
	close(fds[1]);
	said = fdopen(fds[0], "r");
	if (pid < 0 || said == NULL)
		bug("no process");
	by[0] = '\0';
	if (fgets(by, (int)size, said) != NULL)
		by[strcspn(by, "\n")] = '\0';
	while (fgetc(said) != EOF)
		;
	fclose(said);
	if (waitpid(pid, &status, 0) != pid)
		bug("no process");
	return !WIFEXITED(status) || WEXITSTATUS(status) != 0;
}

int
main(int argc, char **argv)
{
	unsigned first = PLANT_NONE, last = N_PLANTS - 1, p, failed = 0;
	char by[200];
	bool caught;

	if (argc > 1)
		first = last = (unsigned)atoi(argv[1]) % N_PLANTS;
	for (p = first; p <= last; p++) {
		caught = is_caught((enum plant)p, by, sizeof(by));
		printf("%s %2u: %s: %s\n", caught == (p != PLANT_NONE) ?
		    "ok" : "FAILED", p, names[p], caught ? by : "not caught");
		failed += caught != (p != PLANT_NONE);
	}
	return failed > 0;
}
