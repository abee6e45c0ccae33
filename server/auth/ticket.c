/*
 * Tickets and share links: the store knows them, so that the verdict comes
 * later.
 */
#include <stdlib.h>
#include <string.h>

#include "auth/claims.h"
#include "auth/gate_in.h"
#include "auth/link.h"
#include "auth/ticket.h"
#include "base/mem.h"
#include "core/desk.h"

#define FOR_EVER_S	(INT64_MAX / 1000)

/* ---- tickets: made ---- */

/* {"claims": {...}, "link": "..."}; for free(). */
char *
ticket_principal(const struct principal *who)
{
	struct buf b = BUF_INIT;
	char *text;

	buf_puts(&b, "{\"claims\":");
	json_print(who->claims, &b);
	if (who->link != NULL) {
		buf_puts(&b, ",\"link\":");
		json_put_string(&b, who->link, strlen(who->link));
	}
	buf_puts(&b, "}");
	text = buf_failed(&b) ? NULL : mem_copy(b.data, b.len);
	buf_done(&b);
	return text;
}

/* ---- tickets: shown ---- */

static struct principal *
principal_of_ticket(const struct gate *g, const char *text,
    const char **why_out)
{
	static const struct token_rules any;
	struct token_rules rules = any;
	struct json *ticket = NULL;
	struct principal *who = NULL;
	struct ot_err err;
	struct buf claims = BUF_INIT;

	*why_out = "the ticket cannot be read";
	if (json_parse(text, strlen(text), 0, &ticket, &err) != 0 ||
	    json_kind(ticket) != JSON_OBJECT ||
	    json_kind(json_object_value(ticket, "claims")) != JSON_OBJECT)
		goto out;
	rules.leeway_s = g->settings->leeway_s;
	json_print(json_object_value(ticket, "claims"), &claims);
	buf_putc(&claims, '\0');
	if (json_object_len(json_object_value(ticket, "claims")) == 0)
		who = link_principal(NULL);
	else
		who = claims_principal(&rules, claims.data,
		    (uint64_t)(g->wall_ms / 1000), why_out);
	if (who != NULL)
		who->link = claim_text(ticket, "link");
out:
	buf_done(&claims);
	json_unref(ticket);
	return who;
}

static void
on_ticket(struct job *job)
{
	struct wait *w = job->whose;
	struct gate *g = w->gate;
	const char *text = rows_cell(job, 0, 0);
	const char *why = "the ticket is used, over, or was never given";
	struct principal *who = NULL, *in = NULL;

	if (job->err != ERR_NONE)
		why = "the store is away, so that the ticket cannot be "
		    "checked; come again";
	else if (text != NULL)
		who = principal_of_ticket(g, text, &why);
	job_free(job);
	if (who != NULL && gate_admit(g, who, NULL, &in, &why) == GATE_IN)
		wait_settle(w, GATE_IN, in, NULL);
	else
		wait_settle(w, GATE_OUT, NULL, why);
}

struct wait *
ticket_ask(struct gate *g, const char *ticket, gate_settle *settle, void *arg)
{
	struct wait *w = wait_new(g, true, settle, arg);
	char digest[DIGEST_TEXT];

	secret_digest(ticket, digest);
	desk_ask(g->desk, rows_new(ROWS_TICKET_TAKE, on_ticket, w, digest));
	return w;
}

/* ---- links ---- */

struct principal *
link_principal(const char *link)
{
	struct principal *p = mem_get(sizeof(*p));

	p->refs = 1;
	p->link = link == NULL ? NULL : mem_copy(link, strlen(link));
	p->claims = json_object_new();
	p->expires_s = FOR_EVER_S;
	return p;
}

static void
on_link(struct job *job)
{
	struct wait *w = job->whose;
	struct principal *who;
	int64_t expires_ms;

	if (job->err != ERR_NONE || rows_number(job, 0, 0, 0) == 0) {
		wait_settle(w, GATE_OUT, NULL, job->err != ERR_NONE ?
		    "the store is away, so that the link cannot be checked; "
		    "come again" : "the link is over, or was never given");
	} else {
		who = link_principal(w->link);
		expires_ms = rows_number(job, 0, 1, 0);
		if (expires_ms != 0)
			who->expires_s = (uint64_t)(expires_ms + 999) / 1000;
		wait_settle(w, GATE_IN, who, NULL);
	}
	job_free(job);
}

struct wait *
link_ask(struct gate *g, const char *link, gate_settle *settle, void *arg)
{
	struct wait *w = wait_new(g, true, settle, arg);
	char subject[LINK_TEXT];

	link_subject(link, subject);
	w->link = mem_copy(subject, strlen(subject));
	desk_ask(g->desk, rows_new(ROWS_LINK_GRANTS, on_link, w, subject));
	return w;
}
