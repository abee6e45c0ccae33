/*
 * policy: the file of rules of access (--policy), read and watched.
 *
 *	start, SIGHUP, file changed --> policy_next --> rules for the hub
 *
 * What a file says counts once all of it is right.  Until then, and when it
 * is gone, the former rules go on: a mistake opens nothing and shuts nobody
 * out.
 */
#ifndef RUN_POLICY_H
#define RUN_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/access.h"
#include "run/config.h"

struct policy;

/*
 * The rules of a file, one count; NULL with the reason in why, which names the
 * file, and the rule and field where it is these.
 */
struct access	*policy_load(const char *path, char *why, size_t why_len);

/*
 * Does what the settings say of rules go together, and is their file right?
 * 0, or -1 with the reason in why (CONFIG_WHY bytes).
 */
int		 policy_check(const struct config *c, char *why);

/*
 * What policy_next gives first is what counts from the start: the file's
 * rules, with --auth jwt and no file none (which is logged), and with --auth
 * none NULL: everything is allowed.  -1 with the reason in why.
 */
int		 policy_open(const struct config *c,
		    struct policy **policy_out, char *why, size_t why_len);
/*
 * The rules from now on, one count for the caller; NULL: they stay.  Looks at
 * the file a few times a second; what is wrong with it is logged once.
 */
struct access	*policy_next(struct policy *p, uint64_t now_ms);
/* Look at once when next asked, and read it whatever it looks like. */
void		 policy_hurry(struct policy *p);
void		 policy_close(struct policy *p);	/* NULL is fine */

#endif
