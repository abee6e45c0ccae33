#include "core/trace.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

#define VERSION_LEN	2
#define ID_LEN		32
#define PARENT_LEN	16
#define FLAGS_LEN	2
#define DIGITS		"0123456789abcdef"	/* capitals are none: 3.2.2 */
#define PREFIX		"trace:"

/* So many digits and what stands behind them, or the end; NULL: it is not so. */
static const char *
skip_digits(const char *p, size_t len, char behind)
{
	if (strspn(p, DIGITS) != len || p[len] != behind)
		return NULL;
	return behind != '\0' ? p + len + 1 : p + len;
}

static bool
is_zero(const char *p, size_t len)
{
	return strspn(p, "0") >= len;
}

bool
trace_read(const char *traceparent, char id_out[TRACE_ID])
{
	const char *id, *parent, *flags, *end;

	if (traceparent == NULL ||
	    (id = skip_digits(traceparent, VERSION_LEN, '-')) == NULL ||
	    (parent = skip_digits(id, ID_LEN, '-')) == NULL ||
	    (flags = skip_digits(parent, PARENT_LEN, '-')) == NULL)
		return false;
	if (memcmp(traceparent, "ff", VERSION_LEN) == 0 ||
	    is_zero(id, ID_LEN) || is_zero(parent, PARENT_LEN))
		return false;
	end = skip_digits(flags, FLAGS_LEN, '\0');
	/* Later versions may say more behind another "-" (3.2.4). */
	if (end == NULL && (memcmp(traceparent, "00", VERSION_LEN) == 0 ||
	    skip_digits(flags, FLAGS_LEN, '-') == NULL))
		return false;
	memcpy(id_out, id, ID_LEN);
	id_out[ID_LEN] = '\0';
	return true;
}

void
trace_sign(const char id[TRACE_ID], const char *src, char *out, size_t size)
{
	int len = snprintf(out, size, PREFIX "%s-%s", id, src);

	if (len < 0 || (size_t)len >= size)
		bug("trace: no room for a src");
}

const char *
trace_behind(const char *src)
{
	const char *behind;

	if (strncmp(src, PREFIX, strlen(PREFIX)) != 0)
		return src;
	behind = skip_digits(src + strlen(PREFIX), ID_LEN, '-');
	return behind != NULL ? behind : src;
}
