/*
 * ask_store: filter-tool's answers from a store.
 */
#ifndef TESTS_FILTER_ASK_STORE_H
#define TESTS_FILTER_ASK_STORE_H

/* Answer standard input from the store at url, made if need be; an exit code. */
int	ask_store(const char *url);

#endif
