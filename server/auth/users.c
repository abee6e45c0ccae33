#include "auth/users.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "auth/claims.h"
#include "auth/link.h"
#include "auth/sign.h"
#include "base/mem.h"
#include "core/job.h"
#include "ot/json.h"
#include "ot/json_value.h"

#define NAME_MOST	128	/* bytes */
#define URL_MOST	2048
#define ROLES_MOST	64	/* names */

static const char *const invited[] = { "otd-invitation" };

struct users *
users_new(const struct users_settings *settings, struct loop *loop,
    uint64_t seed)
{
	struct users *u = mem_get(sizeof(*u));

	table_init(&u->hashes, seed);
	u->settings = *settings;
	u->hasher = hasher_new(loop, &settings->cost);
	if (u->hasher == NULL) {
		users_free(u);
		return NULL;
	}
	return u;
}

void
users_free(struct users *u)
{
	if (u == NULL)
		return;
	hasher_free(u->hasher);
	explicit_bzero(&u->settings.key, sizeof(u->settings.key));
	free(u);
}

/* ---- who was over the limit ---- */

static uint64_t
shut_hash(const struct users *u, const char *name, const char *address)
{
	uint64_t hash = table_hash(&u->hashes, name != NULL ? name : "",
	    name != NULL ? strlen(name) : 0);

	/* The NUL as well, so that nothing moves from one to the other. */
	return table_hash_more(hash, address != NULL ? address : "",
	    address != NULL ? strlen(address) + 1 : 0);
}

static bool
is_shut(const struct users *u, uint64_t hash, int64_t wall_ms)
{
	const struct users_shut *s = &u->shut[hash & (USERS_SHUT - 1)];

	return s->hash == hash && wall_ms < s->until_ms;
}

bool
users_is_shut(const struct users *u, const char *name, const char *address,
    int64_t wall_ms)
{
	return is_shut(u, shut_hash(u, name, address), wall_ms) ||
	    is_shut(u, shut_hash(u, name, NULL), wall_ms) ||
	    is_shut(u, shut_hash(u, NULL, address), wall_ms);
}

void
users_shut_out(struct users *u, const char *name, const char *address,
    int64_t wall_ms)
{
	uint64_t hash = shut_hash(u, name, address);
	uint64_t for_ms = u->settings.window_ms < USERS_SHUT_MS ?
	    u->settings.window_ms : USERS_SHUT_MS;

	u->shut[hash & (USERS_SHUT - 1)] = (struct users_shut){
		hash, wall_ms + (int64_t)for_ms,
	};
}

/* ---- tokens ---- */

static void
put_text(struct buf *b, const char *name, const char *text)
{
	if (text == NULL)
		return;
	buf_puts(b, b->len > 1 ? ",\"" : "\"");
	buf_puts(b, name);
	buf_puts(b, "\":");
	json_put_string(b, text, strlen(text));
}

static void
put_number(struct buf *b, const char *name, uint64_t n)
{
	buf_puts(b, b->len > 1 ? ",\"" : "\"");
	buf_puts(b, name);
	buf_puts(b, "\":");
	buf_put_u64(b, n);
}

static char *
sign(const struct users *u, struct buf *claims)
{
	char *token;

	buf_puts(claims, "}");
	buf_putc(claims, '\0');
	if (buf_failed(claims))
		bug("out of memory");
	token = sign_token(claims->data, GATE_OWN_NAME, u->settings.key,
	    sizeof(u->settings.key));
	buf_done(claims);
	return token;
}

char *
users_access_token(const struct users *u, const struct job *job, size_t row,
    int64_t now_ms)
{
	const char *display = rows_cell(job, row, ACCOUNT_DISPLAY_NAME);
	const char *name = rows_cell(job, row, ACCOUNT_NAME);
	int64_t before_ms = rows_number(job, row, ACCOUNT_REVOKED_BEFORE, 0);
	uint64_t issued_s = (uint64_t)(now_ms > before_ms ? now_ms :
	    before_ms) / 1000;
	struct buf b = BUF_INIT;
	char id[SECRET_ROOM];

	if (!secret_new(id))
		return NULL;
	buf_putc(&b, '{');
	put_text(&b, "iss", GATE_OWN_NAME);
	put_text(&b, "aud", GATE_OWN_NAME);
	put_text(&b, "sub", rows_cell(job, row, ACCOUNT_SUBJECT));
	put_text(&b, "jti", id);
	put_number(&b, "iat", issued_s);
	put_number(&b, "exp", (uint64_t)now_ms / 1000 +
	    (u->settings.access_ms + 999) / 1000);
	put_text(&b, "name", display != NULL ? display : name);
	put_text(&b, "preferred_username", name);
	put_text(&b, "colour", rows_cell(job, row, ACCOUNT_COLOUR));
	put_text(&b, "picture", rows_cell(job, row, ACCOUNT_AVATAR_URL));
	buf_puts(&b, ",\"roles\":");
	buf_puts(&b, rows_cell(job, row, ACCOUNT_ROLES));
	return sign(u, &b);
}

