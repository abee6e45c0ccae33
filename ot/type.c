#include "ot/type.h"

#include <string.h>

static const struct ot_type *const types[] = {
	&ot_type_json0,
	&ot_type_json1,
	&ot_type_text,
	&ot_type_text_unicode,
	&ot_type_text0,
	&ot_type_rich_text,
};

#define TYPES	(sizeof(types) / sizeof(types[0]))

const struct ot_type *
ot_type_find(const char *name_or_uri)
{
	size_t i;

	for (i = 0; i < TYPES; i++)
		if (strcmp(types[i]->name, name_or_uri) == 0 ||
		    strcmp(types[i]->uri, name_or_uri) == 0)
			return types[i];
	return NULL;
}

const struct ot_type *
ot_type_at(size_t i)
{
	return i < TYPES ? types[i] : NULL;
}
