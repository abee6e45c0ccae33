/*
 * grant_tool: "otd grant": who may do what with one document, beside the rules.
 *
 * Blocking; works next to servers, which all know of it within a second.
 * Exit codes: 0; 1 having said on stderr what is wrong.
 */
#ifndef RUN_GRANT_TOOL_H
#define RUN_GRANT_TOOL_H

#include <stdio.h>

/* term: how long, as 90s, 45m, 12h or 30d; NULL: until it is removed. */
int	 grant_tool_add(const char *url, const char *collection,
	    const char *id, const char *subject, const char *role,
	    const char *term);
/* 1 also when there was none. */
int	 grant_tool_remove(const char *url, const char *collection,
	    const char *id, const char *subject);
/*
 * A line of JSON for each: {"subject","role","expires","by","at"}, times as
 * RFC 3339 has them, null for what is not.
 */
int	 grant_tool_list(const char *url, const char *collection,
	    const char *id, FILE *out);

#endif
