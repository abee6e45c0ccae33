#include "base/inside.h"

#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

/* ---- IPv4 ---- */

/* What the first bits of an address must be. */
struct block4 {
	uint32_t	first;
	unsigned	bits;
};

#define IP4(a, b, c, d) \
	((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (d))

static const struct block4 inside4[] = {
	{ IP4(0, 0, 0, 0), 8 },		/* this network */
	{ IP4(10, 0, 0, 0), 8 },	/* private */
	{ IP4(100, 64, 0, 0), 10 },	/* shared, behind a carrier's NAT */
	{ IP4(127, 0, 0, 0), 8 },	/* loopback */
	{ IP4(169, 254, 0, 0), 16 },	/* link local, metadata of clouds */
	{ IP4(172, 16, 0, 0), 12 },	/* private */
	{ IP4(192, 0, 0, 0), 24 },	/* protocol assignments */
	{ IP4(192, 0, 2, 0), 24 },	/* documentation */
	{ IP4(192, 88, 99, 0), 24 },	/* 6to4 relays, given up */
	{ IP4(192, 168, 0, 0), 16 },	/* private */
	{ IP4(198, 18, 0, 0), 15 },	/* benchmarks */
	{ IP4(198, 51, 100, 0), 24 },	/* documentation */
	{ IP4(203, 0, 113, 0), 24 },	/* documentation */
	{ IP4(224, 0, 0, 0), 4 },	/* multicast */
	{ IP4(240, 0, 0, 0), 4 },	/* reserved, broadcast */
};

static bool
inside_has4(uint32_t a)
{
	for (size_t i = 0; i < COUNT(inside4); i++)
		if ((a ^ inside4[i].first) >> (32 - inside4[i].bits) == 0)
			return true;
	return false;
}

/* Four bytes as they are on the wire. */
static uint32_t
ip4_read(const unsigned char *b)
{
	return IP4(b[0], b[1], b[2], b[3]);
}

/* ---- IPv6 ---- */

struct block6 {
	unsigned char	first[6];
	unsigned	bits;
};

/* Where an IPv4 address stands in one of IPv6. */
struct wrap6 {
	unsigned char	first[12];
	unsigned	bits;
	unsigned	at;		/* byte */
};

static const struct wrap6 wraps6[] = {
	{ { [10] = 0xff, [11] = 0xff }, 96, 12 },	/* ::ffff:a.b.c.d */
	{ { 0x00, 0x64, 0xff, 0x9b }, 96, 12 },		/* NAT64 */
	{ { 0x20, 0x02 }, 16, 2 },			/* 6to4 */
};

/* Of 2000::/3; all else is inside anyhow. */
static const struct block6 inside6[] = {
	{ { 0x20, 0x01, 0x00 }, 23 },			/* protocol assignments, Teredo */
	{ { 0x20, 0x01, 0x0d, 0xb8 }, 32 },		/* documentation */
	{ { 0x3f, 0xff, 0x00 }, 20 },			/* documentation */
	{ { 0x3f, 0xfe }, 16 },				/* 6bone, given up */
};

static bool
begins_with(const unsigned char *a, const unsigned char *first, unsigned bits)
{
	unsigned rest = bits % 8;

	if (memcmp(a, first, bits / 8) != 0)
		return false;
	return rest == 0 || (a[bits / 8] ^ first[bits / 8]) >> (8 - rest) == 0;
}

static bool
inside_has6(const unsigned char *a)
{
	static const unsigned char global[] = { 0x20 };

	for (size_t i = 0; i < COUNT(wraps6); i++)
		if (begins_with(a, wraps6[i].first, wraps6[i].bits))
			return inside_has4(ip4_read(a + wraps6[i].at));
	if (!begins_with(a, global, 3))
		return true;
	for (size_t i = 0; i < COUNT(inside6); i++)
		if (begins_with(a, inside6[i].first, inside6[i].bits))
			return true;
	return false;
}

bool
inside_has(const struct sockaddr *address, socklen_t len)
{
	struct sockaddr_in in4;
	struct sockaddr_in6 in6;

	if (address->sa_family == AF_INET && len >= sizeof(in4)) {
		memcpy(&in4, address, sizeof(in4));
		return inside_has4(ntohl(in4.sin_addr.s_addr));
	}
	if (address->sa_family == AF_INET6 && len >= sizeof(in6)) {
		memcpy(&in6, address, sizeof(in6));
		return inside_has6(in6.sin6_addr.s6_addr);
	}
	return true;
}
