/*
 * mem: allocation for the server, where running out ends the process.
 *
 * For small things and for what was bounded before; the kernel (ot/) has its
 * own failing allocations.
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

void	*mem_get(size_t len_bytes);		/* zeroed */
void	*mem_grow(void *p, size_t n, size_t size);	/* realloc of n * size, checked */
char	*mem_copy(const char *bytes, size_t len_bytes);	/* with a NUL after it */

/* What only a bug can bring about: say so and abort. */
_Noreturn void bug(const char *why);

#endif
