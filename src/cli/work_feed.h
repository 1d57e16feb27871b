/* cli/work_feed.h -- puts what an input says on a shared list. */
#ifndef CLI_WORK_FEED_H
#define CLI_WORK_FEED_H
#include "cli/input.h"
#include "cli/work_queue.h"

struct work_feed {
    struct work_queue *queue;
    struct input *input;
    uint64_t added, known;      /* items that were new, and those that were there */
    uint64_t refused;           /* lines that can be no items */
};

/* Adds all lines of the input: 0; lines that can be no items are told on standard error.  < 0:
 * reading failed, or the server is gone. */
BIDE_WAITS int work_feed_run(struct work_feed *feed);

#endif
