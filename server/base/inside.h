/*
 * inside: is an address one that strangers must not send us to?
 *
 * A URL that a user gives (a webhook) must not reach what only this machine
 * or its network can: metadata services, databases, printers.  Inside is
 * everything that the registries of IANA do not name globally reachable
 * unicast (iana-ipv4-special-registry, iana-ipv6-special-registry; RFC 6890),
 * also when IPv6 wraps an IPv4 address (mapped, 6to4, NAT64).
 */
#ifndef BASE_INSIDE_H
#define BASE_INSIDE_H

#include <stdbool.h>
#include <sys/socket.h>

/* Families other than IPv4 and IPv6 are inside.  len: bytes at address. */
bool	inside_has(const struct sockaddr *address, socklen_t len);

#endif
