/*
 * config: the settings, from one table (config.def).
 *
 * A setting is taken from the first of these that names it: a flag, the
 * environment, the file, the default.  Whatever names a setting that there is
 * not, or gives one a value that it cannot have, is an error that says which
 * setting, which value and what is allowed; a URL's password is never shown.
 *
 *	flag		--max-message 4M, --max-message=4M
 *	environment	OTD_MAX_MESSAGE=4M; for texts also
 *			OTD_STORE_FILE, a file whose content is the value
 *	file		{"max-message": "4M"}, or the bare number
 *
 * Kinds:
 *	TEXT	anything
 *	URL	the same; its password is masked when shown
 *	SECRET	the same, and never shown
 *	LIST	texts: the flag said several times, a JSON array, separated by
 *		commas or blanks in the environment
 *	NUMBER	decimal digits
 *	BYTES	a number of bytes, or with K, M or G behind: of 1024, and so on
 *	TIME	a number of milliseconds, or with ms, s, m or h behind
 *	BOOL	true or false; the bare flag is true
 *	SWITCH	on or off; in a file true or false too
 *	CHOICE	one of the words of its form
 */
#ifndef RUN_CONFIG_H
#define RUN_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct config_catalog;		/* run/config_catalog.h */
struct setting_table;		/* run/config_table.h */

struct config_list {
	char	**text;		/* heap, each too */
	size_t	  n;
};

/* What each kind is in struct config. */
#define CONFIG_TEXT	char *		/* heap; never NULL, "" for none */
#define CONFIG_URL	char *
#define CONFIG_SECRET	char *
#define CONFIG_LIST	struct config_list
#define CONFIG_NUMBER	uint64_t
#define CONFIG_BYTES	uint64_t
#define CONFIG_TIME	uint64_t
#define CONFIG_BOOL	bool
#define CONFIG_SWITCH	bool
#define CONFIG_CHOICE	unsigned	/* which word, from 0 */

struct config {
#define SETTING(field, kind, min, max, deflt, form, sentence)	\
	CONFIG_##kind field;
#include "run/config.def"
#undef SETTING
	/* The file's collections and projections; NULL: it has none.  Owned. */
	struct config_catalog *catalog;
};

/* The words of the choices, in the order of config.def. */
enum config_auth { AUTH_NONE, AUTH_JWT };
enum config_signup { CONFIG_CLOSED, CONFIG_INVITE, CONFIG_OPEN };
enum config_unknown { UNKNOWN_ALLOW, UNKNOWN_REFUSE };
enum config_log_format { FORMAT_AUTO, FORMAT_TEXT, FORMAT_JSON };

#define CONFIG_WHY	512	/* room for a reason, bytes */

void	 config_init(struct config *c);		/* everything at its default */
void	 config_done(struct config *c);

/*
 * Take settings from everywhere.  args are the *n_args words after the
 * subcommand; those that are no settings are moved to the front and *n_args
 * is how many.  env is NULL terminated.  0, or -1 with the reason in why
 * (CONFIG_WHY bytes); then c may be half set.
 */
int	 config_load(struct config *c, char **args, int *n_args,
	    char *const *env, char *why);
/* Do they go together, for otd serve?  0, or -1 with the reason in why. */
int	 config_check(const struct config *c, char *why);

/* --jwt-algorithms: enum key_algorithm of auth/keys.h, or-ed. */
unsigned config_algorithms(const struct config *c);

/* Every setting. */
const struct setting_table *config_settings_table(void);
/* All settings for people. */
void	 config_help(FILE *out);
/* All values as a file's JSON; passwords in URLs are masked. */
void	 config_print(const struct config *c, FILE *out);

/* Does the store serve many processes?  Else it is the embedded one. */
bool	 config_shares_store(const struct config *c);

#endif
