/*
 * regex_in: the automaton.  Private to regex.c (which reads a pattern),
 * regex_code.c (which makes the automaton) and regex_match.c (which runs it);
 * regex_class.c knows characters.
 */
#ifndef CORE_REGEX_IN_H
#define CORE_REGEX_IN_H

#include <stdint.h>

#include "core/regex.h"

enum regex_step {
	STEP_CHAR,		/* a: the code point, folded when case is ignored */
	STEP_ANY,		/* anything but a line end */
	STEP_ALL,		/* anything */
	STEP_CLASS,		/* a: index of the class */
	STEP_SPLIT,		/* go on at a and at b */
	STEP_JUMP,		/* go on at a */
	STEP_BEGIN,		/* the text's begin */
	STEP_END,
	STEP_LINE_BEGIN,
	STEP_LINE_END,
	STEP_WORD,		/* between a word character and another */
	STEP_NO_WORD,
	STEP_DONE		/* it matches */
};

struct regex_code {
	uint32_t	step;		/* enum regex_step */
	uint32_t	a, b;
};

struct regex_range {
	uint32_t	from, to;	/* code points, both in it */
};

struct regex_class {
	struct regex_range	*ranges;
	size_t			 n;
	bool			 negated;
};

struct regex {
	bool			 ignore_case;
	struct regex_code	*code;
	size_t			 n_code;
	struct regex_class	*classes;
	size_t			 n_classes;
};

/* ---- regex_code.c ---- */

#define REGEX_FOREVER	UINT32_MAX

enum regex_kind {
	TREE_EMPTY,
	TREE_STEP,		/* step and a */
	TREE_CAT,		/* left, then right */
	TREE_ALT,		/* left or right */
	TREE_REPEAT		/* left, from min to max times */
};

struct regex_tree {
	struct regex_tree	*made_before;	/* all of them, to free */
	enum regex_kind	 kind;
	enum regex_step	 step;
	uint32_t	 a;
	struct regex_tree	*left, *right;
	uint32_t	 min, max;	/* max FOREVER: without end */
};

/*
 * Append the code of the tree and STEP_DONE to re; 0, or OT_ELIMIT or
 * OT_ENOMEM with the reason.
 */
int		regex_emit(struct regex *re, const struct regex_tree *t,
		    struct ot_err *err);

/* ---- regex_class.c ---- */

bool		regex_is_word(uint32_t cp);
bool		regex_is_line_end(uint32_t cp);
/* The same for all characters that differ in case alone. */
uint32_t	regex_fold(uint32_t cp);
bool		regex_class_has(const struct regex_class *c, uint32_t cp,
		    bool ignore_case);
/* Add from to to; false: out of memory. */
bool		regex_class_add(struct regex_class *c, uint32_t from,
		    uint32_t to);
/* Add what \d, \D, \w, \W, \s or \S stands for; false: out of memory. */
bool		regex_class_add_named(struct regex_class *c, char name);

#endif
