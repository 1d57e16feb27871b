/* Writing to who has gone, without SIGPIPE, where the system cannot be told so: only sends to a
 * socket have a flag for it.  The signal is held back from this thread, and taken where what was
 * done meanwhile has raised it.  bide-mysql calls it too (bide.map, BIDE_PRIVATE), hence the public
 * frame. */
#ifndef BASE_SIGPIPE_H
#define BASE_SIGPIPE_H
#include <bide/base.h>
#include <signal.h>
BIDE_BEGIN_

/* What the thread held back before. */
sigset_t bide__sigpipe_hold(void);
/* As it was before; errno stays. */
void bide__sigpipe_let(const sigset_t *before, bool may_be_raised);

BIDE_END_
#endif
