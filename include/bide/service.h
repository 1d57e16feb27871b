/* bide/service.h -- a process that a service manager runs: sockets that it hands over, and what it
 * is told.
 *
 *     bide_auto(listener) l = bide_listen("systemd:web");
 *     bide_ignore(bide_notify("READY=1"));
 *
 * These are systemd's protocols (sd_listen_fds(3), sd_notify(3)), which others speak as well; no
 * library of systemd's is needed.  As addresses of bide_listen():
 *
 *     "fd:3"              the descriptor of that number
 *     "systemd:"          the first of those that were handed over
 *     "systemd:web"       the first that is called so (FileDescriptorName=)
 *     "systemd:web:1"     the one after that, "systemd::1" the second of all
 *
 * All calls may be made outside of loops. */
#ifndef BIDE_SERVICE_H
#define BIDE_SERVICE_H
#include <bide/base.h>
BIDE_BEGIN_

/* A descriptor that was handed over: the one with this index, from 0, among those that are called
 * `name` (NULL: among all).  It is looked up each time, and is yours; all of them are made
 * close-on-exec.  -ENOENT: there is none (such), BIDE_EINVAL: LISTEN_FDS is no number, -EBADF: it
 * is not open.  From any thread, as long as none changes the environment.  Counterpart:
 * sd_listen_fds_with_names(). */
int bide_inherited_fd(const char *name, int index);
/* Takes LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES out of the environment, which nothing else does:
 * afterwards there are none.  While no other thread looks at the environment. */
void bide_inherited_forget(void);

/* Tells the service manager: "READY=1", "STOPPING=1", "RELOADING=1" (the time that belongs to it is
 * added), "STATUS=...", several with newlines between.  1: told; 0: nobody wants to know
 * (NOTIFY_SOCKET is not set); < 0: BIDE_EINVAL (no text, or no address of a Unix socket), -ENOENT,
 * -ECONNREFUSED, -EAGAIN (its queue is full) and the like.  Does not wait.  Counterpart:
 * sd_notify(). */
int bide_notify(const char *state);

BIDE_END_
#endif
