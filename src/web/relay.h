/* Tasks for connections that have woken: one task serves several, one after the other.
 *
 * Most handlers never wait.  A task for each connection would be spawned, switched to and ended
 * for nothing, each on a stack that the cache has forgotten meanwhile.  So those that have woken
 * stand in line, and a task takes them one by one.  Which handler waits nobody knows before, and
 * nobody in line may be held up by it: while somebody is in line, there is always a second task
 * that is ready.  It goes on where the first one stops, and sees to it that there is a third. */
#ifndef BIDE_WEB_RELAY_H
#define BIDE_WEB_RELAY_H

#include <bide/base.h>

#include <stdbool.h>

struct bide_worker;
struct connection;

/* All zero: nobody is in line. */
struct relay {
    struct connection *first, *last;    /* linked by next */
    bool next_is_ready;         /* a task has been spawned and has not begun */
};

/* To the end of the line: bide__connection_serve() will be called for it by a task, or
 * bide__connection_go_without() at once. */
void bide__relay_enter(struct bide_worker *worker, struct connection *c);

#endif
