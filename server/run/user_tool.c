#include "run/user_tool.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "auth/password.h"
#include "auth/users.h"
#include "base/mem.h"
#include "ot/json.h"
#include "run/asker.h"
#include "run/identity.h"
#include "run/migrate.h"
#include "run/words.h"

#define INVITED_S	(7 * 86400)	/* unless it is said */
#define SLACK_S		60		/* clocks of nodes differ */

/* What the words say, and the store. */
struct user_call {
	const struct config *config;
	const char	*name;		/* the first word; NULL: none */
	char		**words;	/* behind it */
	int		 n;
	FILE		*out;
	struct asker	 asker;
};

static int
complain(int code, const char *what, const char *word)
{
	fprintf(stderr, "otd: %s%s%s%s\n", what, word == NULL ? "" : " \"",
	    word == NULL ? "" : word, word == NULL ? "" : "\"");
	return code;
}

/* The answer; NULL, told on stderr, when there is none. */
static struct job *
ask(struct user_call *call, struct job *job)
{
	const char *why = NULL;

	if ((job = asker_ask(&call->asker, job, &why)) == NULL)
		complain(1, why, NULL);
	return job;
}

/* The same, when only that it was done matters. */
static int
tell(struct user_call *call, struct job *job)
{
	if ((job = ask(call, job)) == NULL)
		return 1;
	job_free(job);
	return 0;
}

/* The account of that name; NULL, told on stderr, when there is none. */
static struct job *
find(struct user_call *call)
{
	struct job *job = ask(call, rows_new(ROWS_ACCOUNT_NAMED, NULL, NULL,
	    call->name));

	if (job != NULL && job->rows.n_rows == 0) {
		complain(1, "there is no account", call->name);
		job_free(job);
		job = NULL;
	}
	return job;
}

/* ---- what is read ---- */

/* One line, without its end; unseen on a terminal.  For free(); NULL: none. */
static char *
read_password(void)
{
	bool is_seen = isatty(STDIN_FILENO);
	struct termios before, quiet;
	char *line = NULL;
	size_t room = 0;
	ssize_t len;

	if (is_seen && tcgetattr(STDIN_FILENO, &before) == 0) {
		quiet = before;
		quiet.c_lflag &= ~(tcflag_t)ECHO;
		fprintf(stderr, "password: ");
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
	}
	len = getline(&line, &room, stdin);
	if (is_seen) {
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
		fprintf(stderr, "\n");
	}
	if (len < 0) {
		free(line);
		return NULL;
	}
	line[strcspn(line, "\r\n")] = '\0';
	return line;
}

/* The hash of a password that is read; 0 or an exit code. */
static int
read_hash(const struct config *c, char hash_out[PASSWORD_HASH])
{
	const struct password_cost cost = {
		c->password_memory, c->password_passes,
	};
	char *password = read_password();
	const char *fault = password == NULL ?
	    "a password is wanted on standard input" :
	    password_fault(password);
	int rc = 0;

	if (fault != NULL)
		rc = complain(1, fault, NULL);
	else if (!password_start() ||
	    !password_hash(password, &cost, hash_out))
		rc = complain(1, "the system refuses --password-memory", NULL);
	if (password != NULL)
		explicit_bzero(password, strlen(password));
	free(password);
	return rc;
}

/* The roles among the words as a JSON list, for free(). */
static char *
roles_of(const struct user_call *call, bool bare)
{
	struct buf b = BUF_INIT;
	const char *role;
	char *text;

	buf_putc(&b, '[');
	for (int i = 0; i < call->n; i++) {
		role = words_value(call->words[i], "role");
		if (role == NULL && bare)
			role = call->words[i];
		if (role == NULL)
			continue;
		if (b.len > 1)
			buf_putc(&b, ',');
		json_put_string(&b, role, strlen(role));
	}
	buf_putc(&b, ']');
	if (buf_failed(&b))
		bug("out of memory");
	text = mem_copy(b.data, b.len);
	buf_done(&b);
	return text;
}

