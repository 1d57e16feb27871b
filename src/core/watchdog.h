/* A thread that looks whether the loop's tasks let each other run. */
#ifndef CORE_WATCHDOG_H
#define CORE_WATCHDOG_H
#include <stdint.h>

struct loop;
struct watchdog;

/* Watches this thread's loop: a task that keeps it for longer is named through the log.  NULL with
 * the error held. */
struct watchdog *bide__watchdog_start(struct loop *l, int64_t limit_ns);
/* Ends the thread and waits for that; NULL: nothing. */
void bide__watchdog_stop(struct watchdog *w);

#endif
