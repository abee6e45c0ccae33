/*
 * input: what the targets make of the bytes they are given, and how they say
 * that something is wrong.
 *
 * An input is lines, so that JSON stays readable and words move between
 * lines.  The byte 0x01 with two more, len and n, stands for n + 1 copies of
 * the last len + 1 bytes before it: short inputs then make long texts, long
 * lists and deep nesting.  JSON has no use for that byte.
 */
#ifndef TESTS_FUZZ_INPUT_H
#define TESTS_FUZZ_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ot/buf.h"
#include "ot/ot_err.h"

#define INPUT_MAX	12288	/* bytes after copying; more are left away */
#define INPUT_LINES	8	/* what follows belongs to the last one */

struct input_line {
	char	*p;		/* NUL terminated; may hold NULs before */
	size_t	 len;		/* bytes, the NUL not counted */
};

struct input {
	struct buf		 bytes;
	struct input_line	 lines[INPUT_LINES];	/* n of them; the rest empty */
	size_t			 n;
};

/* What every engine calls. */
int	 LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

void	 input_init(struct input *in, const uint8_t *bytes, size_t len);
void	 input_done(struct input *in);

/* Abort with what went wrong, unless truth. */
void	 must(bool truth, const char *what);
/* A refusal: one of the kernel's codes, and words for people. */
void	 must_be_refusal(int rc, const struct ot_err *err);
/* The same bytes; otherwise both are shown. */
void	 must_equal(const struct buf *a, const struct buf *b, const char *what);
/* The same JSON, names in any order. */
void	 must_equal_json(const struct buf *a, const struct buf *b,
	    const char *what);

#endif
