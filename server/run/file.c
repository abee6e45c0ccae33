#include "run/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define PIECE	4096	/* bytes read at once */

char *
file_read(const char *path, size_t max)
{
	FILE *f = fopen(path, "re");
	size_t len = 0, n;
	char *text = NULL;
	int fault;

	if (f == NULL)
		return NULL;
	do {
		text = mem_grow(text, len + PIECE + 1, 1);
		n = fread(text + len, 1, PIECE, f);
		len += n;
	} while (n == PIECE && len <= max);
	fault = ferror(f) ? EIO : len > max ? EFBIG :
	    memchr(text, '\0', len) != NULL ? EBADMSG : 0;
	fclose(f);
	if (fault != 0) {
		free(text);
		errno = fault;
		return NULL;
	}
	text[len] = '\0';
	return text;
}
