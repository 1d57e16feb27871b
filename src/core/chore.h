/* Chores: what nobody waits for and takes long, such as giving back a hundred thousand ended tasks,
 * is done in portions, one a look of the poller, and the loop does not sleep before. */
#ifndef CORE_CHORE_H
#define CORE_CHORE_H
#include "core/loop.h"

enum { CHORE_PORTION = 64 };    /* things whose memory is cold */

/* Of more than two the oldest is done at once: what it gives back must not pile up. */
void bide__chore_begin(struct loop *l, struct chore *c);
/* A portion of the oldest.  There must be one. */
void bide__chores_go_on(struct loop *l);
/* All of them: the loop ends. */
void bide__chores_end(struct loop *l);

#endif
