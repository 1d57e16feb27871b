/* Whole operations that a poller takes: the system does them, and reports that they are done.
 *
 * The task that wants one waits until it is done, whatever happens to the task: the memory is the
 * system's meanwhile.  A cancelled task has its operation cancelled, where that leaves nothing half
 * done, and then has whatever has come of it. */
#ifndef CORE_OPERATION_H
#define CORE_OPERATION_H
#include "core/park.h"
#include <stdbool.h>

enum operation_kind { OPERATION_READ, OPERATION_WRITE, OPERATION_SYNC, OPERATION_DATASYNC };
enum { OPERATION_ON = -1 };     /* for `at`: at the file's own place */
struct operation {
    enum operation_kind kind;
    int fd;
    void *data;                 /* the caller's; written from where it is a write */
    size_t size;
    int64_t at;
    int64_t result;             /* what the system call would return, or -errno */
    struct wait wait;           /* bide__operation_run()'s */
};

/* Does this thread's poller take operations? */
bool bide__operation_taken(void);
/* Has it done, and waits for it: its result, without a sentence where it is < 0.  BIDE_ECANCELED:
 * it was not done; BIDE_EAGAIN: not yet, try again.  Not a cancel point. */
BIDE_WAITS int64_t bide__operation_run(struct operation *op);
/* The poller's: op->result is there. */
void bide__operation_end(struct operation *op);

#endif
