/*
 * otd: the program and its subcommands.
 */
#include <config.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/log.h"
#include "run/compact_tool.h"
#include "run/config.h"
#include "run/config_schema.h"
#include "run/doc.h"
#include "run/export.h"
#include "run/grant_tool.h"
#include "run/import.h"
#include "run/migrate.h"
#include "run/name_tool.h"
#include "run/policy.h"
#include "run/policy_tool.h"
#include "run/purge_tool.h"
#include "run/serve.h"
#include "run/token_tool.h"
#include "run/top.h"
#include "run/user_tool.h"
#include "run/verify_tool.h"
#include "run/words.h"

extern char **environ;

/* A subcommand gets the words behind its name, settings not among them. */
typedef int command_call(const struct config *config, char **words, int n);

struct command {
	const char	*name, *words, *what;
	command_call	*call;
	const char	*options;	/* of its own, see words_take; NULL: none */
};

static int run_serve(const struct config *config, char **words, int n);
static int run_migrate(const struct config *config, char **words, int n);
static int run_doc(const struct config *config, char **words, int n);
static int run_verify(const struct config *config, char **words, int n);
static int run_export(const struct config *config, char **words, int n);
static int run_import(const struct config *config, char **words, int n);
static int run_compact(const struct config *config, char **words, int n);
static int run_name(const struct config *config, char **words, int n);
static int run_purge(const struct config *config, char **words, int n);
static int run_policy(const struct config *config, char **words, int n);
static int run_grant(const struct config *config, char **words, int n);
static int run_token(const struct config *config, char **words, int n);
static int run_revoke(const struct config *config, char **words, int n);
static int run_user(const struct config *config, char **words, int n);
static int run_top(const struct config *config, char **words, int n);
static int run_config(const struct config *config, char **words, int n);
static int run_version(const struct config *config, char **words, int n);
static int run_help(const struct config *config, char **words, int n);

static const struct command commands[] = {
	{ "serve", "", "serve clients", run_serve, NULL },
	{ "migrate", "status|plan|up|restored",
	    "the database's schema: what it is, what is due, bring it there; "
	    "say that it comes from a backup, before it is served",
	    run_migrate, NULL },
	{ "doc", "show|verify COLLECTION ID|export COLLECTION ID [--out FILE]|"
	    "import FILE [--verify]|index COLLECTION",
	    "print a document; replay its log and compare with what is stored; "
	    "its whole history as lines of JSON, and back; prepare older "
	    "documents for queries",
	    run_doc, EXPORT_TOOL_OPTIONS " " IMPORT_TOOL_OPTIONS },
	{ "verify", "[COLLECTION]... [--jobs N] [--json]",
	    "replay the logs of all documents, and compare with what is stored",
	    run_verify, VERIFY_TOOL_OPTIONS },
	{ "export", "[COLLECTION]... [--out FILE]",
	    "all documents with their whole history, as lines of JSON",
	    run_export, EXPORT_TOOL_OPTIONS },
	{ "import", "ndjson FILE|sharedb-postgres URL [--verify]",
	    "documents with their whole history: exported ones, or those of a "
	    "ShareDB server; may be broken off and begun again",
	    run_import, IMPORT_TOOL_OPTIONS },
	{ "compact", "[COLLECTION]... [--older-than DAYS] [--rate N] "
	    "[--dry-run]",
	    "of operations that are old, make one of many; or forecast it",
	    run_compact, COMPACT_TOOL_OPTIONS },
	{ "name", "add COLLECTION ID NAME [VERSION]|remove COLLECTION ID NAME|"
	    "list COLLECTION ID",
	    "versions of a document that stay as they are",
	    run_name, NULL },
	{ "purge", "COLLECTION ID --reason TEXT [--by NAME]",
	    "erase a document for good, and keep word of it",
	    run_purge, PURGE_TOOL_OPTIONS },
	{ "policy", "check FILE|test FILE|explain FILE WHO ACTION [COLLECTION [ID]]",
	    "rules of access: are they right; do they meet a file of "
	    "expectations; which of them decides",
	    run_policy, NULL },
	{ "grant", "add COLLECTION ID SUBJECT ROLE [TERM]|remove COLLECTION ID "
	    "SUBJECT|list COLLECTION ID",
	    "who may do what with one document, beside the rules",
	    run_grant, NULL },
	{ "token", "--sub SUBJECT [--role NAME]... [--claim NAME=VALUE]... "
	    "[--ttl TERM] [--jti ID]",
	    "mint a token for development, signed with --jwt-secret, or as "
	    "--users on signs",
	    run_token, TOKEN_TOOL_OPTIONS },
	{ "revoke", "--jti ID|--subject SUBJECT [--ttl TERM]|--undo-jti ID|"
	    "--undo-subject SUBJECT|list",
	    "refuse a token, or all of a subject until now; take that back",
	    run_revoke, REVOKE_TOOL_OPTIONS },
	{ "user", "add NAME [--role NAME]... [--display-name TEXT]|list|"
	    "disable NAME|enable NAME|password NAME|roles NAME [ROLE]...|"
	    "remove NAME|invite [--role NAME]... [--ttl TERM]",
	    "accounts of the built-in user service; passwords are read from "
	    "standard input",
	    run_user, USER_TOOL_OPTIONS },
	{ "top", "[URL] [--every TERM] [--count N]",
	    "watch a running otd, by its page of metrics",
	    run_top, TOP_OPTIONS },
	{ "config", "--print|--check|--schema",
	    "show all settings as JSON; say whether otd serve would take them",
	    run_config, NULL },
	{ "version", "", "show the version", run_version, NULL },
	{ "help", "", "show this", run_help, NULL },
};
#define N_COMMANDS	(sizeof(commands) / sizeof(commands[0]))

