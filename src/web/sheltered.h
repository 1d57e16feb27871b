/* Groups of a worker that nobody outside cancels: what is in them is told, or ended, by the worker.
 *
 * They hang from the loop's root, so that failures are told at once and no block has to wait for
 * them; and are sheltered from it, so that a program that is told to stop still gives them their
 * grace. */
#ifndef BIDE_WEB_SHELTERED_H
#define BIDE_WEB_SHELTERED_H

#include <bide/group.h>

/* Opens one, unless it is open.  0, BIDE_ENOMEM. */
int bide__sheltered_open(bide_group **group, const char *name);
/* Waits so many seconds for its tasks, then cancels them and waits for their end. */
BIDE_WAITS int bide__sheltered_end(bide_group *group, double grace);
/* Cancels its tasks, waits for their end and closes it; *group becomes NULL. */
BIDE_WAITS int bide__sheltered_close(bide_group **group);

#endif
