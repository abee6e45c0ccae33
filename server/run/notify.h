/*
 * notify: what the service manager is told, by the protocol of sd_notify(3):
 * lines of NAME=VALUE in a datagram to the socket that NOTIFY_SOCKET names.
 *
 * Without that variable nobody wants to know, and nothing is said.
 */
#ifndef RUN_NOTIFY_H
#define RUN_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

#define NOTIFY_READY	"READY=1\nSTATUS=serving"
#define NOTIFY_STOPPING	"STOPPING=1\nSTATUS=draining"
#define NOTIFY_ALIVE	"WATCHDOG=1"

/*
 * Say so.  True: it was sent, or nobody wants it.  A failure is logged, not
 * more than a few times a minute, and changes nothing.  Does not block.
 */
bool		 notify_say(const char *lines);
/*
 * How often to say NOTIFY_ALIVE: a third of the time after which the manager
 * thinks that this process hangs (WATCHDOG_USEC).  0: it does not watch, or
 * watches another process.
 */
uint64_t	 notify_beat_ms(void);

#endif
