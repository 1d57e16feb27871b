/* cli/work_feed.c -- see work_feed.h.
 *
 * Lines that are at hand go in one batch; where the next must be waited for, what there is goes
 * first. */
#include "cli/work_feed.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Lines that wait to be added together. */
struct batch {
    struct work_new items[WORK_BATCH];
    size_t count;
};

static void clear(struct batch *b)
{
    for (size_t i = 0; i < b->count; i++)
        free((void *)(uintptr_t)b->items[i].text);
    b->count = 0;
}

static int put(struct work_feed *feed, struct batch *b, const struct input_line *line)
{
    bool has_nul = memchr(line->text, '\0', line->size) != NULL;
    if (line->too_long || has_nul) {
        fprintf(stderr, "%s: %s %llu cannot be shared: ", feed->queue->command, feed->queue->kind,
                (unsigned long long)line->index + 1);
        if (has_nul)
            fputs("it holds a NUL byte\n", stderr);
        else
            fprintf(stderr, "it is longer than %d bytes\n", INPUT_LINE_MAX);
        feed->refused++;
        return 0;
    }
    char *text = strdup(line->text);
    if (!text)
        return bide_fail(BIDE_ENOMEM, "out of memory");
    b->items[b->count++].text = text;
    return 0;
}

BIDE_WAITS static int flush(struct work_feed *feed, struct batch *b)
{
    int64_t fresh = work_queue_add(feed->queue, b->items, b->count);
    if (fresh < 0)
        return (int)fresh;
    feed->added += (uint64_t)fresh;
    feed->known += b->count - (uint64_t)fresh;
    clear(b);
    return 0;
}

/* The next line, and before it is waited for, what there is: 1; 0: there are no more. */
BIDE_WAITS static int next_line(struct work_feed *feed, struct batch *b, struct input_line *line)
{
    if (b->count < WORK_BATCH && input_next_nowait(feed->input, line))
        return 1;
    int rc = b->count > 0 ? flush(feed, b) : 0;
    return rc < 0 ? rc : input_next(feed->input, line);
}

int work_feed_run(struct work_feed *feed)
{
    struct batch batch = { .count = 0 };
    struct input_line line;
    int rc;
    while ((rc = next_line(feed, &batch, &line)) > 0) {
        rc = put(feed, &batch, &line);
        if (rc < 0)
            break;
    }
    clear(&batch);
    return rc;
}
