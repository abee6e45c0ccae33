#include "net/ip.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/net.h"

static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };

bool
ip_parse(const char *text, unsigned char *bytes)
{
	if (inet_pton(AF_INET6, text, bytes) == 1)
		return true;
	memcpy(bytes, mapped, sizeof(mapped));
	return inet_pton(AF_INET, text, bytes + sizeof(mapped)) == 1;
}

void
ip_write(const unsigned char *bytes, char *text, size_t size)
{
	if (memcmp(bytes, mapped, sizeof(mapped)) == 0)
		inet_ntop(AF_INET, bytes + sizeof(mapped), text,
		    (socklen_t)size);
	else
		inet_ntop(AF_INET6, bytes, text, (socklen_t)size);
}

bool
ip_read_entry(const char *entry, size_t len, char *address, size_t size)
{
	unsigned char bytes[16];
	char text[IP_TEXT + 16], *at = text, *end;

	while (len > 0 && strchr(" \t", entry[len - 1]) != NULL)
		len--;
	while (len > 0 && strchr(" \t", *entry) != NULL) {
		entry++;
		len--;
	}
	if (len == 0 || len >= sizeof(text))
		return false;
	memcpy(text, entry, len);
	text[len] = '\0';
	if (*text == '[') {
		at++;
		if ((end = strchr(at, ']')) == NULL)
			return false;
		*end = '\0';
	} else if ((end = strchr(at, ':')) != NULL &&
	    strchr(end + 1, ':') == NULL) {
		*end = '\0';
	}
	if (!ip_parse(at, bytes))
		return false;
	ip_write(bytes, address, size);
	return true;
}

bool
ip_block_parse(const char *text, struct ip_block *out)
{
	const char *slash = strchr(text, '/');
	size_t len = slash != NULL ? (size_t)(slash - text) : strlen(text);
	struct ip_block b;
	char address[IP_TEXT];
	unsigned least;

	if (len >= sizeof(address))
		return false;
	memcpy(address, text, len);
	address[len] = '\0';
	if (!ip_parse(address, b.bytes))
		return false;
	least = strchr(address, ':') == NULL ? 96 : 0;
	b.bits = 128;
	if (slash != NULL) {
		size_t digits = strspn(slash + 1, "0123456789");

		if (digits == 0 || digits > 3 || slash[1 + digits] != '\0')
			return false;
		b.bits = least + (unsigned)strtoul(slash + 1, NULL, 10);
		if (b.bits > 128)
			return false;
	}
	*out = b;
	return true;
}

bool
net_address_is_valid(const char *text)
{
	struct ip_block block;

	return ip_block_parse(text, &block);
}

bool
ip_block_has(const struct ip_block *b, const unsigned char *bytes)
{
	unsigned whole = b->bits / 8, rest = b->bits % 8;

	return memcmp(b->bytes, bytes, whole) == 0 && (rest == 0 ||
	    ((b->bytes[whole] ^ bytes[whole]) >> (8 - rest)) == 0);
}

void
ip_write_peer(const struct sockaddr *peer, char *text, size_t size)
{
	const struct sockaddr_in *v4 = (const void *)peer;
	const struct sockaddr_in6 *v6 = (const void *)peer;

	*text = '\0';
	if (peer->sa_family == AF_INET)
		inet_ntop(AF_INET, &v4->sin_addr, text, (socklen_t)size);
	else if (peer->sa_family == AF_INET6)
		ip_write(v6->sin6_addr.s6_addr, text, size);
}

void
ip_key(const char *address, char *key, size_t size)
{
	unsigned char bytes[16];

	snprintf(key, size, "%s", address);
	if (!ip_parse(address, bytes) ||
	    memcmp(bytes, mapped, sizeof(mapped)) == 0)
		return;
	memset(bytes + 8, 0, 8);
	ip_write(bytes, key, size);
}
