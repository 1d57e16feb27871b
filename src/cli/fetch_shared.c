/* cli/fetch_shared.c -- `bide fetch --queue`: URLs of a list that other processes work at, too. */
#include "cli/fetch.h"
#include <stdlib.h>
#include <string.h>

int fetch_shared_join(struct fetch *f)
{
    const struct fetch_options *o = &f->plan->options;
    int rc = work_queue_open(&f->work, &o->work, "bide fetch", "URL");
    if (rc == 0)
        rc = work_queue_join(&f->work, "fetch", (o->jobs + 1) / 2);
    f->feed = (struct work_feed){ .queue = &f->work, .input = &f->input };
    f->work.adding = f->input.url_count > 0 || !f->input.ended;
    return rc;
}

int fetch_shared_feed(void *fetch)
{
    struct fetch *f = fetch;
    int rc = work_feed_run(&f->feed);
    f->work.adding = false;
    return rc;
}

int fetch_shared_take(struct fetch *f, struct input_line *line, struct work_item **item)
{
    int rc = work_queue_take(&f->work, item);
    if (rc <= 0)
        return rc;
    const struct work_item *one = *item;
    line->too_long = one->size > INPUT_LINE_MAX;
    line->size = line->too_long ? INPUT_LINE_MAX : one->size;
    line->index = one->number - 1;
    memcpy(line->text, one->text, line->size);
    line->text[line->size] = '\0';
    return 1;
}

int fetch_shared_hand_over(struct fetch *f, struct work_item *item, const struct result *r)
{
    char *line = malloc(result_room(r));
    if (!line)
        return bide_fail(BIDE_ENOMEM, "out of memory");
    return work_lines_tell(&f->lines, item, line, result_write(line, r), r);
}
