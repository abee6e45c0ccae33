/*
 * words: what stands behind a subcommand and is no setting.
 */
#ifndef RUN_WORDS_H
#define RUN_WORDS_H

#include <stddef.h>
#include <stdint.h>

/*
 * Options of a subcommand of its own: of those in names, with blanks between,
 * "--NAME VALUE" and "--NAME=VALUE" become one word, "NAME=VALUE", so that
 * they are not taken for settings.  A name with / behind takes no value:
 * "--NAME" becomes "NAME=".  Changes words and *n; what it made is in
 * *made_out, for words_free.
 */
struct words_made {
	char	**text;		/* heap, each too */
	size_t	  n;
};

/* 0; or -1: an option has no value, and it is in *lacks_out. */
int		 words_take(const char *names, char **words, int *n,
		    struct words_made *made_out, const char **lacks_out);
void		 words_free(struct words_made *made);

/* The value of "NAME=VALUE"; NULL: another word. */
const char	*words_value(const char *word, const char *name);
/* Who runs this, by name; static.  NULL: the system knows no name. */
const char	*words_login(void);
/* "12h" in seconds; -1: no such. */
int64_t		 words_term_s(const char *term);

#endif
