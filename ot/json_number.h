/*
 * json_number: decimal text to double and back, as ECMAScript does both.
 * Independent of the C locale.
 */
#ifndef OT_JSON_NUMBER_H
#define OT_JSON_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

#define JSON_NUMBER_CHARS	32	/* more than any number prints to */

/*
 * The double nearest to the text, which must match JSON's number grammar.
 * False when it overflows; number_out may be NULL.
 */
bool	json_number_parse(const char *text, size_t len_bytes,
	    double *number_out);
/*
 * Write a finite number in ECMAScript's Number::toString form (ECMA-262,
 * 6.1.6.1.20), not terminated; returns its length.
 */
size_t	json_number_format(double number, char out[JSON_NUMBER_CHARS]);

#endif
