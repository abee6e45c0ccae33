#include "core/principal.h"

#include <stdlib.h>

struct principal *
principal_ref(struct principal *p)
{
	p->refs++;
	return p;
}

void
principal_unref(struct principal *p)
{
	if (p == NULL || --p->refs > 0)
		return;
	free(p->subject);
	free(p->issuer);
	free(p->token_id);
	free(p->link);
	json_unref(p->claims);
	free(p);
}
