#include "run/policy_json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/access.h"
#include "run/file.h"

struct json *
policy_json_read(const char *path, char *why)
{
	char *text = file_read(path, ACCESS_BYTES_MAX);
	struct json *v = NULL;
	struct ot_err err;

	if (text == NULL)
		snprintf(why, POLICY_JSON_WHY, "could not read %s: %s", path,
		    strerror(errno));
	else if (json_parse(text, strlen(text), 0, &v, &err) != 0)
		snprintf(why, POLICY_JSON_WHY, "%s: %s", path, err.text);
	free(text);
	return v;
}

char *
policy_json_text(const struct json *v)
{
	struct buf b = BUF_INIT;
	char *text = NULL;

	if (json_kind(v) != JSON_STRING)
		return NULL;
	json_string_put(v, &b, 0);
	if (b.len == 0)
		text = mem_copy("", 0);
	else if (memchr(b.data, '\0', b.len) == NULL)
		text = mem_copy(b.data, b.len);
	buf_done(&b);
	return text;
}

struct principal *
policy_json_who(struct json *claims, char *why)
{
	struct principal *p;
	char *subject;

	if (json_kind(claims) != JSON_OBJECT) {
		snprintf(why, POLICY_JSON_WHY, "claims are a JSON object");
	} else if ((subject = policy_json_text(json_object_value(claims, "sub"))) == NULL) {
		snprintf(why, POLICY_JSON_WHY, "claims want a string \"sub\"");
	} else {
		p = mem_get(sizeof(*p));
		p->refs = 1;
		p->subject = subject;
		p->claims = json_ref(claims);
		return p;
	}
	return NULL;
}
