/*
 * A gate with a pretend store, a pretend clock and a pretend network: the
 * functions of base/fetch.h are in gate_rig.c.
 */
#ifndef TESTS_AUTH_GATE_RIG_H
#define TESTS_AUTH_GATE_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "auth/gate.h"
#include "core/desk.h"

#define NOW_S	1800000000
#define SECRET	"0123456789abcdef0123456789abcdef"
#define CLAIMS	"\"sub\":\"ann\",\"exp\":1800000100"

struct rig {
	struct gate_settings	 settings;
	struct desk		 desk;
	struct gate		*gate;
	uint64_t		 now_ms;
	/* what the store answers to a statement, row by row */
	const char		*cells[64];
	size_t			 n_cells, n_columns;
	enum rows_what		 answers_to;
	bool			 is_away;
	/* the last verdict, at once or later */
	unsigned		 n_settled;
	enum gate_verdict	 verdict;
	struct principal	*who;
	const char		*why;
};

/* Settings are the caller's to change in between. */
void	rig_init(struct rig *r);
void	rig_open(struct rig *r);
void	rig_done(struct rig *r);
/* Time passes, and the store answers. */
void	rig_turn(struct rig *r, uint64_t after_ms);
/* The store answers everything that was asked. */
void	rig_store(struct rig *r);
/* From now on it answers n_cells texts to this statement. */
void	rig_answer(struct rig *r, enum rows_what to, size_t n_columns,
	    size_t n_cells, ...);

/* ---- the network: one fetch at most ---- */

bool	 fetch_is_out(void);
unsigned fetch_count(void);
const char *fetch_url(void);
void	 fetch_answers(int status, const char *body, uint64_t max_age_s);

/* ---- asking ---- */

enum gate_verdict ask(struct rig *r, struct gate_shown shown,
	    void **wait_out);
enum gate_verdict ask_token(struct rig *r, const char *token);
void	 assert_out(struct rig *r, const char *why);
/* A token signed with SECRET; for free(). */
char	*hs(const char *members);

#endif
