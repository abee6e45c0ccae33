/*
 * Who a request is from: who.h.
 *
 * A token in a URL lands in logs of proxies and in histories, which is why
 * there are tickets; it is taken all the same, since not every client can
 * choose its headers.  It is never logged here, and the api does not see it.
 */
#include "net/who.h"

#include <string.h>
#include <strings.h>

#include "net/conn.h"
#include "net/http.h"

#define COOKIE_NAME	"otd_token"
#define REFRESH_NAME	"otd_refresh"	/* of the user service, which reads it */
#define TWO_TOKENS	"two different tokens are shown"

/* ---- what is shown ---- */

/* RFC 6750, 2.1: the scheme's case means nothing. */
static const char *
bearer_of(const char *authorization)
{
	static const char scheme[] = "Bearer ";

	if (authorization == NULL ||
	    strncasecmp(authorization, scheme, sizeof(scheme) - 1) != 0)
		return NULL;
	authorization += sizeof(scheme) - 1;
	return authorization + strspn(authorization, " ");
}

/*
 * The value of a cookie (RFC 6265, 4.2.1), copied; NULL: it is not there.
 * False: twice, and not the same.
 */
static bool
cookie_find(struct arena *a, const char *cookies, const char *name,
    const char **value_out)
{
	const size_t name_len = strlen(name);
	const char *value = NULL, *found;
	size_t len;

	for (; cookies != NULL && *cookies != '\0'; cookies += len) {
		cookies += strspn(cookies, "; ");
		len = strcspn(cookies, ";");
		if (len <= name_len || cookies[name_len] != '=' ||
		    memcmp(cookies, name, name_len) != 0)
			continue;
		found = arena_copy(a, cookies + name_len + 1,
		    len - name_len - 1);
		if (value != NULL && strcmp(value, found) != 0)
			return false;
		value = found;
	}
	*value_out = value;
	return true;
}

/* Take what was found in one place; false: another was found before. */
static bool
token_take(const char **token, const char *found)
{
	if (found == NULL || *found == '\0')
		return true;
	if (*token != NULL && strcmp(*token, found) != 0)
		return false;
	*token = found;
	return true;
}

const char *
who_read(const struct conn *c, struct arena *a, struct who_shown *shown_out)
{
	const char *token = NULL, *cookie = NULL, *refresh = NULL, *cookies;

	*shown_out = (struct who_shown){ .by_cookie = false };
	cookies = header_text(c, a, WSI_TOKEN_HTTP_COOKIE);
	if (!header_argument(c, a, "ticket", &shown_out->gate.ticket) ||
	    !header_argument(c, a, "share", &shown_out->gate.link) ||
	    !header_argument(c, a, "access_token", &token) ||
	    !token_take(&token, bearer_of(header_text(c, a,
	    WSI_TOKEN_HTTP_AUTHORIZATION))) ||
	    !cookie_find(a, cookies, COOKIE_NAME, &cookie) ||
	    !cookie_find(a, cookies, REFRESH_NAME, &refresh))
		return TWO_TOKENS;
	/* What is shown beside it does not vouch for the refresh token. */
	shown_out->by_cookie = refresh != NULL ||
	    (token == NULL && cookie != NULL);
	if (!token_take(&token, cookie))
		return TWO_TOKENS;
	shown_out->gate.token = token;
	return NULL;
}

/* ---- what the gate says ---- */

static void
who_set(struct conn *c, enum gate_verdict verdict, struct principal *who,
    const char *why)
{
	c->who_state = verdict == GATE_IN ? WHO_IN : WHO_OUT;
	c->who = who;
	c->who_why = verdict == GATE_IN ? NULL : why;
	if (verdict == GATE_OUT)
		c->net->counts.tokens_refused++;
}

static void
on_settle(void *arg, enum gate_verdict verdict, struct principal *who,
    const char *why)
{
	struct conn *c = arg;

	c->who_wait = NULL;
	who_set(c, verdict, who, why);
	if (c->state == CONN_HTTP && c->exchange != NULL)
		http_settled(c);
	else if (c->state == CONN_ASKING)
		ws_settled(c);
}

void
who_ask(struct conn *c, const struct gate_shown *shown)
{
	struct principal *who = NULL;
	const char *why = NULL;
	enum gate_verdict verdict;

	c->who_state = WHO_IN;
	c->was_shown = shown->token != NULL || shown->ticket != NULL ||
	    shown->link != NULL;
	if (c->net->gate == NULL)
		return;
	verdict = gate_check(c->net->gate, shown, on_settle, c, &who, &why,
	    &c->who_wait);
	if (verdict == GATE_LATER)
		c->who_state = WHO_ASKED;
	else
		who_set(c, verdict, who, why);
}

void
who_done(struct conn *c)
{
	if (c->who_wait != NULL)
		gate_forget(c->net->gate, c->who_wait);
	c->who_wait = NULL;
	principal_unref(c->who);
	c->who = NULL;
}

const char *
who_challenge(struct arena *a, const char *why)
{
	static const char plain[] = "WWW-Authenticate: Bearer realm=\"otd\"\r\n";
	struct buf line = BUF_INIT;
	const char *text;

	if (why == NULL)
		return plain;
	buf_puts(&line, "WWW-Authenticate: Bearer realm=\"otd\", "
	    "error=\"invalid_token\", error_description=\"");
	/* RFC 6750, 3: no quotes and no backslashes, escaped or not. */
	for (; *why != '\0'; why++)
		buf_putc(&line, *why == '"' || *why == '\\' ? '\'' : *why);
	buf_puts(&line, "\"\r\n");
	text = buf_failed(&line) ? plain : arena_copy(a, line.data, line.len);
	buf_done(&line);
	return text;
}
