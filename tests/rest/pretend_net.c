#include "tests/rest/pretend_net.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static struct pretend_call *
pretend_of(struct net_call *call)
{
	return (struct pretend_call *)call;
}

void
pretend_call_init(struct pretend_call *p, enum net_method method,
    const char *path, const char *query)
{
	memset(p, 0, sizeof(*p));
	buf_init(&p->body, SIZE_MAX);
	p->call.method = method;
	p->call.path = path;
	p->call.query = query;
	p->call.body = p->call.host = "";
	p->call.address = "127.0.0.1";
	p->headers = mem_copy("", 0);
}

void
pretend_call_done(struct pretend_call *p)
{
	free(p->type);
	free(p->headers);
	buf_done(&p->body);
}

const char *
pretend_body(struct pretend_call *p)
{
	buf_putc(&p->body, '\0');
	p->body.len--;
	return p->body.data;
}

bool
pretend_has_header(const struct pretend_call *p, const char *line)
{
	const char *at = strstr(p->headers, line);

	return at != NULL && (at == p->headers || at[-1] == '\n') &&
	    at[strlen(line)] == '\r';
}

static void
begin(struct pretend_call *p, const struct net_answer *a)
{
	if (p->status != 0)
		bug("answered twice");
	p->status = a->status;
	if (a->type != NULL)
		p->type = mem_copy(a->type, strlen(a->type));
	if (a->headers != NULL) {
		free(p->headers);
		p->headers = mem_copy(a->headers, strlen(a->headers));
	}
}

void
net_call_answer(struct net_call *call, const struct net_answer *a,
    const void *body, size_t len_bytes)
{
	struct pretend_call *p = pretend_of(call);

	begin(p, a);
	buf_put(&p->body, body, len_bytes);
}

void
net_call_stream(struct net_call *call, const struct net_answer *a)
{
	struct pretend_call *p = pretend_of(call);

	begin(p, a);
	p->is_stream = true;
}

bool
net_call_send(struct net_call *call, const void *bytes, size_t len_bytes)
{
	buf_put(&pretend_of(call)->body, bytes, len_bytes);
	return true;
}

size_t
net_call_waiting(const struct net_call *call)
{
	(void)call;
	return 0;
}

void
net_call_end(struct net_call *call)
{
	pretend_of(call)->is_ended = true;
}
