/*
 * ot_err: why the kernel refused.
 *
 * Functions of ot/ that can fail return 0 or one of these negative codes and
 * describe the refusal in a struct ot_err of the caller (never NULL).  On
 * failure every other output is untouched.
 */
#ifndef OT_OT_ERR_H
#define OT_OT_ERR_H

#include <stddef.h>

enum ot_code {
	OT_OK = 0,
	OT_ERR_BEGIN = -100,
#define OT_ERR(name, wire, what) name,
#include "ot/ot_err.def"
#undef OT_ERR
};

struct ot_err {
	int	code;		/* enum ot_code */
	char	text[192];	/* one sentence for people, UTF-8, NUL terminated */
};

#define OT_MUST_CHECK __attribute__((warn_unused_result))

/* Fill err, cutting the text to fit at a UTF-8 boundary; returns code. */
int ot_fail(struct ot_err *err, int code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The ShareDB wire code of a code, "" for none; never NULL. */
const char *ot_wire_code(int code);

#endif
