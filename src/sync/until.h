/* Waiting until a moment, under a name of its own in reports. */
#ifndef SYNC_UNTIL_H
#define SYNC_UNTIL_H
#include "core/park.h"

/* The undo of such a kind of wait. */
bool bide__until_undo(struct wait *w);
/* Parks until the loop's clock shows due_ns; 0, BIDE_ECANCELED, or BIDE_ELIMIT. */
BIDE_WAITS int bide__until(int64_t due_ns, const struct waitkind *kind);

#endif
