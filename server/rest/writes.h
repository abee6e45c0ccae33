/*
 * writes: a call that is one change of one document.
 */
#ifndef REST_WRITES_H
#define REST_WRITES_H

#include "rest/change.h"

/*
 * The call's change, with what its headers say; its answer will be the call's.
 * The id and the body are still to be set.
 */
struct change	*writes_change(struct rest_call *call, enum change_what what);

#endif
