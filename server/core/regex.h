/*
 * regex: regular expressions in linear time.
 *
 * A Thompson automaton, stepped over all alternatives at once: a match costs
 * at most the text's length times the pattern's, whatever the pattern.  So
 * there are no backreferences and no look-around.
 *
 * The dialect is the common part of PCRE (MongoDB's) and JavaScript's with
 * the flag u: literals, . [...] [^...] ranges, \d \D \w \W \s \S \b \B
 * \t \n \r \f \v \xHH \uHHHH \u{...}, ^ $, ( ) (?: ) (?<name> ), |,
 * * + ? {m} {m,} {m,n} and the lazy forms, which match the same.  Works on
 * code points.  \d and \w are ASCII; \s is JavaScript's.  Options: i (simple
 * case folding of ASCII, Latin-1, Latin Extended-A, Greek and Cyrillic),
 * m (^ and $ at line ends), s (. matches line ends too).
 */
#ifndef CORE_REGEX_H
#define CORE_REGEX_H

#include <stdbool.h>
#include <stddef.h>

#include "ot/buf.h"
#include "ot/ot_err.h"

#define REGEX_PATTERN_MAX	1000	/* bytes */
#define REGEX_STEPS_MAX		4000	/* of the automaton, repeats unfolded */
#define REGEX_DEPTH_MAX		50	/* groups inside one another */

#define REGEX_IGNORE_CASE	1u	/* i */
#define REGEX_MULTILINE		2u	/* m */
#define REGEX_DOT_ALL		4u	/* s */

struct regex;

/*
 * Compile WTF-8.  OT_EBADLY or OT_ELIMIT with the reason in err->text, or
 * OT_ENOMEM.
 */
int		 regex_new(const char *pattern, size_t len_bytes,
		    unsigned options, struct regex **regex_out,
		    struct ot_err *err) OT_MUST_CHECK;
void		 regex_free(struct regex *re);		/* NULL is fine */
/*
 * What every text that matches begins with, appended to prefix as WTF-8;
 * nothing unless the pattern says so at its begin.
 */
void		 regex_prefix(const struct regex *re, struct buf *prefix);
/* Does it match somewhere in the WTF-8?  Several threads may ask at once. */
bool		 regex_match(const struct regex *re, const char *text,
		    size_t len_bytes);

#endif
