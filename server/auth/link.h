/*
 * link: share links, and other secrets of which the store keeps the digest.
 *
 * A link is "otdl_" and 32 random bytes in base64url.  Grants name it by its
 * digest: "link:" and SHA-256 of the text in base64url, so that who reads the
 * table cannot use it.
 */
#ifndef AUTH_LINK_H
#define AUTH_LINK_H

#include <stdbool.h>
#include <stddef.h>

#define LINK_BEGINS		"otdl_"
#define LINK_SUBJECT_BEGINS	"link:"

#define SECRET_BYTES	32
#define SECRET_ROOM	44	/* room for that in base64url, bytes */
#define DIGEST_TEXT	65	/* room for a SHA-256 in hexadecimal, bytes */
#define LINK_TEXT	64	/* room for a link, or for its subject, bytes */

/* Does this text look like a link? */
bool	link_is(const char *text);
/* Is it what grants call one? */
bool	link_is_subject(const char *text);
/* A new link.  False: the system gave no random bytes. */
bool	link_new(char text_out[LINK_TEXT]);
/* What grants call it. */
void	link_subject(const char *text, char subject_out[LINK_TEXT]);

/* 32 random bytes as base64url; false as above. */
bool	secret_new(char text_out[SECRET_ROOM]);
/* SHA-256 of a text, hexadecimal. */
void	secret_digest(const char *text, char digest_out[DIGEST_TEXT]);

/* RFC 4648, 5, without padding; out has room for len * 4 / 3 + 4 bytes. */
size_t	secret_encode(const void *bytes, size_t len, char *out);

#endif
