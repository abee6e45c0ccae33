/*
 * notify: see notify.h.
 */
#include "run/notify.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"

/*
 * The address of a path, or of an abstract socket: "@" stands for the zero
 * byte that its name begins with.  0: it is none that we can write to.
 */
static socklen_t
address_of(const char *name, struct sockaddr_un *to)
{
	size_t len = strlen(name);

	if ((name[0] != '/' && name[0] != '@') || len < 2 ||
	    len >= sizeof(to->sun_path))
		return 0;
	memset(to, 0, sizeof(*to));
	to->sun_family = AF_UNIX;
	memcpy(to->sun_path, name, len);
	if (name[0] == '@')
		to->sun_path[0] = '\0';
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
}

/* 0, or errno. */
static int
send_to(const char *name, const char *lines)
{
	struct sockaddr_un to;
	socklen_t to_len = address_of(name, &to);
	int fd, err = 0;

	if (to_len == 0)
		return EAFNOSUPPORT;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return errno;
	if (sendto(fd, lines, strlen(lines), MSG_NOSIGNAL | MSG_DONTWAIT,
	    (const struct sockaddr *)&to, to_len) < 0)
		err = errno;
	close(fd);
	return err;
}

bool
notify_say(const char *lines)
{
	const char *name = getenv("NOTIFY_SOCKET");
	int err;

	if (name == NULL || *name == '\0')
		return true;
	if ((err = send_to(name, lines)) == 0)
		return true;
	LOG_LIMITED(LOG_WARN, "server", "could not tell the service manager: "
	    "%s", strerror(err));
	return false;
}

/* A number and nothing else; 0 when it is not one. */
static uint64_t
number_of(const char *text)
{
	unsigned long long n;
	char *end;

	if (text == NULL || *text < '0' || *text > '9')
		return 0;
	errno = 0;
	n = strtoull(text, &end, 10);
	return errno == 0 && *end == '\0' ? n : 0;
}

uint64_t
notify_beat_ms(void)
{
	uint64_t usec = number_of(getenv("WATCHDOG_USEC"));
	const char *pid = getenv("WATCHDOG_PID");

	if (usec == 0 || (pid != NULL && number_of(pid) != (uint64_t)getpid()))
		return 0;
	return usec / 3000 > 0 ? usec / 3000 : 1;
}
