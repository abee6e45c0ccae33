/*
 * replay: a main for a target without an engine.  Runs it over each file, and
 * each file in each folder, that is named; says at the end how many there
 * were.  Which one is wrong shows on standard error.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/input.h"

#define FILE_MAX_BYTES	((size_t)1 << 20)
#define PATH_MAX_BYTES	4096

static size_t replayed;

static int
replay_file(FILE *f, const char *path)
{
	uint8_t *bytes = malloc(FILE_MAX_BYTES), *exact;
	size_t len;
	int rc = -1;

	if (bytes == NULL)
		return -1;
	len = fread(bytes, 1, FILE_MAX_BYTES, f);
	if (ferror(f)) {
		fprintf(stderr, "could not read %s\n", path);
	} else if ((exact = malloc(len > 0 ? len : 1)) != NULL) {
		/* In memory of its size, so that ASan sees reads past it. */
		memcpy(exact, bytes, len);
		fprintf(stderr, "%s\n", path);
		(void)LLVMFuzzerTestOneInput(exact, len);
		free(exact);
		replayed++;
		rc = 0;
	}
	free(bytes);
	return rc;
}

static int
replay(const char *path)
{
	char inside[PATH_MAX_BYTES];
	DIR *folder = opendir(path);
	struct dirent *entry;
	FILE *f;
	int rc = 0;

	if (folder == NULL) {
		if ((f = fopen(path, "rbe")) == NULL) {
			fprintf(stderr, "could not open %s: %s\n", path,
			    strerror(errno));
			return -1;
		}
		rc = replay_file(f, path);
		fclose(f);
		return rc;
	}
	while (rc == 0 && (entry = readdir(folder)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(inside, sizeof(inside), "%s/%s", path, entry->d_name);
		rc = replay(inside);
	}
	closedir(folder);
	return rc;
}

int
main(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		if (replay(argv[i]) != 0)
			return 1;
	printf("%zu inputs\n", replayed);
	return 0;
}
