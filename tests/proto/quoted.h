/*
 * quoted: JSON in C strings, written with ' for ".
 */
#ifndef TESTS_PROTO_QUOTED_H
#define TESTS_PROTO_QUOTED_H

#include <string.h>

#include "base/mem.h"

/* A copy with " for '; the caller frees it. */
static inline char *
quoted(const char *text)
{
	char *copy = mem_copy(text, strlen(text)), *p;

	for (p = copy; *p != '\0'; p++)
		if (*p == '\'')
			*p = '"';
	return copy;
}

#endif