static const char *
option_of(const struct user_call *call, const char *name)
{
	const char *value;

	for (int i = 0; i < call->n; i++)
		if ((value = words_value(call->words[i], name)) != NULL)
			return value;
	return NULL;
}

/* ---- what is shown ---- */

static void
put_text(struct buf *b, const char *name, const char *text)
{
	buf_puts(b, b->len > 0 && b->data[b->len - 1] != '\n' ? "," : "{");
	json_put_string(b, name, strlen(name));
	buf_putc(b, ':');
	if (text == NULL)
		buf_puts(b, "null");
	else
		json_put_string(b, text, strlen(text));
}

static void
put_account(struct buf *b, const struct job *job, size_t row)
{
	put_text(b, "subject", rows_cell(job, row, ACCOUNT_SUBJECT));
	put_text(b, "name", rows_cell(job, row, ACCOUNT_NAME));
	put_text(b, "display_name", rows_cell(job, row, ACCOUNT_DISPLAY_NAME));
	buf_puts(b, ",\"roles\":");
	buf_puts(b, rows_cell(job, row, ACCOUNT_ROLES));
	buf_puts(b, rows_cell(job, row, ACCOUNT_DISABLED) != NULL ?
	    ",\"disabled\":true}\n" : ",\"disabled\":false}\n");
}

/* ---- the verbs ---- */

static int
user_add(struct user_call *call)
{
	const char *display = option_of(call, "display-name"), *fault;
	char hash[PASSWORD_HASH], *roles = roles_of(call, false);
	struct job *job;
	int rc = 1;

	if ((fault = users_name_fault(call->name)) != NULL ||
	    (fault = users_roles_fault(roles)) != NULL ||
	    (display != NULL &&
	    (fault = users_display_name_fault(display)) != NULL)) {
		rc = complain(EX_USAGE, fault, NULL);
		goto out;
	}
	if ((rc = read_hash(call->config, hash)) != 0)
		goto out;
	rc = 1;
	job = ask(call, rows_new(ROWS_ACCOUNT_ADD, NULL, NULL, call->name,
	    hash, roles, display));
	if (job == NULL)
		goto out;
	fprintf(call->out, "%s\n", rows_cell(job, 0, 0));
	job_free(job);
	rc = 0;
out:
	free(roles);
	return rc;
}

static int
user_list(struct user_call *call)
{
	struct buf b = BUF_INIT;
	char *after = mem_copy("", 0);
	struct job *job;
	size_t n = 1;

	while (n > 0) {
		if ((job = ask(call, rows_new(ROWS_ACCOUNTS, NULL, NULL, after,
		    "1000"))) == NULL)
			break;
		n = job->rows.n_rows;
		for (size_t i = 0; i < n; i++)
			put_account(&b, job, i);
		if (n > 0) {
			free(after);
			after = mem_copy(rows_cell(job, n - 1, ACCOUNT_NAME),
			    strlen(rows_cell(job, n - 1, ACCOUNT_NAME)));
		}
		job_free(job);
	}
	free(after);
	if (b.len > 0)
		fwrite(b.data, 1, b.len, call->out);
	buf_done(&b);
	return n == 0 ? 0 : 1;
}

/* Its tokens of until now are refused; for ever: those to come as well. */
static int
user_revoke(struct user_call *call, const char *subject, bool for_ever)
{
	int64_t now_s = (int64_t)time(NULL);
	char before[24], expires[24];

	snprintf(before, sizeof(before), "%" PRId64, (now_s + 1) * 1000);
	snprintf(expires, sizeof(expires), "%" PRId64, (now_s + SLACK_S) *
	    1000 + (int64_t)call->config->access_ttl);
	return tell(call, rows_new(ROWS_REVOKE, NULL, NULL, "subject", subject,
	    for_ever ? NULL : before, for_ever ? NULL : expires, NULL));
}

/*
 * Do something to the account, and see to it that what it was given before
 * does not serve any more.
 */