/* Exit codes are those of sysexits(3). */
static int
usage(const char *about, const char *word)
{
	fprintf(stderr, "otd: %s%s%s%s\n", about, word == NULL ? "" : " \"",
	    word == NULL ? "" : word, word == NULL ? "" : "\"");
	fprintf(stderr, "otd help lists the subcommands and the settings\n");
	return EX_USAGE;
}

static void
help(FILE *out)
{
	const struct command *c;
	int width;

	fprintf(out, "usage: otd SUBCOMMAND [--SETTING VALUE]...\n\n");
	for (c = commands; c < commands + N_COMMANDS; c++) {
		width = fprintf(out, "  %s %s", c->name, c->words);
		if (width >= 30)	/* no room beside it */
			width = fprintf(out, "\n") - 1;
		fprintf(out, "%*s%s\n", 30 - width, "", c->what);
	}
	fprintf(out, "\nSettings, with their defaults.  A flag goes before "
	    "the environment (OTD_STORE for\n--store, OTD_STORE_FILE for a file "
	    "that holds it), that before the file that\n--config names, a JSON "
	    "object: {\"store\": \"...\"}.\n\n");
	config_help(out);
	fprintf(out, "\nBYTES take K, M or G behind, TIME takes ms, s, m or h; "
	    "without, it is bytes\nand milliseconds.\n");
}

/* What only looks something up does not tell how it went about it. */
static void
setup_log(const struct config *config, bool serves)
{
	enum log_level most = (enum log_level)config->log_level;
	enum log_format format = config->log_format == FORMAT_JSON ||
	    (config->log_format == FORMAT_AUTO && !isatty(STDERR_FILENO)) ?
	    LOG_JSON : LOG_TEXT;

	if (!serves && most == LOG_INFO)
		most = LOG_WARN;
	log_setup(most, format);
}

static int
check(const struct config *config)
{
	char why[CONFIG_WHY];

	if (config_check(config, why) == 0 && policy_check(config, why) == 0)
		return 0;
	fprintf(stderr, "otd: %s\n", why);
	return EX_USAGE;
}

static int
run_serve(const struct config *config, char **words, int n)
{
	int rc;

	if (n > 0)
		return usage("serve takes settings only, not", words[0]);
	if ((rc = check(config)) != 0)
		return rc;
	return serve(config);
}

