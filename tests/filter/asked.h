/*
 * asked: the conversation of filter-tool, whoever answers.
 */
#ifndef TESTS_FILTER_ASKED_H
#define TESTS_FILTER_ASKED_H

#include <stddef.h>
#include <stdint.h>

#include "core/filter.h"
#include "ot/buf.h"

struct asked_of {
	void	(*begin)(void *arg);	/* a collection of its own */
	void	(*put)(void *arg, const char *id, const char *body, size_t len);
	void	(*end)(void *arg);	/* all of it has been put */
	/* Append the answer. */
	void	(*ask)(void *arg, struct filter *f, struct buf *out);
};

/* Answer every line of standard input. */
void	asked_run(const struct asked_of *whom, void *arg);

void	asked_put_count(struct buf *out, uint64_t n);
void	asked_put_error(struct buf *out, const char *text);
void	asked_begin_ids(struct buf *out);
void	asked_put_id(struct buf *out, const char *id);
void	asked_end_ids(struct buf *out);

#endif
