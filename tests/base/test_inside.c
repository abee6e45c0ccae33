/*
 * inside: which addresses strangers may send us to.  Rows are the corners of
 * each block, first and last, and their neighbours outside.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <cmocka.h>

#include "base/inside.h"

static bool
is_inside(const char *text)
{
	struct sockaddr_in in4 = { .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };

	if (inet_pton(AF_INET, text, &in4.sin_addr) == 1)
		return inside_has((struct sockaddr *)&in4, sizeof(in4));
	if (inet_pton(AF_INET6, text, &in6.sin6_addr) != 1)
		fail_msg("no address: %s", text);
	return inside_has((struct sockaddr *)&in6, sizeof(in6));
}

static const char *const inside[] = {
	"0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255",
	"100.64.0.0", "100.127.255.255", "127.0.0.1", "127.255.255.255",
	"169.254.0.0", "169.254.169.254", "172.16.0.0", "172.31.255.255",
	"192.0.0.0", "192.0.0.255", "192.0.2.1", "192.88.99.1",
	"192.168.0.0", "192.168.255.255", "198.18.0.0", "198.19.255.255",
	"198.51.100.7", "203.0.113.255", "224.0.0.1", "239.255.255.255",
	"240.0.0.0", "255.255.255.255",
	"::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.1.2.3",
	"64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::808:808",
	"100::1", "2001::1", "2001:1ff::1", "2001:db8::1",
	"2002:7f00:1::1", "2002:c0a8:101::", "3ffe::1", "3fff::1",
	"3fff:fff::1", "4000::1", "fc00::1", "fdff::1", "fe80::1", "fec0::1",
	"ff02::1", "ffff::1",
};

static const char *const outside[] = {
	"1.0.0.0", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255",
	"100.128.0.0", "126.255.255.255", "128.0.0.0", "169.253.255.255",
	"169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0",
	"192.0.3.0", "192.88.98.255", "192.167.255.255", "192.169.0.0",
	"198.17.255.255", "198.20.0.0", "198.51.101.0", "203.0.112.255",
	"203.0.114.0", "223.255.255.255",
	"::ffff:8.8.8.8", "64:ff9b::808:808", "2001:200::1", "2001:4860::1",
	"2001:db7::1", "2001:db9::1", "2002:808:808::1", "2606:4700::1",
	"3ffd::1", "3fff:1000::1",
};

static void
what_is_not_globally_reachable_is_inside(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(inside) / sizeof(inside[0]); i++)
		if (!is_inside(inside[i]))
			fail_msg("%s should be inside", inside[i]);
	for (size_t i = 0; i < sizeof(outside) / sizeof(outside[0]); i++)
		if (is_inside(outside[i]))
			fail_msg("%s should be outside", outside[i]);
}

static void
what_is_no_whole_address_of_the_internet_is_inside(void **state)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct sockaddr_in in4 = { .sin_family = AF_INET };

	(void)state;
	inet_pton(AF_INET, "8.8.8.8", &in4.sin_addr);
	assert_true(inside_has((struct sockaddr *)&un, sizeof(un)));
	assert_false(inside_has((struct sockaddr *)&in4, sizeof(in4)));
	assert_true(inside_has((struct sockaddr *)&in4, sizeof(in4) - 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_globally_reachable_is_inside),
		cmocka_unit_test(what_is_no_whole_address_of_the_internet_is_inside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
