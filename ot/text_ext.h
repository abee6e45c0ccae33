/* text_ext: what text and text-unicode can do beyond the contract. */
#ifndef OT_TEXT_EXT_H
#define OT_TEXT_EXT_H

#include "ot/type_ext.h"

extern const struct ot_type_ext text_ext, text_unicode_ext;

#endif
