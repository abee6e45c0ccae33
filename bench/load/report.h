/*
 * report: what a run came to, as a line of JSON or for people.
 */
#ifndef LOAD_REPORT_H
#define LOAD_REPORT_H

struct run;

/* On stdout. */
void	report(const struct run *run);

#endif
