/*
 * verify: after a scenario, is everything where it should be?
 *
 * Every document is asked for anew, its content and its whole history, and
 * the history is gone through op by op:
 *
 *	each is of a client of this run, the text is what that client sent
 *	whoever was told that its op became version v finds it there, once
 *	nothing is there that nobody was told of (but what was unanswered)
 *	the edits in order, put into the first text, give the content
 *	whoever followed has the same digest at the same version
 *	the version is the number of ops, the create included
 *
 * The kernel has no part in it (text.h).  Documents that another process of
 * this program prepared (S7 --phase open) are drawn again from the seed.
 */
#ifndef LOAD_VERIFY_H
#define LOAD_VERIFY_H

struct rig;
struct run_check;

void	verify(struct rig *rig, struct run_check *out);

#endif
