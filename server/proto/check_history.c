/* nf and nt: a document at a version, or at a time. */
#include <math.h>

#include "proto/check.h"

/*
 * Milliseconds since 1970.  Any number, for sharedb: between two milliseconds
 * it means the earlier one; before 1970 and after any clock the nearest.
 */
static bool
field_time(const struct json_slice *s, bool *has_out, int64_t *ms_out)
{
	double ms;

	*has_out = field_given(s);
	if (!*has_out)
		return true;
	if (s->kind != JSON_NUMBER)
		return false;
	ms = floor(json_slice_number(s));
	*ms_out = ms < 0 ? -1 : ms > (double)OP_NUMBER_MAX ?
	    (int64_t)OP_NUMBER_MAX : (int64_t)ms;
	return true;
}

enum message_verdict
check_history(const struct fields *f, struct arena *arena,
    struct message *msg, struct refusal *r)
{
	if (field_given(&f->d) && (msg->d = field_name(&f->d, arena)) == NULL)
		return check_malformed(r, "Invalid id");
	if (!field_given(&f->c))
		return check_malformed(r, "Invalid collection");
	if (msg->d == NULL)
		return check_malformed(r, "Invalid id");
	if (!field_version(&f->v, &msg->has_v, &msg->v))
		return check_malformed(r, "Invalid version");
	if (!field_time(&f->ts, &msg->has_time, &msg->time_ms))
		return check_malformed(r, "Invalid timestamp");
	return MESSAGE_OK;
}
