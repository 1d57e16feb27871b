/* A child made by fork(2) inside of a loop: has no loop. */
#ifndef CORE_FORKED_H
#define CORE_FORKED_H

/* At the start of each loop. */
void bide__forked_watch(void);

#endif
