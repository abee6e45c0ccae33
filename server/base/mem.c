#include "base/mem.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
bug(const char *why)
{
	fprintf(stderr, "otd: bug: %s\n", why);
	abort();
}

static _Noreturn void
out_of_memory(size_t len_bytes)
{
	fprintf(stderr, "otd: out of memory (%zu bytes wanted)\n", len_bytes);
	abort();
}

/*
 * Up to here glibc keeps what a thread has freed at hand, for malloc; its
 * calloc goes past that, some hundred instructions further.
 */
#define AT_HAND_BYTES	1032

void *
mem_get(size_t len_bytes)
{
	void *p;

	if (len_bytes > AT_HAND_BYTES)
		p = calloc(1, len_bytes);
	else if ((p = malloc(len_bytes != 0 ? len_bytes : 1)) != NULL)
		memset(p, 0, len_bytes);
	if (p == NULL)
		out_of_memory(len_bytes);
	return p;
}

void *
mem_grow(void *p, size_t n, size_t size)
{
	void *grown;

	if (size != 0 && n > SIZE_MAX / size)
		out_of_memory(SIZE_MAX);
	/* realloc(p, 0) may free p and return NULL: keep one byte. */
	grown = realloc(p, n * size != 0 ? n * size : 1);
	if (grown == NULL)
		out_of_memory(n * size);
	return grown;
}

char *
mem_copy(const char *bytes, size_t len_bytes)
{
	char *copy;

	if (len_bytes == SIZE_MAX)
		out_of_memory(len_bytes);
	copy = mem_grow(NULL, len_bytes + 1, 1);
	if (len_bytes != 0)
		memcpy(copy, bytes, len_bytes);
	copy[len_bytes] = '\0';
	return copy;
}
