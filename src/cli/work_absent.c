/* cli/work_absent.c -- shared lists where bide was built without Redis: there are none.
 *
 * Opening one fails with the reason; the rest is never come to. */
#include "cli/command.h"
#include "cli/work_feed.h"
#include <stdio.h>

static int fail(void)
{
    return bide_fail(-ENOSYS, "bide was built without shared lists: they need hiredis");
}

int work_queue_open(struct work_queue *q, const struct work_options *o, const char *command,
                    const char *kind)
{
    *q = (struct work_queue){ .options = o, .command = command, .kind = kind };
    return fail();
}

int work_queue_join(struct work_queue *q, const char *scope, size_t ahead)
{
    (void)q, (void)scope, (void)ahead;
    return fail();
}

void work_queue_leave(struct work_queue *q, bide_fn *last, void *arg)
{
    (void)q, (void)last, (void)arg;
}

void work_queue_close(struct work_queue *q)
{
    (void)q;
}

void work_queue_tell(const struct work_queue *q, bool quiet)
{
    (void)q, (void)quiet;
}

int64_t work_queue_add(struct work_queue *q, const struct work_new *items, size_t count)
{
    (void)q, (void)items, (void)count;
    return fail();
}

int work_queue_take(struct work_queue *q, struct work_item **item)
{
    (void)q, (void)item;
    return fail();
}

int work_queue_keep(void *queue)
{
    (void)queue;
    return 0;
}

int work_queue_finish(struct work_queue *q, struct work_item *item, const char *line)
{
    (void)q, (void)item, (void)line;
    return fail();
}

int work_queue_fail(struct work_queue *q, struct work_item *item, const char *line, bool may_pass)
{
    (void)q, (void)item, (void)line, (void)may_pass;
    return fail();
}

int work_queue_defer(struct work_queue *q, struct work_item *item)
{
    (void)q, (void)item;
    return fail();
}

int queue_command(int argc, char **argv)
{
    (void)argc, (void)argv;
    fprintf(stderr, "bide queue: bide was built without it: it needs hiredis\n");
    return EXIT_USAGE;
}