static int
run_migrate(const struct config *config, char **words, int n)
{
	static const struct {
		const char *word;
		int (*call)(const char *url, FILE *out);
	} verbs[] = {
		{ "status", migrate_status }, { "plan", migrate_plan },
		{ "up", migrate_up }, { "restored", migrate_restored },
	};
	size_t i;

	if (n == 0)
		return usage("migrate wants status, plan, up or restored", NULL);
	if (n > 1)
		return usage("migrate takes one word, not", words[1]);
	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(words[0], verbs[i].word) == 0)
			return verbs[i].call(config->store, stdout);
	return usage("migrate wants status, plan, up or restored, not", words[0]);
}

static int
run_doc(const struct config *config, char **words, int n)
{
	static char ndjson[] = "ndjson";
	int rc;

	if (n == 2 && strcmp(words[0], "index") == 0)
		return doc_index(config->store, words[1], stdout);
	if (n >= 1 && strcmp(words[0], "export") == 0) {
		rc = export_one(config, words + 1, n - 1, stdout);
		return rc != EX_USAGE ? rc :
		    usage("doc export wants COLLECTION and ID", NULL);
	}
	if (n >= 1 && strcmp(words[0], "import") == 0) {
		words[0] = ndjson;
		return import_tool(config, words, n, stdout);
	}
	if (n != 3)
		return usage("doc wants show, verify or export, COLLECTION and "
		    "ID; import and FILE; or index and COLLECTION", NULL);
	if (strcmp(words[0], "show") != 0 && strcmp(words[0], "verify") != 0)
		return usage("doc wants show, verify, export, import or index, "
		    "not", words[0]);
	return words[0][0] == 's' ?
	    doc_show(config->store, words[1], words[2], stdout) :
	    doc_verify(config->store, words[1], words[2], stdout);
}

static int
run_verify(const struct config *config, char **words, int n)
{
	return verify_tool(config, words, n, stdout);
}

static int
run_export(const struct config *config, char **words, int n)
{
	return export_tool(config, words, n, stdout);
}

static int
run_import(const struct config *config, char **words, int n)
{
	return import_tool(config, words, n, stdout);
}

static int
run_compact(const struct config *config, char **words, int n)
{
	return compact_tool(config, words, n, stdout);
}

static int
run_name(const struct config *config, char **words, int n)
{
	if ((n == 4 || n == 5) && strcmp(words[0], "add") == 0)
		return name_tool_add(config->store, words[1], words[2],
		    words[3], n > 4 ? words[4] : NULL, stdout);
	if (n == 4 && strcmp(words[0], "remove") == 0)
		return name_tool_remove(config->store, words[1], words[2],
		    words[3]);
	if (n == 3 && strcmp(words[0], "list") == 0)
		return name_tool_list(config->store, words[1], words[2],
		    stdout);
	return usage("name wants add COLLECTION ID NAME [VERSION], remove "
	    "COLLECTION ID NAME, or list COLLECTION ID", NULL);
}

static int
run_purge(const struct config *config, char **words, int n)
{
	return purge_tool(config, words, n, stdout);
}

static int
run_policy(const struct config *config, char **words, int n)
{
	(void)config;
	if (n == 2 && strcmp(words[0], "check") == 0)
		return policy_tool_check(words[1], stdout);
	if (n == 2 && strcmp(words[0], "test") == 0)
		return policy_tool_test(words[1], stdout);
	if (n >= 4 && n <= 6 && strcmp(words[0], "explain") == 0)
		return policy_tool_explain(words[1], words[2], words[3],
		    n > 4 ? words[4] : NULL, n > 5 ? words[5] : NULL, stdout);
	return usage("policy wants check FILE, test FILE, or explain FILE WHO "
	    "ACTION [COLLECTION [ID]]", NULL);
}