static int
change(struct user_call *call, enum rows_what what, const char *value,
    bool keeps_logins, bool for_ever)
{
	struct job *job = find(call);
	const char *subject;
	int rc = 1;

	if (job == NULL)
		return 1;
	subject = rows_cell(job, 0, ACCOUNT_SUBJECT);
	/* One more than some have: a password may be any before. */
	if (tell(call, rows_new(what, NULL, NULL, subject, value,
	    (const char *)NULL)) == 0 &&
	    (keeps_logins || tell(call, rows_new(ROWS_REFRESH_DROP_ALL, NULL,
	    NULL, subject)) == 0))
		rc = user_revoke(call, subject, for_ever);
	job_free(job);
	return rc;
}

static int
user_disable(struct user_call *call)
{
	return change(call, ROWS_ACCOUNT_DISABLE, "1", false, true);
}

static int
user_enable(struct user_call *call)
{
	return change(call, ROWS_ACCOUNT_DISABLE, "0", false, false);
}

static int
user_password(struct user_call *call)
{
	char hash[PASSWORD_HASH];
	int rc = read_hash(call->config, hash);

	return rc != 0 ? rc :
	    change(call, ROWS_ACCOUNT_PASSWORD, hash, false, false);
}

static int
user_roles(struct user_call *call)
{
	char *roles = roles_of(call, true);
	const char *fault = users_roles_fault(roles);
	int rc = fault != NULL ? complain(EX_USAGE, fault, NULL) :
	    change(call, ROWS_ACCOUNT_ROLES, roles, true, false);

	free(roles);
	return rc;
}

static int
user_remove(struct user_call *call)
{
	return change(call, ROWS_ACCOUNT_REMOVE, NULL, false, false);
}

static int
user_invite(struct user_call *call)
{
	const char *ttl = option_of(call, "ttl");
	int64_t ttl_s = ttl == NULL ? INVITED_S : words_term_s(ttl);
	int64_t now_ms = (int64_t)time(NULL) * 1000;
	char secret[SECRET_TEXT], why[512], *roles, *text;
	struct users users = { .hasher = NULL };

	if (ttl_s < 0)
		return complain(EX_USAGE, "--ttl wants a number and s, m, h or "
		    "d, not", ttl);
	if (migrate_secret(call->config->store, secret, why,
	    sizeof(why)) != 0)
		return complain(1, why, NULL);
	identity_users_settings(call->config, secret, &users.settings);
	roles = roles_of(call, false);
	text = users_invitation(&users, roles, now_ms, now_ms + ttl_s * 1000);
	if (text != NULL)
		fprintf(call->out, "%s\n", text);
	free(text);
	free(roles);
	explicit_bzero(secret, sizeof(secret));
	explicit_bzero(&users, sizeof(users));
	return 0;
}

int
user_tool(const struct config *config, char **words, int n, FILE *out)
{
	static const struct {
		const char	*verb;
		bool		 has_name;
		int		 words;		/* behind it: 0, or any */
		int		(*call)(struct user_call *call);
	} verbs[] = {
		{ "add", true, 1, user_add }, { "list", false, 0, user_list },
		{ "disable", true, 0, user_disable },
		{ "enable", true, 0, user_enable },
		{ "password", true, 0, user_password },
		{ "roles", true, 1, user_roles },
		{ "remove", true, 0, user_remove },
		{ "invite", false, 1, user_invite },
	};
	struct user_call call = { .config = config, .out = out };
	int skip, rc;

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (n == 0 || strcmp(words[0], verbs[i].verb) != 0)
			continue;
		skip = verbs[i].has_name ? 2 : 1;
		if (n < skip || (n > skip && verbs[i].words == 0))
			break;
		call.name = verbs[i].has_name ? words[1] : NULL;
		call.words = words + skip;
		call.n = n - skip;
		if (!asker_open(&call.asker, config->store, true))
			return 1;
		rc = verbs[i].call(&call);
		asker_close(&call.asker);
		return rc;
	}
	return complain(EX_USAGE, "user wants list, invite, or NAME behind "
	    "add, disable, enable, password, roles or remove", NULL);
}
