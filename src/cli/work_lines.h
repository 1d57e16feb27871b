/* cli/work_lines.h -- the lines of what is done of a shared list: told to the list, then printed.
 *
 * A line is printed if no other worker had told one before; so all that the workers print, taken
 * together, has each item once.  A failure that may pass is none yet: the item goes back, and
 * whoever takes it next tries again.
 *
 * Who is stopped between the two does not know whether the list has the line already.  Such a line
 * is kept, and told again at the end: the list knows whom it has the line from. */
#ifndef CLI_WORK_LINES_H
#define CLI_WORK_LINES_H
#include "cli/output.h"
#include "cli/result.h"
#include "cli/summary.h"
#include "cli/work_queue.h"

/* One line. */
struct work_line {
    struct work_line *next;
    struct work_item *item;
    struct result result;       /* for the sums; what it points to may be gone */
    char *text;                 /* without its newline */
};
/* Where they go. */
struct work_lines {
    struct work_queue *queue;
    struct output *output;
    struct summary *summary;
    struct work_line *untold;   /* those whose answer is not known */
};

/* Tells the list what became of the item, and prints that if it is for us to tell: 0 or the
 * failure.  The text, from malloc(), ends with a newline, at `end`; it is taken. */
BIDE_WAITS int work_lines_tell(struct work_lines *l, struct work_item *item, char *text, char *end,
                               const struct result *r);
/* Outside of loops, as work_queue_leave(), which it calls: tells before what is not known to be
 * told, and prints it. */
void work_lines_leave(struct work_lines *l);

#endif
