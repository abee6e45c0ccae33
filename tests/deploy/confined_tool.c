/*
 * confined_tool ALLOWED PROGRAM [ARGUMENT...]: run a program under the filter
 * of system calls that the unit asks systemd for.
 *
 * ALLOWED names a file with a call a line; names that this machine does not
 * have are passed over, as by systemd.  Beside that: sockets of local, IPv4
 * and IPv6 addresses only (RestrictAddressFamilies; the C library tries
 * others, and is told EAFNOSUPPORT), and no memory that is written and
 * executed (MemoryDenyWriteExecute).  Any other call ends the program by
 * SIGSYS: systemd would let it go on with EPERM, and nobody would see.
 */
#include <errno.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define WX	((scmp_datum_t)(PROT_WRITE | PROT_EXEC))
#define X	((scmp_datum_t)PROT_EXEC)

static int
die(const char *what, int rc)
{
	fprintf(stderr, "confined_tool: %s: %s\n", what, strerror(-rc));
	return 125;
}

/* socket, mmap, mprotect and pkey_mprotect: by what they are asked for. */
static int
allow_some(scmp_filter_ctx filter, int call)
{
	static const scmp_datum_t families[] = { AF_UNIX, AF_INET, AF_INET6 };
	size_t i;
	int rc = 0;

	if (call == SCMP_SYS(socket)) {
		for (i = 0; rc == 0 && i < 3; i++)
			rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 1,
			    SCMP_A0(SCMP_CMP_EQ, families[i], 0));
		return rc != 0 ? rc : seccomp_rule_add(filter,
		    SCMP_ACT_ERRNO(EAFNOSUPPORT), call, 1,
		    SCMP_A0(SCMP_CMP_GT, AF_INET6, 0));
	}
	if (call != SCMP_SYS(mmap))
		return seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 1,
		    SCMP_A2(SCMP_CMP_MASKED_EQ, X, 0));
	rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 1,
	    SCMP_A2(SCMP_CMP_MASKED_EQ, WX, 0));
	if (rc == 0)
		rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 1,
		    SCMP_A2(SCMP_CMP_MASKED_EQ, WX, PROT_WRITE));
	if (rc == 0)
		rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 1,
		    SCMP_A2(SCMP_CMP_MASKED_EQ, WX, PROT_EXEC));
	return rc;
}

static int
allow(scmp_filter_ctx filter, const char *name)
{
	int call = seccomp_syscall_resolve_name(name);

	if (call == __NR_SCMP_ERROR)
		return 0;
	if (call == SCMP_SYS(socket) || call == SCMP_SYS(mmap) ||
	    call == SCMP_SYS(mprotect) || call == SCMP_SYS(pkey_mprotect))
		return allow_some(filter, call);
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0);
}

int
main(int argc, char **argv)
{
	scmp_filter_ctx filter;
	char line[128];
	FILE *f;
	int rc;

	if (argc < 3 || (f = fopen(argv[1], "re")) == NULL)
		return die("ALLOWED PROGRAM [ARGUMENT...]", argc < 3 ? -EINVAL :
		    -errno);
	if ((filter = seccomp_init(SCMP_ACT_KILL_PROCESS)) == NULL)
		return die("no filter", -ENOMEM);
	while (fgets(line, sizeof(line), f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if ((rc = allow(filter, line)) != 0)
			return die(line, rc);
	}
	fclose(f);
	if ((rc = seccomp_load(filter)) != 0)
		return die("the filter", rc);
	seccomp_release(filter);
	execv(argv[2], argv + 2);
	return die(argv[2], -errno);
}
