/* cli/work_lines.c -- see work_lines.h. */
#include "cli/work_lines.h"
#include <stdlib.h>
#include <string.h>

/* Seconds that the lines have that are told again. */
#define AGAIN_SECONDS 5.0

/* As work_queue_finish() and work_queue_fail(). */
BIDE_WAITS static int tell(struct work_lines *l, const struct work_line *line)
{
    const struct result *r = &line->result;
    if (r->error.code == 0)
        return work_queue_finish(l->queue, line->item, line->text);
    return work_queue_fail(l->queue, line->item, line->text, result_may_pass(r));
}

BIDE_WAITS static int print(struct work_lines *l, const struct work_line *line)
{
    size_t size = strlen(line->text);
    int rc = output_reserve_sized(l->output, size + 1);
    if (rc < 0)
        return rc;
    char *end = ndjson_text(output_place(l->output), line->text);
    *end = '\n';
    output_commit(l->output, end + 1);
    summary_add(l->summary, &line->result);
    return 0;
}

/* A line for which there is no memory is lost to who reads; the list may have it. */
static void keep_untold(struct work_lines *l, const struct work_line *line)
{
    struct work_line *kept = malloc(sizeof *kept);
    if (!kept) {
        free(line->text);
        return;
    }
    *kept = *line;
    kept->next = l->untold;
    l->untold = kept;
}

int work_lines_tell(struct work_lines *l, struct work_item *item, char *text, char *end,
                    const struct result *r)
{
    struct work_line line = { .item = item, .result = *r, .text = text };
    end[-1] = '\0';
    int rc = tell(l, &line);
    if (rc < 0) {
        keep_untold(l, &line);
        return rc;
    }
    if (rc > 0)
        rc = print(l, &line);
    free(text);
    return rc;
}

/* Where the last lines of the run could not be written nobody reads, and these are told alone. */
static int tell_again(void *lines)
{
    struct work_lines *l = lines;
    bool is_read = l->output->error == 0 && l->output->start == l->output->end;
    int rc = 0;
    BIDE_TIMEOUT(limit, AGAIN_SECONDS);
    for (const struct work_line *line = l->untold; line && rc >= 0; line = line->next) {
        rc = tell(l, line);
        if (rc > 0 && is_read)
            rc = print(l, line);
    }
    return is_read ? output_flush(l->output) : rc;
}

void work_lines_leave(struct work_lines *l)
{
    work_queue_leave(l->queue, l->untold ? tell_again : NULL, l);
    while (l->untold) {
        struct work_line *line = l->untold;
        l->untold = line->next;
        free(line->text);
        free(line);
    }
}
