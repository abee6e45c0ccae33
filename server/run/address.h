/*
 * address: HOST:PORT, where HOST is a numeric address or "localhost".
 *
 * Names are not looked up: which address is served must not depend on who
 * answers.
 */
#ifndef RUN_ADDRESS_H
#define RUN_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

struct address {
	char		host[64];	/* numeric, without brackets */
	uint16_t	port;		/* 0: any free one */
	bool		v6;
	bool		loopback;	/* reachable from this machine only */
};

/* 127.0.0.1:7007, [::1]:7007, localhost:7007.  False: it is none. */
bool	 address_parse(const char *text, struct address *out);

#endif
