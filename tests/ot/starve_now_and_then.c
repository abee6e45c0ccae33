/*
 * Linked into ot-tool with --wrap (see Makefile.am: tests/ot/starved_tool),
 * this makes about one allocation in sixty fail, the same ones in every run.
 * Whatever the tool is asked then, it answers rightly or with an error.
 */
#include <stddef.h>
#include <stdint.h>

#define ONE_IN	60

void	*__real_malloc(size_t size);
void	*__real_realloc(void *p, size_t size);
void	*__real_calloc(size_t n, size_t size);
void	*__wrap_malloc(size_t size);
void	*__wrap_realloc(void *p, size_t size);
void	*__wrap_calloc(size_t n, size_t size);

static int
fails(void)
{
	static uint64_t state = 1;

	state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (state >> 33) % ONE_IN == 0;
}

void *
__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *
__wrap_realloc(void *p, size_t size)
{
	return fails() ? NULL : __real_realloc(p, size);
}

void *
__wrap_calloc(size_t n, size_t size)
{
	return fails() ? NULL : __real_calloc(n, size);
}
