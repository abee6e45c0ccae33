#include "tests/auth/gate_rig.h"

#include <stdio.h>

#include "auth/sign.h"
#include "base/fetch.h"
#include "base/mem.h"

/* ---- the network: one fetch at most ---- */

static fetch_done *fetched;
static void *fetched_arg;
static unsigned n_fetches;
static char fetched_url[64];

struct fetch *
fetch_start(struct fetcher *f, const struct fetch_request *r, fetch_done *done,
    void *arg)
{
	(void)f;
	assert_null(fetched);
	snprintf(fetched_url, sizeof(fetched_url), "%s", r->url);
	n_fetches++;
	fetched = done;
	fetched_arg = arg;
	return (struct fetch *)&fetched;
}

void
fetch_drop(struct fetch *one)
{
	assert_ptr_equal(one, &fetched);
	fetched = NULL;
}

bool
fetch_is_out(void)
{
	return fetched != NULL;
}

unsigned
fetch_count(void)
{
	return n_fetches;
}

const char *
fetch_url(void)
{
	return fetched_url;
}

void
fetch_answers(int status, const char *body, uint64_t max_age_s)
{
	struct fetch_answer a = { .status = status, .body = body,
	    .len = strlen(body), .max_age_s = max_age_s,
	    .why = status == 0 ? "nobody is there" : NULL };
	fetch_done *done = fetched;

	assert_non_null(done);
	fetched = NULL;
	done(fetched_arg, &a);
}

/* ---- the store ---- */

static void
fill(struct job *job, const char *const *cells, size_t n, size_t n_columns)
{
	struct job_rows *r = &job->rows;

	r->n_columns = n_columns;
	r->n_rows = n / n_columns;
	r->cells = mem_get(n * sizeof(char *));
	for (size_t i = 0; i < n; i++)
		r->cells[i] = cells[i] == NULL ? NULL :
		    mem_copy(cells[i], strlen(cells[i]));
}

void
rig_store(struct rig *r)
{
	static const char *const nothing[10] = { "0" };
	struct job *job;

	while ((job = desk_next(&r->desk)) != NULL) {
		if (r->is_away)
			job->err = ERR_STORE_AWAY;
		else if (job->rows.what == r->answers_to && r->n_cells > 0)
			fill(job, r->cells, r->n_cells, r->n_columns);
		else if (job->rows.what == ROWS_ACCESS_CHANGES)
			fill(job, nothing, 10, 10);
		job->settle(job);
	}
}

void
rig_turn(struct rig *r, uint64_t after_ms)
{
	r->now_ms += after_ms;
	gate_tick(r->gate, r->now_ms, NOW_S * 1000LL + (int64_t)r->now_ms);
	rig_store(r);
	gate_tick(r->gate, r->now_ms, NOW_S * 1000LL + (int64_t)r->now_ms);
}

void
rig_answer(struct rig *r, enum rows_what to, size_t n_columns,
    size_t n_cells, ...)
{
	va_list cells;

	r->answers_to = to;
	r->n_columns = n_columns;
	r->n_cells = n_cells;
	va_start(cells, n_cells);
	for (size_t i = 0; i < n_cells; i++)
		r->cells[i] = va_arg(cells, const char *);
	va_end(cells);
}

void
rig_init(struct rig *r)
{
	memset(r, 0, sizeof(*r));
	r->settings = (struct gate_settings){
		.asks = true,
		.keys = { .secret = SECRET, .allowed = KEY_HS | KEY_RS },
		.leeway_s = 10,
		.remember = 8,
		.poll_ms = 400,
	};
	desk_init(&r->desk);
	fetched = NULL;
	n_fetches = 0;
}

void
rig_open(struct rig *r)
{
	char why[KEYS_WHY] = "";

	r->gate = gate_new(&r->settings, &r->desk, NULL, why);
	assert_string_equal(why, "");
	assert_non_null(r->gate);
	rig_turn(r, 1);
}

void
rig_done(struct rig *r)
{
	principal_unref(r->who);
	desk_done(&r->desk);
	gate_free(r->gate);
}

/* ---- asking ---- */

static void
settled(void *arg, enum gate_verdict verdict, struct principal *who,
    const char *why)
{
	struct rig *r = arg;

	r->n_settled++;
	r->verdict = verdict;
	principal_unref(r->who);
	r->who = who;
	r->why = why;
}

enum gate_verdict
ask(struct rig *r, struct gate_shown shown, void **wait_out)
{
	struct principal *who = NULL;
	const char *why = NULL;
	enum gate_verdict verdict = gate_check(r->gate, &shown, settled, r,
	    &who, &why, wait_out);

	if (verdict != GATE_LATER)
		settled(r, verdict, who, why);
	return verdict;
}

enum gate_verdict
ask_token(struct rig *r, const char *token)
{
	void *wait;

	return ask(r, (struct gate_shown){ .token = token }, &wait);
}

char *
hs(const char *members)
{
	char json[512];

	snprintf(json, sizeof(json), "{%s}", members);
	return sign_token(json, NULL, SECRET, strlen(SECRET));
}

void
assert_out(struct rig *r, const char *why)
{
	assert_int_equal(r->verdict, GATE_OUT);
	assert_null(r->who);
	assert_string_equal(r->why, why);
}
