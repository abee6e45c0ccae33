/*
 * ip: addresses, blocks, and what limits count by.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net/ip.h"
#include "net/net.h"

static void
test_blocks(void **state)
{
	static const struct {
		const char	*block, *address;
		bool		 has;
	} rows[] = {
		{ "10.0.0.0/8", "10.255.0.1", true },
		{ "10.0.0.0/8", "11.0.0.1", false },
		{ "192.0.2.7", "192.0.2.7", true },
		{ "192.0.2.7", "192.0.2.6", false },
		{ "192.0.2.0/25", "192.0.2.127", true },
		{ "192.0.2.0/25", "192.0.2.128", false },
		{ "0.0.0.0/0", "203.0.113.1", true },
		{ "0.0.0.0/0", "2001:db8::1", false },
		{ "10.0.0.0/8", "::ffff:10.1.1.1", true },
		{ "::1", "::1", true },
		{ "::/0", "::1", true },
		{ "2001:db8::/33", "2001:db8:7fff::1", true },
		{ "2001:db8::/33", "2001:db8:8000::1", false },
		{ "2001:db8::/32", "10.0.0.1", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unsigned char bytes[16];
		struct ip_block b;

		assert_true(ip_block_parse(rows[i].block, &b));
		assert_true(ip_parse(rows[i].address, bytes));
		if (ip_block_has(&b, bytes) != rows[i].has)
			fail_msg("%s and %s", rows[i].block, rows[i].address);
	}
}

static void
test_nonsense(void **state)
{
	static const char *const rows[] = {
		"", "x", "10.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1",
		"10.0.0.0/8x", "10.0.0.0/0008", "::1/129", "[::1]", "1.2.3.4:5",
		"localhost", "10.0.0.0/8/8", " 10.0.0.1",
		"1111:2222:3333:4444:5555:6666:7777:8888:9999",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (net_address_is_valid(rows[i]))
			fail_msg("\"%s\" passes", rows[i]);
}

static void
test_keys(void **state)
{
	static const struct {
		const char	*address, *key;
	} rows[] = {
		{ "192.0.2.7", "192.0.2.7" },
		{ "::ffff:192.0.2.7", "::ffff:192.0.2.7" },
		{ "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::" },
		{ "::1", "::" }, { "", "" },
	};
	char key[IP_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ip_key(rows[i].address, key, sizeof(key));
		assert_string_equal(key, rows[i].key);
	}
}

static void
test_origins(void **state)
{
	static const char *const good[] = {
		"https://example.com", "http://localhost:3000",
		"https://*.example.com", "https://*.example.com:8443",
		"http://[::1]:80", "capacitor://localhost",
	};
	static const char *const bad[] = {
		"", "*", "example.com", "https://", "https://*", "https://*.",
		"https://a.*.com", "https://example.com/", "https://a b",
		"https://a@b", "https:example.com", "://x", "https://:80",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (!net_origin_is_valid(good[i]))
			fail_msg("\"%s\" does not pass", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (net_origin_is_valid(bad[i]))
			fail_msg("\"%s\" passes", bad[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_blocks),
		cmocka_unit_test(test_nonsense),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_origins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
