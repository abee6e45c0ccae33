/*
 * stage.c as it is, but for how it compares src: see plants.c.
 */
int	planted_strcmp(const char *a, const char *b);

#include <string.h>

#undef strcmp
#define strcmp(a, b)	planted_strcmp(a, b)

#include "server/core/stage.c"
