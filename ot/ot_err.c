#include "ot/ot_err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Drop a UTF-8 sequence that was cut off at the end of text. */
static void
text_trim(char *text)
{
	size_t len = strlen(text), start = len, want;
	unsigned char lead;

	while (start > 0 && len - start < 4 &&
	    ((unsigned char)text[start - 1] & 0xc0) == 0x80)
		start--;
	if (start == 0)
		return;
	lead = (unsigned char)text[start - 1];
	want = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
	if (len - (start - 1) < want)
		text[start - 1] = '\0';
}

int
ot_fail(struct ot_err *err, int code, const char *fmt, ...)
{
	va_list ap;
	int n;

	err->code = code;
	va_start(ap, fmt);
	n = vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	if (n < 0)
		err->text[0] = '\0';
	else if ((size_t)n >= sizeof(err->text))
		text_trim(err->text);
	return code;
}

const char *
ot_wire_code(int code)
{
	switch (code) {
#define OT_ERR(name, wire, what) case name: return wire;
#include "ot/ot_err.def"
#undef OT_ERR
	default:
		return "";
	}
}
