#include "rest/page.h"

#include <string.h>
#include <strings.h>

#include "rest/rest_in.h"

#define LINK_MAX	1900	/* bytes; longer ones are in the body alone */

bool
page_limit(struct rest_call *call, uint64_t *limit_out)
{
	return rest_query_number(call, "limit", 1, PAGE_MAX,
	    call->rest->settings.page, limit_out);
}

/* The query once more, but for one parameter and for what proves who asks. */
static void
put_query(struct buf *b, const char *query, const char *without)
{
	static const char *const secret[] = {
		"access_token=", "ticket=", "share=",
	};
	size_t len, i, n = strlen(without);

	for (; *query != '\0'; query += len + (query[len] == '&')) {
		bool is_left = false;

		len = strcspn(query, "&");
		for (i = 0; i < 3; i++)
			if (strncmp(query, secret[i], strlen(secret[i])) == 0)
				is_left = true;
		if (len == 0 || is_left || (strncmp(query, without, n) == 0 &&
		    query[n] == '='))
			continue;
		buf_put(b, query, len);
		buf_putc(b, '&');
	}
}

void
page_link(struct rest_call *call, const char *name, const char *value)
{
	struct buf b = BUF_INIT;

	buf_puts(&b, "<?");
	put_query(&b, call->net->query, name);
	buf_puts(&b, name);
	buf_putc(&b, '=');
	buf_puts(&b, value);
	buf_puts(&b, ">; rel=\"next\"");
	if (!buf_failed(&b) && b.len < LINK_MAX &&
	    memchr(b.data + 1, '<', b.len - 1) == NULL)
		rest_header(call, "Link", "%.*s", (int)b.len, b.data);
	buf_done(&b);
}

bool
page_accepts(const struct rest_call *call, const char *type)
{
	const char *said = rest_asked(call, NET_ACCEPT);
	size_t len = strlen(type);

	while (said != NULL && *said != '\0') {
		said += strspn(said, " \t,");
		if (strncasecmp(said, type, len) == 0 &&
		    strchr(" \t,;", said[len]) != NULL)
			return true;
		said += strcspn(said, ",");
	}
	return false;
}
