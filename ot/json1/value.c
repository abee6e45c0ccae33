#include "ot/json1/value.h"

struct json *
json1_element(const struct json *v, const struct json1_key *key)
{
	const struct json_member *member;

	if (key->name == NULL) {
		if (json_kind(v) != JSON_LIST || key->index < 0 ||
		    (uint64_t)key->index >= json_list_len(v))
			return NULL;
		return json_list_at(v, (size_t)key->index);
	}
	if (json_kind(v) != JSON_OBJECT)
		return NULL;
	member = json_object_find(v, key->name);
	return member != NULL ? member->value : NULL;
}

static bool
copy_once(struct json1_scratch *s, struct json **v, bool *copied)
{
	struct json *copy;

	if (*copied)
		return true;
	copy = json_ref(*v);
	if (json_own(&copy) != 0) {
		json_unref(copy);
		copy = NULL;
	}
	if ((copy = json1_keep(s, copy)) == NULL)
		return false;
	*v = copy;
	return *copied = true;
}

void
json1_element_set(struct json1_scratch *s, struct json **v, bool *copied,
    const struct json1_key *key, struct json *element)
{
	struct json_member *member;
	struct json_gone gone;
	struct json **slot;

	if (!copy_once(s, v, copied))
		return;
	if (key->name == NULL) {
		if (element == NULL) {
			json_unref(json_list_remove(*v, (size_t)key->index));
			return;
		}
		slot = json_list_slot(*v, (size_t)key->index);
	} else {
		member = json_object_find(*v, key->name);
		if (element == NULL) {
			json_object_unlink(*v, member, &gone);
			json_gone_free(&gone);
			return;
		}
		slot = &member->value;
	}
	json_unref(*slot);
	*slot = json_ref(element);
}
