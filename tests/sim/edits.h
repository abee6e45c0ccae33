/*
 * edits: random creates and edits, valid for the content they are made for.
 *
 * Made from the content's JSON alone, never with apply: a generator that asked
 * the types what is right could not find them wrong.
 */
#ifndef TESTS_SIM_EDITS_H
#define TESTS_SIM_EDITS_H

#include "ot/buf.h"
#include "ot/type.h"
#include "tests/ot/chance.h"

/* Append {"type":..,"data":..}. */
void	create_random(struct chance *chance, struct buf *b);
/* Append the JSON of an edit of data. */
void	edit_random(struct chance *chance, const struct ot_type *type,
	    const struct ot_data *data, struct buf *b);

#endif
