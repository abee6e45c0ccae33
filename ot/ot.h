/*
 * ot: the kernel's public face, all of it and nothing else.
 *
 *	ot/type.h	what a type can do, and the table of types
 *	ot/type_ext.h	what some can do beyond that
 *	ot/op.h		the envelope: create, delete, versions, snapshots
 *	ot/json.h	exact JSON: the pull reader, slices, writing
 *	ot/buf.h	growable bytes
 *	ot/ot_err.h	refusals
 *
 * Users of the installed library include this one file, from C11 or C++;
 * what is in no header named here may change.  Inside the project include
 * what you use instead.  The manual page is libot(3).
 */
#ifndef OT_OT_H
#define OT_OT_H

/* Outside of the linkage below. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#include "ot/buf.h"
#include "ot/json.h"
#include "ot/op.h"
#include "ot/ot_err.h"
#include "ot/type.h"
#include "ot/type_ext.h"

#ifdef __cplusplus
}
#endif

#endif
