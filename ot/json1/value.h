/*
 * value: elements of JSON values that ops hold, changed by copying.
 */
#ifndef OT_JSON1_VALUE_H
#define OT_JSON1_VALUE_H

#include "ot/json1/trie.h"

/*
 * The element of v, which may be anything, at key: an own name of an object,
 * an index of a list.  Borrowed; NULL when there is none.
 */
struct json *json1_element(const struct json *v, const struct json1_key *key);
/*
 * Put element (NULL: nothing) in the place of the one that *v has at key.
 * Unless *copied, *v is first replaced by a copy that the scratch keeps.
 */
void	 json1_element_set(struct json1_scratch *s, struct json **v,
	    bool *copied, const struct json1_key *key, struct json *element);

#endif
