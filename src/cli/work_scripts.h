/* cli/work_scripts.h -- what the server does for a work list, each in one step.
 *
 * KEYS are the four of work_queue.h, in its order.  What is asked twice, because the first reply
 * was lost, has the effect of once. */
#ifndef CLI_WORK_SCRIPTS_H
#define CLI_WORK_SCRIPTS_H

#define WORK_KEYS 4

/* SCOPE, WORKER: the list's scope, which is this one if it had none.  Forgets workers that have
 * nothing in hand and were silent for an hour. */
extern const char work_script_join[];
/* WORKER: gives back what is pending for it, up to a thousand, and forgets it when that was all:
 * how many. */
extern const char work_script_leave[];
/* MAX, then ITEM, MORE ...: adds what is new until the list has MAX: { how many were seen to, how
 * many of them were new }. */
extern const char work_script_add[];
/* WORKER, IDLE (ms), COUNT, CURSOR, TRIES: takes over what was pending for so long: { the next
 * cursor, { { id, tries, fields } ... }, how many were buried, the list's length }. */
extern const char work_script_claim[];
/* WORKER, ID ...: says that it is still at them: how many are its own. */
extern const char work_script_keep[];
/* WORKER, ID, ITEM, LINE: it is done: 1; 0: it was, by another, or another has buried it. */
extern const char work_script_finish[];
/* WORKER, ID, ITEM, TRIES, TRIES that it may have, IDLE (ms), LINE: gives it back, pending for
 * IDLE already, or buries it: 1; 0: it is another's meanwhile, or will be tried again. */
extern const char work_script_fail[];

/* For `bide queue`.  { length, pending, { { worker, in hand, silent for ms } ... }, counts, dead
 * letters }. */
extern const char work_script_show[];
/* COUNT: takes out what no worker has: { item, more ... }. */
extern const char work_script_drain[];
/* START, COUNT, ITEM ...: puts dead letters back, those items' or all: { where to go on or "",
 * how many }. */
extern const char work_script_retry[];

#endif
