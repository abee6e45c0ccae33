/*
 * Mistakes about rights.
 */
#include "core/doc.h"
#include "core/grant.h"
#include "core/may.h"
#include "core/owed.h"
#include "core/query.h"
#include "tests/sim/plants.h"

enum admission	__real_doc_admit(struct doc *d, struct request *req);
enum admission	__wrap_doc_admit(struct doc *d, struct request *req);

enum admission
__wrap_doc_admit(struct doc *d, struct request *req)
{
	enum admission a = __real_doc_admit(d, req);

	return is_planted(ADMIT_ALL) && a == ADMIT_NO ? ADMIT_YES : a;
}

void	__real_doc_regrant(struct doc *d);
void	__wrap_doc_regrant(struct doc *d);

void
__wrap_doc_regrant(struct doc *d)
{
	if (!is_planted(REGRANT_LOST))
		__real_doc_regrant(d);
}

void	__real_may_until(struct session *ss, const struct grants *grants);
void	__wrap_may_until(struct session *ss, const struct grants *grants);

void
__wrap_may_until(struct session *ss, const struct grants *grants)
{
	if (!is_planted(UNTIL_LOST))
		__real_may_until(ss, grants);
}

void	__real_owed_recheck(struct doc *d, const struct grants *grants);
void	__wrap_owed_recheck(struct doc *d, const struct grants *grants);

void
__wrap_owed_recheck(struct doc *d, const struct grants *grants)
{
	if (!is_planted(OWED_KEPT))
		__real_owed_recheck(d, grants);
}

int	__real_filter_parse_within(const struct json_slice *q,
	    const char *within, struct filter **filter_out,
	    struct ot_err *err);
int	__wrap_filter_parse_within(const struct json_slice *q,
	    const char *within, struct filter **filter_out,
	    struct ot_err *err);

int
__wrap_filter_parse_within(const struct json_slice *q, const char *within,
    struct filter **filter_out, struct ot_err *err)
{
	return __real_filter_parse_within(q, is_planted(QUERY_WHOLE) ? NULL :
	    within, filter_out, err);
}

void	__real_session_regrant_queries(struct session *ss,
	    const char *collection);
void	__wrap_session_regrant_queries(struct session *ss,
	    const char *collection);

void
__wrap_session_regrant_queries(struct session *ss, const char *collection)
{
	if (!is_planted(QUERY_REGRANT_LOST))
		__real_session_regrant_queries(ss, collection);
}
