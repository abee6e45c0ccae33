/*
 * starve: memory that runs out when a test says so.  Link the test with
 * -Wl,--wrap=malloc,--wrap=realloc,--wrap=calloc and include this once.
 */
#ifndef TESTS_OT_STARVE_H
#define TESTS_OT_STARVE_H

#include <stddef.h>

static long starve_after = -1;	/* allocations that still succeed; -1: all */

void	*__real_malloc(size_t size);
void	*__real_realloc(void *p, size_t size);
void	*__real_calloc(size_t n, size_t size);
void	*__wrap_malloc(size_t size);
void	*__wrap_realloc(void *p, size_t size);
void	*__wrap_calloc(size_t n, size_t size);

static int
starve_now(void)
{
	if (starve_after < 0)
		return 0;
	if (starve_after == 0)
		return 1;
	starve_after--;
	return 0;
}

void *
__wrap_malloc(size_t size)
{
	return starve_now() ? NULL : __real_malloc(size);
}

void *
__wrap_realloc(void *p, size_t size)
{
	return starve_now() ? NULL : __real_realloc(p, size);
}

void *
__wrap_calloc(size_t n, size_t size)
{
	return starve_now() ? NULL : __real_calloc(n, size);
}

#endif