static int
run_grant(const struct config *config, char **words, int n)
{
	if ((n == 5 || n == 6) && strcmp(words[0], "add") == 0)
		return grant_tool_add(config->store, words[1], words[2],
		    words[3], words[4], n > 5 ? words[5] : NULL);
	if (n == 4 && strcmp(words[0], "remove") == 0)
		return grant_tool_remove(config->store, words[1], words[2],
		    words[3]);
	if (n == 3 && strcmp(words[0], "list") == 0)
		return grant_tool_list(config->store, words[1], words[2],
		    stdout);
	return usage("grant wants add COLLECTION ID SUBJECT ROLE [TERM], remove "
	    "COLLECTION ID SUBJECT, or list COLLECTION ID", NULL);
}

static int
run_token(const struct config *config, char **words, int n)
{
	return token_tool(config, words, n, stdout);
}

static int
run_revoke(const struct config *config, char **words, int n)
{
	return revoke_tool(config, words, n, stdout);
}

static int
run_user(const struct config *config, char **words, int n)
{
	return user_tool(config, words, n, stdout);
}

static int
run_top(const struct config *config, char **words, int n)
{
	return top(config, words, n);
}

static int
run_config(const struct config *config, char **words, int n)
{
	int rc;

	if (n == 0)
		return usage("config wants --print or --check or --schema",
		    NULL);
	if (n > 1)
		return usage("config takes one of --print, --check and "
		    "--schema, not also", words[1]);
	if (strcmp(words[0], "schema") == 0) {
		config_schema(stdout);
		return 0;
	}
	if (strcmp(words[0], "print") == 0) {
		config_print(config, stdout);
		return 0;
	}
	if (strcmp(words[0], "check") != 0)
		return usage("config wants --print or --check or --schema, not",
		    words[0]);
	if ((rc = check(config)) == 0)
		printf("the settings are right\n");
	return rc;
}

static int
run_version(const struct config *config, char **words, int n)
{
	(void)config;
	if (n > 0)
		return usage("version takes no words, not", words[0]);
	printf("%s %s\n", PACKAGE_NAME, PACKAGE_VERSION);
	return 0;
}

static int
run_help(const struct config *config, char **words, int n)
{
	(void)config;
	(void)words;
	(void)n;
	help(stdout);
	return 0;
}

static const struct command *
find(const char *name)
{
	size_t i;

	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
		name = "help";
	else if (strcmp(name, "--version") == 0)
		name = "version";
	for (i = 0; i < N_COMMANDS; i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

/*
 * Words that look like settings and are none: --help anywhere, and the verbs
 * of config, which lose their dashes.
 */
static bool
take_verbs(const struct command *c, char **words, int n)
{
	int i;

	for (i = 0; i < n; i++) {
		if (strcmp(words[i], "--help") == 0)
			return true;
		if (c->call == run_config && (strcmp(words[i], "--print") == 0 ||
		    strcmp(words[i], "--check") == 0 ||
		    strcmp(words[i], "--schema") == 0))
			words[i] += 2;
	}
	return false;
}

int
main(int argc, char **argv)
{
	const struct command *command;
	struct config config;
	struct words_made made = { NULL, 0 };
	const char *lacks;
	char why[CONFIG_WHY];
	int n = argc - 2, rc;

	if (argc < 2)
		return usage("a subcommand is missing", NULL);
	if ((command = find(argv[1])) == NULL)
		return usage("there is no subcommand", argv[1]);
	if (command->call == run_help || take_verbs(command, argv + 2, n)) {
		help(stdout);
		return 0;
	}
	config_init(&config);
	rc = EX_USAGE;
	if (command->options != NULL && words_take(command->options, argv + 2,
	    &n, &made, &lacks) != 0) {
		rc = usage("a value is missing behind", lacks);
		goto out;
	}
	if (config_load(&config, argv + 2, &n, environ, why) != 0) {
		fprintf(stderr, "otd: %s\n", why);
		goto out;
	}
	setup_log(&config, command->call == run_serve);
	rc = command->call(&config, argv + 2, n);
out:
	words_free(&made);
	config_done(&config);
	return rc;
}
