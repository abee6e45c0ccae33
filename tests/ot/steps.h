/*
 * steps: how much the kernel does, counted.  Link the test with libcounted.a
 * and -Wl,--wrap=memcpy,--wrap=memmove,--wrap=memcmp, and include this once.
 *
 * libcounted.a is the kernel with a call of __sanitizer_cov_trace_pc in each
 * basic block (-fsanitize-coverage=trace-pc of gcc and clang); bytes moved or
 * compared by libc count too.  So the same run takes the same steps on any
 * machine, however busy.
 */
#ifndef TESTS_OT_STEPS_H
#define TESTS_OT_STEPS_H

#include <stdint.h>

#include "ot/buf.h"

#define BYTES_A_STEP	64	/* a line of the cache */

static uint64_t steps;

void	 __sanitizer_cov_trace_pc(void);
void	*__real_memcpy(void *to, const void *from, size_t len);
void	*__real_memmove(void *to, const void *from, size_t len);
int	 __real_memcmp(const void *a, const void *b, size_t len);
void	*__wrap_memcpy(void *to, const void *from, size_t len);
void	*__wrap_memmove(void *to, const void *from, size_t len);
int	 __wrap_memcmp(const void *a, const void *b, size_t len);

void
__sanitizer_cov_trace_pc(void)
{
	steps++;
}

void *
__wrap_memcpy(void *to, const void *from, size_t len)
{
	steps += len / BYTES_A_STEP;
	return __real_memcpy(to, from, len);
}

void *
__wrap_memmove(void *to, const void *from, size_t len)
{
	steps += len / BYTES_A_STEP;
	return __real_memmove(to, from, len);
}

int
__wrap_memcmp(const void *a, const void *b, size_t len)
{
	steps += len / BYTES_A_STEP;
	return __real_memcmp(a, b, len);
}

/* ---- texts of any size ---- */

/*
 * head, then unit n times with sep between, then tail.  In the unit # is the
 * number of the time, from 0, and @ the same from behind.
 */
struct pattern {
	const char	*head, *unit, *sep, *tail;
};

static inline char *
pattern_make(const struct pattern *p, size_t n, size_t *len_out)
{
	struct buf b = BUF_INIT;
	const char *c;
	size_t i;

	buf_puts(&b, p->head);
	for (i = 0; i < n; i++) {
		if (i > 0)
			buf_puts(&b, p->sep);
		for (c = p->unit; *c != '\0'; c++) {
			if (*c == '#')
				buf_put_u64(&b, i);
			else if (*c == '@')
				buf_put_u64(&b, n - 1 - i);
			else
				buf_putc(&b, *c);
		}
	}
	buf_puts(&b, p->tail);
	assert_false(buf_failed(&b));
	return buf_take(&b, len_out);
}

#endif