char *
users_invitation(const struct users *u, const char *roles, int64_t now_ms,
    int64_t expires_ms)
{
	struct buf b = BUF_INIT;
	char id[SECRET_ROOM];

	if (!secret_new(id))
		return NULL;
	buf_putc(&b, '{');
	put_text(&b, "iss", GATE_OWN_NAME);
	/* Another audience: it lets nobody in. */
	put_text(&b, "aud", invited[0]);
	put_text(&b, "sub", "invitation");
	put_text(&b, "jti", id);
	put_number(&b, "iat", (uint64_t)now_ms / 1000);
	put_number(&b, "exp", (uint64_t)expires_ms / 1000);
	buf_puts(&b, ",\"roles\":");
	buf_puts(&b, roles);
	return sign(u, &b);
}

bool
users_invitation_read(const struct users *u, const char *text, int64_t now_ms,
    char **id_out, char **roles_out, int64_t *expires_ms_out,
    const char **why_out)
{
	const struct token_rules rules = {
		.issuer = GATE_OWN_NAME, .audiences = invited,
		.n_audiences = 1,
	};
	struct tokens *tokens = tokens_new(&rules, 0);
	struct principal *p;
	struct keys keys;
	struct buf roles = BUF_INIT;
	char why[KEYS_WHY];

	keys_init(&keys);
	if (!keys_add_secret(&keys, u->settings.key, sizeof(u->settings.key),
	    KEY_HS256, why))
		bug(why);
	tokens_set_keys(tokens, &keys);
	p = tokens_check(tokens, text, strlen(text),
	    (uint64_t)now_ms / 1000, why_out);
	tokens_free(tokens);
	if (p == NULL)
		return false;
	json_print(json_object_value(p->claims, "roles"), &roles);
	*roles_out = mem_copy(roles.data, roles.len);
	buf_done(&roles);
	*id_out = mem_copy(p->token_id, strlen(p->token_id));
	*expires_ms_out = (int64_t)p->expires_s * 1000;
	principal_unref(p);
	return true;
}

/* ---- what may be in an account ---- */

static bool
has_control(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return true;
	return false;
}

const char *
users_name_fault(const char *name)
{
	size_t len = strlen(name);

	if (len == 0 || len > NAME_MOST)
		return "a name has 1 to 128 bytes";
	if (has_control(name))
		return "a name has no control characters";
	if (name[0] == ' ' || name[len - 1] == ' ')
		return "a name begins and ends with no blank";
	return NULL;
}

const char *
users_display_name_fault(const char *name)
{
	return users_name_fault(name);
}

const char *
users_colour_fault(const char *colour)
{
	size_t i;

	for (i = 1; colour[0] == '#' && i < 7; i++)
		if (!isxdigit((unsigned char)colour[i]))
			break;
	return i == 7 && colour[7] == '\0' ? NULL :
	    "a colour is # and six hexadecimal digits";
}

const char *
users_avatar_fault(const char *url)
{
	if (strncmp(url, "https://", 8) != 0 && strncmp(url, "http://", 7) != 0)
		return "a picture's URL begins with https:// or http://";
	if (strlen(url) > URL_MOST)
		return "a picture's URL has at most 2048 bytes";
	return has_control(url) || strpbrk(url, " \"<>\\") != NULL ?
	    "a picture's URL has characters that a URL cannot have" : NULL;
}

const char *
users_roles_fault(const char *text)
{
	static const char form[] = "roles are a list of at most 64 names";
	struct json *roles = NULL;
	struct ot_err err;
	const char *fault = NULL;

	if (json_parse(text, strlen(text), 0, &roles, &err) != 0 ||
	    json_kind(roles) != JSON_LIST || json_list_len(roles) > ROLES_MOST)
		fault = form;
	for (size_t i = 0; fault == NULL && i < json_list_len(roles); i++) {
		const struct json *role = json_list_at(roles, i);

		if (json_kind(role) != JSON_STRING ||
		    json_string_len_bytes(role) == 0 ||
		    json_string_len_bytes(role) > NAME_MOST)
			fault = form;
	}
	json_unref(roles);
	return fault;
}
