/* delta_ext: what rich-text can do beyond the contract. */
#ifndef OT_DELTA_EXT_H
#define OT_DELTA_EXT_H

#include "ot/type_ext.h"

extern const struct ot_type_ext delta_ext;

#endif
