/*
 * Members that no edit can name.
 */
#include "ot/diff/values.h"

bool
diff_is_out_of_reach(const struct json *from, const struct json *to)
{
	const struct json_member *m, *other;

	for (m = json_object_first(from); m != NULL;
	    m = json_object_next(from, m)) {
		if (!json_key_is_inherited(m->key))
			continue;
		other = json_object_find(to, m->key);
		if (other == NULL || !json_deep_equal(m->value, other->value))
			return true;
	}
	for (m = json_object_first(to); m != NULL; m = json_object_next(to, m))
		if (json_key_is_inherited(m->key) &&
		    json_object_find(from, m->key) == NULL)
			return true;
	return false;
}
