#include "tests/sim/guest.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "tests/sim/heard.h"
#include "tests/sim/world.h"

struct guest *
guest_new(struct client *c)
{
	struct guest *g = mem_get(sizeof(*g));

	g->client = c;
	return g;
}

/* "@" is a document, "#" a number that grows. */
static const char *const says[] = {
	"{'a':'f','c':'c','d':'@'}",
	"{'a':'f','c':'c','d':'@','v':0}",
	"{'a':'s','c':'c','d':'@'}",
	"{'a':'s','c':'c','d':'@','v':0}",
	"{'a':'u','c':'c','d':'@'}",
	"{'a':'bs','c':'c','b':['d0','@','d2']}",
	"{'a':'bs','c':'c','b':{'d0':0,'@':1}}",
	"{'a':'bf','c':'c','b':['@']}",
	"{'a':'nf','c':'c','d':'@','v':1}",
	"{'a':'nf','c':'c','d':'@','v':null}",
	"{'a':'nt','c':'c','d':'@','ts':0}",
	"{'a':'qs','id':1,'c':'c','q':{}}",
	"{'a':'qs','id':2,'c':'c','q':{'$sort':{'_v':-1},'$limit':2}}",
	"{'a':'qs','id':3,'c':'c','q':{},'r':[['@',0],['d0',1]]}",
	"{'a':'qf','id':4,'c':'c','q':{'_id':'@'}}",
	"{'a':'qu','id':1}",
	"{'a':'ps','ch':'c.@','seq':#}",
	"{'a':'ps','ch':'ch0','seq':#}",
	"{'a':'pu','ch':'c.@','seq':#}",
	"{'a':'pr','ch':'c.@','seq':#}",
	"{'a':'x-may','c':'c','d':'@'}",
	"{'a':'x-token','token':'t'}",
};

void
guest_act(struct guest *g)
{
	struct world *w = g->client->world;
	struct buf b = BUF_INIT;
	const char *p;

	if (g->client->conn == NULL)
		return;
	g->seq++;
	p = says[below(w, sizeof(says) / sizeof(says[0]))];
	for (; *p != '\0'; p++) {
		if (*p == '\'')
			buf_putc(&b, '"');
		else if (*p == '@')
			buf_puts(&b, g->client->docs[g->seq %
			    CLIENT_DOCS].id);
		else if (*p == '#')
			buf_put_u64(&b, g->seq);
		else
			buf_putc(&b, *p);
	}
	world_send(g->client, b.data, b.len);
	buf_done(&b);
}

void
guest_lost(struct guest *g)
{
	g->has_pinged = g->is_heard = false;
}

bool
guest_settle(struct guest *g)
{
	if (g->client->conn == NULL)
		return false;
	if (!g->has_pinged)
		world_send(g->client, "{\"a\":\"pp\"}", 10);
	g->has_pinged = true;
	return g->is_heard;
}

void
guest_hear(struct guest *g, const char *text, size_t len)
{
	struct heard h;

	heard_read(text, len, &h);
	g->is_heard |= g->has_pinged && strcmp(h.a, "pp") == 0;
}
