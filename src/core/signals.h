/* .stop_on_signal: INT and TERM cancel the root scope, a second one ends the process. */
#ifndef CORE_SIGNALS_H
#define CORE_SIGNALS_H
#include "core/loop.h"

/* Takes the two signals for this loop; 0, or BIDE_EBUSY if another loop has them. */
int bide__signal_take(struct loop *l);
/* Brings the old dispositions back. */
void bide__signal_give_back(struct loop *l);
/* Has one come that was not acted upon? */
bool bide__signal_pending(const struct loop *l);
/* Acts upon it. */
void bide__signal_look(struct loop *l);

#endif
