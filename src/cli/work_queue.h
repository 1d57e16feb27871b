/* cli/work_queue.h -- a work list in Redis, shared by processes on any number of machines.
 *
 * Four keys, named after the list:
 *
 *     NAME           a stream: what is to be done.  An entry has an `item` (a URL, say), which is
 *                    what it is known by, `more` that the command wants to know of it, and its
 *                    number `n`.  It is deleted when it is done, so the stream's length is what is
 *                    left
 *     NAME:items     a hash: every item that was ever added, and what became of it ("": nothing
 *                    yet): the line, and behind a newline who told it.  So an item is added once,
 *                    and is done once in the eyes of everybody: a repeat finds the line there, and
 *                    changes nothing
 *     NAME:dead      a stream: what was tried too often, with the reason
 *     NAME:counts    a hash: added, done, repeats; whose work it is; when each worker was heard of
 *
 * Workers are consumers of one group.  What a worker has in hand is pending there under its name,
 * and it says every now and then that it is still at it; if it has not for the claim time, others
 * take over what it had.  What a worker gives back is pending under the name "returned".  Each
 * change is one script, so there is no moment in which an item is nowhere; and each may be asked
 * twice, so after a lost connection it simply is.
 *
 *     work_options.c   options of the commands that work at a list
 *     work_place.c     its URL
 *     work_scripts.c   what the server does
 *     work_queue.c     joining and leaving
 *     work_ask.c       asking the server, which may be away
 *     work_item.c      what is in hand
 *     work_add.c       adding items, as fast as the list takes them
 *     work_take.c      taking them
 *     work_settle.c    what became of them
 *     work_lines.c     the line that came of one, told and printed */
#ifndef CLI_WORK_QUEUE_H
#define CLI_WORK_QUEUE_H
#include "cli/work_options.h"
#include "cli/work_place.h"
#include "cli/work_scripts.h"
#include <bide.h>
#include <bide/redis.h>

/* The consumer group of the workers, and who has what nobody works at. */
#define WORK_GROUP "bide"
#define WORK_RETURNED "returned"
/* Bytes of the longest item. */
#define WORK_ITEM_MAX 65536
/* Items that one script adds, renews or gives back. */
#define WORK_BATCH 100

/* One item in hand. */
struct work_item {
    struct work_item *next, *previous;  /* in hand */
    struct work_item *behind;           /* of those that wait to be taken */
    char id[48];                /* its entry's */
    double kept;                /* when the server was told of it last */
    size_t tries;               /* how often it was handed out, this time included */
    uint64_t number;            /* in the order of adding, from 1 */
    size_t size;                /* of the text */
    const char *more;
    char text[];
};
/* What is to be added. */
struct work_new { const char *text, *more; };
/* A process at a list. */
struct work_queue {
    const struct work_options *options;
    const char *command;        /* "bide fetch": begins what is told */
    const char *kind;           /* "URL": what an item is called there */
    struct work_place place;
    char *keys[WORK_KEYS];
    bide_redis *redis;
    char worker[128];           /* this one's name; "": it has not joined */
    struct work_item *hand;     /* all that are pending here, as far as it knows */
    struct work_item *ready, *ready_last;       /* those of them that nobody has taken */
    size_t ahead;               /* items to ask for at once */
    bide_semaphore taking;
    char cursor[48];            /* how far it has looked for what others left */
    double look_at;             /* when to look again */
    uint64_t length;            /* of the list, when it looked last */
    bool over;                  /* nothing was left, when it looked last */
    bool adding;                /* more is to come from this process itself */
    bool patient;               /* a server that is away is waited for */
    bool away;                  /* the server is, and that was told */
    uint64_t done, repeats, returned, buried;   /* by this process */
};

/* Finds the server, without asking it anything.  0; BIDE_EURL. */
int work_queue_open(struct work_queue *q, const struct work_options *o, const char *command,
                    const char *kind);
/* Makes the list if it is not there: 0; < 0: the server cannot be reached, or has something else
 * of that name. */
BIDE_WAITS int work_queue_make(struct work_queue *q);
/* Becomes a worker, who asks for `ahead` items at once.  All workers of a list must have the same
 * scope: "fetch".  0; BIDE_EINVAL: they have another. */
BIDE_WAITS int work_queue_join(struct work_queue *q, const char *scope, size_t ahead);
/* Ends the connections.  What is in hand stays so. */
void work_queue_close(struct work_queue *q);
/* Outside of loops: gives back all that is in hand, is no worker any more, and frees the rest.  If
 * the server does not answer within a few seconds, others take it over after the claim time.
 * Before that last(arg), unless it is NULL, may settle what is in hand; it must come to an end. */
void work_queue_leave(struct work_queue *q, bide_fn *last, void *arg);
/* Tells on standard error what others should know of it, and, if not quiet, what else it did. */
void work_queue_tell(const struct work_queue *q, bool quiet);
/* Puts which list it is, and where, before the sentence of a failure. */
int work_queue_within(const struct work_queue *q);
/* Runs a script: its reply, yours; waits for a server that is away.  NULL: it failed, or the
 * server was away for too long. */
BIDE_WAITS bide_redis_reply *work_queue_ask(struct work_queue *q, const char *script,
                                            const char *const *args, size_t count);
/* After a failure: waits before the next attempt: 0; < 0: there must be none.  `since`: the first
 * failure. */
BIDE_WAITS int work_queue_outlast(struct work_queue *q, double since);
/* The server is there. */
void work_queue_is_there(struct work_queue *q);

/* Adds items that are not there yet, and waits while the list is full: how many were new. */
BIDE_WAITS int64_t work_queue_add(struct work_queue *q, const struct work_new *items, size_t count);

/* Takes an item: 1; it must be finished or failed, or is given back at the end.  0: nothing is left
 * to be done, by anybody.  < 0: the server is gone. */
BIDE_WAITS int work_queue_take(struct work_queue *q, struct work_item **item);
/* A task: says every now and then that this worker is still at what it has in hand. */
BIDE_WAITS int work_queue_keep(void *queue);

/* The item is done, and this line came of it: 1; 0: another had told of it before, and the line is
 * not kept.  Ends the item.  < 0: it is not known whether the list was told; it may be told again,
 * which changes nothing if it was. */
BIDE_WAITS int work_queue_finish(struct work_queue *q, struct work_item *item, const char *line);
/* It failed.  1: it is buried, with that line; 0: it will be tried again, or is another's.  Ends
 * the item.  < 0: as above. */
BIDE_WAITS int work_queue_fail(struct work_queue *q, struct work_item *item, const char *line,
                               bool may_pass);
/* It cannot be done now: gives it back, to be tried after a while as if it had not been.  Ends the
 * item: 0.  < 0: as above. */
BIDE_WAITS int work_queue_defer(struct work_queue *q, struct work_item *item);

/* For the parts of it: puts an item among those in hand, and takes it out and frees it. */
struct work_item *work_item_new(struct work_queue *q, const char *id, size_t tries,
                                const bide_redis_reply *fields);
void work_item_end(struct work_queue *q, struct work_item *item);

#endif
