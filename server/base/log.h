/*
 * log: level, subject, facts.
 *
 * One line an event, to stderr: text for people, or one JSON object a line
 * (schema/log.json).  Lower case, no full stop; "could not" for what may work
 * next time, "cannot" for what never will.  Never a document's content, never
 * a token.  What a client can provoke goes through LOG_LIMITED.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };
enum log_format { LOG_TEXT, LOG_JSON };

/* Where lines go; for tests.  NULL restores stderr. */
typedef void log_sink(const char *line, void *arg);

void	log_setup(enum log_level most, enum log_format format);
void	log_to(log_sink *sink, void *arg);
/*
 * This process is one of several that log to the same place: from now on lines
 * of JSON say which.
 */
void	log_as_worker(unsigned worker);
bool	log_enabled(enum log_level level);
/* subject: "doc 17", "session 4", "store"; "" for none. */
void	log_line(enum log_level level, const char *subject, const char *fmt, ...)
	    __attribute__((format(printf, 3, 4)));
/*
 * Shown whatever the level (the listening line of the contract).
 */
void	log_always(const char *subject, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));

/* A place that may log burst lines a minute; the rest is counted and told. */
struct log_limit {
	uint64_t	window;		/* minute it counts in */
	unsigned	said, kept;	/* lines let through, held back */
};
/* May this place log now?  Tells by itself how many lines it held back. */
bool	log_allow(struct log_limit *limit, unsigned burst);

#define LOG_LIMITED(level, subject, ...) do {				\
	static struct log_limit limit_;					\
	if (log_enabled(level) && log_allow(&limit_, 10))		\
		log_line((level), (subject), __VA_ARGS__);		\
} while (0)

#endif
