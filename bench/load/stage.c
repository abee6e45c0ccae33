#include "bench/load/stage.h"

#include "bench/load/client.h"
#include "bench/load/rig.h"

/* Set waiting clients going, until one has made a request. */
static void
stage_advance(struct stage *s)
{
	while (s->next < s->n) {
		struct client *c = &s->clients[s->next++];

		c->stage_at = 0;
		if (s->ask(c, 0))
			return;
		s->left--;
	}
}

void
stage_begin(struct stage *s, stage_ask *ask, struct client *clients,
    uint32_t n, uint32_t width)
{
	*s = (struct stage){ .ask = ask, .clients = clients, .n = n, .left = n,
	    .errors = clients[0].rig->tally.errors };
	for (uint32_t i = 0; i < width; i++)
		stage_advance(s);
}

void
stage_answered(struct stage *s, struct client *client)
{
	if (s->ask(client, ++client->stage_at))
		return;
	s->left--;
	stage_advance(s);
}

bool
stage_is_over(const struct rig *rig)
{
	return rig->stage.left == 0 ||
	    rig->tally.errors > rig->stage.errors;
}
