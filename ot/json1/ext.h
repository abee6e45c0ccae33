/*
 * ext: what json1 can do beyond the contract of a type; ot/type_ext.h.
 */
#ifndef OT_JSON1_EXT_H
#define OT_JSON1_EXT_H

#include "ot/type_ext.h"

extern const struct ot_type_ext json1_ext;

#endif
