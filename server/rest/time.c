/*
 * time: moments as people and programs write them.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "rest/call.h"

#define YEAR_9999_MS	253402300800000

/* Milliseconds of ".678"; steps over it. */
static int64_t
read_fraction(const char **p)
{
	int64_t ms = 0;
	int place;

	if (**p != '.')
		return 0;
	(*p)++;
	for (place = 100; isdigit((unsigned char)**p); (*p)++, place /= 10)
		ms += (**p - '0') * place;
	return ms;
}

/* "Z" or "+02:00", in seconds; false: neither. */
static bool
read_zone(const char *p, int *seconds_out)
{
	int hours, minutes, end = 0;

	if ((*p == 'Z' || *p == 'z') && p[1] == '\0') {
		*seconds_out = 0;
		return true;
	}
	if ((*p != '+' && *p != '-' && *p != ' ') ||	/* a "+" not escaped */
	    sscanf(p + 1, "%2d:%2d%n", &hours, &minutes, &end) != 2 ||
	    p[1 + end] != '\0' || end != 5)
		return false;
	*seconds_out = (hours * 60 + minutes) * (*p == '-' ? -60 : 60);
	return true;
}

bool
rest_read_time(const char *text, int64_t *ms_out)
{
	struct tm tm = { 0 };
	int64_t ms = 0;
	const char *p;
	int zone;

	for (p = text; isdigit((unsigned char)*p) && p - text < 15; p++)
		ms = ms * 10 + (*p - '0');
	if (p > text && *p == '\0') {
		*ms_out = ms;
		return true;
	}
	if ((p = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm)) == NULL)
		return false;
	ms = read_fraction(&p);
	if (!read_zone(p, &zone))
		return false;
	ms += ((int64_t)timegm(&tm) - zone) * 1000;
	if (ms < 0 || ms >= YEAR_9999_MS)
		return false;
	*ms_out = ms;
	return true;
}
