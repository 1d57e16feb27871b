/* cli/queue.h -- what the parts of `bide queue` share.
 *
 *     queue.c         the command: its verbs, and what it is told
 *     queue_verbs.c   what each verb does
 *     queue_show.c    how a list is doing */
#ifndef CLI_QUEUE_H
#define CLI_QUEUE_H
#include "cli/work_queue.h"

/* What the command line says. */
struct queue_options {
    struct work_options work;
    const char *file;
    bool json;
};
/* One run; standard output is stdio's. */
struct queue_run {
    const struct queue_options *options;
    struct work_queue queue;
    char **words;               /* those behind the URL */
    size_t count;
};

/* Each verb: 0, or why it failed. */
BIDE_WAITS int queue_show(struct queue_run *run);
BIDE_WAITS int queue_add(struct queue_run *run);
BIDE_WAITS int queue_results(struct queue_run *run);
BIDE_WAITS int queue_dead(struct queue_run *run);
BIDE_WAITS int queue_retry(struct queue_run *run);
BIDE_WAITS int queue_drain(struct queue_run *run);
BIDE_WAITS int queue_drop(struct queue_run *run);
/* Prints a text as JSON's. */
int queue_print_string(const char *text, size_t size);
/* Makes "there is no such list" of the server's word for it. */
int queue_failed(const struct queue_run *run);

#endif
