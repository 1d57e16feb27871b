/* cli/fetch_shared.c -- `bide fetch --queue`: URLs of a list that other processes work at, too.
 *
 * A URL's line is told to the list first and then printed, if no other worker had told one before;
 * so all that the workers print, taken together, has each URL once.  A failure that may pass is
 * none yet: the URL goes back, and whoever takes it next tries again. */
#include "cli/fetch.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int fetch_shared_join(struct fetch *f)
{
    const struct fetch_options *o = &f->plan->options;
    int rc = work_queue_open(&f->work, &o->work, "bide fetch");
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

/* A URL that is wrong, or not there, will be so for the next worker. */
static bool may_pass(const struct result *r)
{
    if (r->status >= 400 && r->status < 500)
        return r->status == 408 || r->status == 425 || r->status == 429;
    return r->error.code != BIDE_EURL && r->error.code != BIDE_ELIMIT;
}

BIDE_WAITS static int print(struct fetch *f, const struct result *r, char *line, size_t size)
{
    int rc = output_reserve_sized(&f->output, size);
    if (rc < 0)
        return rc;
    summary_add(&f->summary, r);
    line[size - 1] = '\n';
    char *place = output_place(&f->output);
    memcpy(place, line, size);
    output_commit(&f->output, place + size);
    return 0;
}

int fetch_shared_hand_over(struct fetch *f, struct work_item *item, const struct result *r)
{
    char *line = malloc(result_room(r));
    if (!line)
        return bide_fail(BIDE_ENOMEM, "out of memory");
    size_t size = (size_t)(result_write(line, r) - line);
    line[size - 1] = '\0';              /* as text, without its newline */
    int rc = r->error.code == 0 ? work_queue_finish(&f->work, item, line)
                                : work_queue_fail(&f->work, item, line, may_pass(r));
    if (rc > 0)
        rc = print(f, r, line, size);
    free(line);
    return rc;
}

void fetch_shared_tell(const struct fetch *f)
{
    const struct work_queue *q = &f->work;
    if (q->buried > 0)
        fprintf(stderr, "bide fetch: %llu URLs were put aside: no worker that had them came to an "
                "end (see bide queue dead)\n", (unsigned long long)q->buried);
    if (f->plan->options.quiet)
        return;
    if (q->returned > 0)
        fprintf(stderr, "bide fetch: %llu URLs were given back\n",
                (unsigned long long)q->returned);
    if (q->repeats > 0)
        fprintf(stderr, "bide fetch: %llu URLs had been done by others meanwhile\n",
                (unsigned long long)q->repeats);
}
