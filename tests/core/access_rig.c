#include "tests/core/access_rig.h"

#include "base/mem.h"
#include "tests/proto/quoted.h"

struct access *
rules_of(const char *text)
{
	struct access *a = NULL;
	char *json = quoted(text);
	struct ot_err err;

	if (access_parse(json, strlen(json), &a, &err) != 0)
		fail_msg("%s: %s", json, err.text);
	free(json);
	return a;
}

static char *
subject_of(const struct json *claims)
{
	const struct json *sub = json_object_value(claims, "sub");
	char room[JSON_STRING_ROOM];
	const char *text;
	size_t len;

	if (sub == NULL)
		return NULL;
	text = json_string_flat(sub, room, &len);
	return mem_copy(text, len);
}

struct principal *
principal_of(const char *claims, const char *link)
{
	struct principal *p = mem_get(sizeof(*p));
	struct ot_err err;
	char *json;

	p->refs = 1;
	if (link != NULL)
		p->link = mem_copy(link, strlen(link));
	if (claims == NULL)
		return p;
	json = quoted(claims);
	if (json_parse(json, strlen(json), 0, &p->claims, &err) != 0)
		fail_msg("%s: %s", json, err.text);
	p->subject = subject_of(p->claims);
	free(json);
	return p;
}
