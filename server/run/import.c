#include "run/import.h"

#include <string.h>
#include <sysexits.h>

#include "run/mover.h"
#include "run/words.h"

typedef bool import_call(struct mover *m, const char *from);

static int
import(const struct config *config, import_call *call, const char *from,
    bool verifies, FILE *out)
{
	struct mover *m = mover_open(config, verifies, out);
	bool is_whole;

	if (m == NULL)
		return 1;
	is_whole = call(m, from);
	return mover_close(m, is_whole);
}

int
import_tool(const struct config *config, char **words, int n, FILE *out)
{
	bool verifies = false;
	int i, kept = 0;

	for (i = 0; i < n; i++) {
		if (words_value(words[i], "verify") != NULL)
			verifies = true;
		else
			words[kept++] = words[i];
	}
	if (kept == 2 && strcmp(words[0], "ndjson") == 0)
		return import(config, import_ndjson, words[1], verifies, out);
	if (kept == 2 && strcmp(words[0], "sharedb-postgres") == 0)
		return import(config, import_sharedb, words[1], verifies, out);
	fprintf(stderr, "otd: import wants ndjson FILE or sharedb-postgres "
	    "URL\n");
	return EX_USAGE;
}
