/* cli/hosts.h -- at most so many requests at once to one host.
 *
 * The session has such a limit as well, but there the wait would count against the
 * time-out of the request. Here a URL waits for its turn before its clock starts.  Only
 * hosts that are in use take memory. */
#ifndef CLI_HOSTS_H
#define CLI_HOSTS_H
#include <bide.h>

#define HOSTS_BUCKETS 256

struct host;
/* All hosts in use; all zero and a limit is ready. */
struct hosts { size_t limit; struct host *buckets[HOSTS_BUCKETS]; };
/* A turn at one host; all zero is none. */
struct host_turn { struct host *host; bide_permit *permit; };

/* Waits for a turn at the URL's host: 0.  A limit of 0: at once. */
BIDE_WAITS int hosts_enter(struct hosts *hosts, const char *url, struct host_turn *turn);
/* Gives the turn back. */
void hosts_leave(struct hosts *hosts, struct host_turn *turn);

#endif
