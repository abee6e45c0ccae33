#include "rest/etag.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define BLANKS	" \t"

enum etag_kind
etag_kind(const char *header)
{
	const char *p;

	if (header == NULL)
		return ETAG_NONE;
	p = header + strspn(header, BLANKS);
	if (p[0] == '*' && p[1 + strspn(p + 1, BLANKS)] == '\0')
		return ETAG_ANY;
	if (strncmp(p, "W/", 2) == 0)
		p += 2;
	return *p == '"' ? ETAG_LIST : ETAG_BAD;
}

bool
etag_has(const char *header, uint64_t v, bool weak)
{
	char tag[24];
	const char *p = header;
	size_t len;

	snprintf(tag, sizeof(tag), "\"v%" PRIu64 "\"", v);
	len = strlen(tag);
	while (*p != '\0') {
		bool is_weak;

		p += strspn(p, BLANKS ",");
		is_weak = strncmp(p, "W/", 2) == 0;
		if (is_weak)
			p += 2;
		if ((weak || !is_weak) && strncmp(p, tag, len) == 0)
			return true;
		/* To the end of this one: a quoted one may have commas. */
		if (*p == '"')
			p += 1 + strcspn(p + 1, "\"");
		p += strcspn(p, ",");
	}
	return false;
}

bool
etag_is_known(const char *header, uint64_t v)
{
	switch (etag_kind(header)) {
	case ETAG_ANY:
		return true;
	case ETAG_LIST:
		return etag_has(header, v, true);
	default:
		return false;
	}
}

bool
etag_list_has(const char *list, const char *text, size_t len_bytes)
{
	while (*list != '\0') {
		size_t n = strcspn(list, ",");

		if (n == len_bytes && memcmp(list, text, n) == 0)
			return true;
		list += n + (list[n] == ',');
	}
	return false;
}
