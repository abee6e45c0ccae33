/*
 * access_rig: rules and principals from texts, for tests.
 */
#ifndef TESTS_CORE_ACCESS_RIG_H
#define TESTS_CORE_ACCESS_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/access.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

/* Rules, with ' for "; they must be right. */
struct access	*rules_of(const char *text);
/*
 * Somebody: claims is an object with ' for ", and its "sub" the subject; NULL:
 * has none.  link may be NULL.
 */
struct principal *principal_of(const char *claims, const char *link);

#endif
