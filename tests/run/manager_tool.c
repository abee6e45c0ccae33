/*
 * manager_tool: a service manager's ear, for tests/deploy/systemd.test.mjs.
 * Listens at the path of its argument and prints each datagram as a line, the
 * line ends in it as spaces.
 */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int
main(int argc, char **argv)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	char text[4096];
	ssize_t n, i;
	int fd;

	if (argc != 2 || strlen(argv[1]) >= sizeof(at.sun_path))
		return 64;
	memcpy(at.sun_path, argv[1], strlen(argv[1]));
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (const struct sockaddr *)&at, sizeof(at)) != 0) {
		perror(argv[1]);
		return 1;
	}
	printf("listening\n");
	fflush(stdout);
	while ((n = recv(fd, text, sizeof(text), 0)) >= 0) {
		for (i = 0; i < n; i++)
			if (text[i] == '\n')
				text[i] = ' ';
		printf("%.*s\n", (int)n, text);
		fflush(stdout);
	}
	return 1;
}
