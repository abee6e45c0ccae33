/*
 * mask: a URL as it may be shown, without its password.
 */
#ifndef RUN_MASK_H
#define RUN_MASK_H

/*
 * A copy, the caller's to free, in which *** stands for the password between
 * user and host (RFC 3986, section 3.2.1) and for the value of every
 * parameter whose name has "password" in it (libpq takes password= and
 * sslpassword=).
 */
char	*mask_url(const char *url);

/* What is shown in the place of a secret. */
#define MASK_SECRET	"***"

#endif
