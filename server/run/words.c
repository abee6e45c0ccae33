#include "run/words.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

#define TERM_MAX_S	(100 * 366 * 86400ll)	/* beyond, say nothing: it stays */

enum option { NO_OPTION, OPTION, SWITCH };

/* Is it one of the names with blanks between? */
static enum option
find_option(const char *names, const char *name, size_t len)
{
	const char *p = names;
	size_t n;

	for (; *p != '\0'; p += strcspn(p, " "), p += strspn(p, " ")) {
		n = strcspn(p, " /");
		if (n == len && memcmp(p, name, len) == 0)
			return p[n] == '/' ? SWITCH : OPTION;
	}
	return NO_OPTION;
}

static char *
join(struct words_made *made, const char *name, size_t len, const char *value)
{
	size_t size = len + strlen(value) + 2;
	char *word = mem_get(size);

	snprintf(word, size, "%.*s=%s", (int)len, name, value);
	made->text = mem_grow(made->text, made->n + 1, sizeof(*made->text));
	made->text[made->n++] = word;
	return word;
}

int
words_take(const char *names, char **words, int *n, struct words_made *made,
    const char **lacks_out)
{
	enum option option;
	const char *name;
	int i, kept = 0;
	size_t len = 0;

	*made = (struct words_made){ NULL, 0 };
	for (i = 0; i < *n; i++) {
		name = words[i] + 2;
		option = NO_OPTION;
		if (strncmp(words[i], "--", 2) == 0)
			option = find_option(names, name,
			    len = strcspn(name, "="));
		if (option == NO_OPTION ||
		    (option == SWITCH && name[len] != '\0')) {
			words[kept++] = words[i];
		} else if (option == SWITCH) {
			words[kept++] = join(made, name, len, "");
		} else if (name[len] == '=') {
			words[kept++] = words[i] + 2;
		} else if (i + 1 < *n) {
			words[kept++] = join(made, name, len, words[i + 1]);
			i++;
		} else {
			*lacks_out = words[i];
			return -1;
		}
	}
	*n = kept;
	return 0;
}

void
words_free(struct words_made *made)
{
	while (made->n > 0)
		free(made->text[--made->n]);
	free(made->text);
	made->text = NULL;
}

const char *
words_value(const char *word, const char *name)
{
	size_t len = strlen(name);

	return strncmp(word, name, len) == 0 && word[len] == '=' ?
	    word + len + 1 : NULL;
}

const char *
words_login(void)
{
	const struct passwd *who = getpwuid(getuid());

	return who != NULL ? who->pw_name : NULL;
}

int64_t
words_term_s(const char *term)
{
	static const struct { char unit; int64_t s; } units[] = {
		{ 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 },
	};
	size_t digits = strspn(term, "0123456789"), i;
	uint64_t n = strtoull(term, NULL, 10);

	if (digits == 0 || digits > 12 || n == 0)
		return -1;
	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (term[digits] == units[i].unit && term[digits + 1] == '\0' &&
		    n <= (uint64_t)(TERM_MAX_S / units[i].s))
			return (int64_t)n * units[i].s;
	return -1;
}
