/* cli/progress.h -- one line on a terminal that tells how far the work is.
 *
 * It is drawn only where a person looks: never to a file or pipe.  It is cut to the width
 * of the window, and erased before anything else is written to the terminal. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How far the work is. */
struct progress_state {
    uint64_t done, failed, in_flight;
    uint64_t total;             /* 0: unknown */
    bool total_is_exact;
};
/* The line. */
struct progress {
    int fd;                     /* the terminal; -1: nothing is ever drawn */
    bool colour, visible;
    double started, drawn;      /* when */
    uint64_t drawn_done;        /* how many were done then */
    double rate;                /* per second, smoothed */
    size_t text_width;          /* of the longest text so far, so that the bar stands still */
};

/* Begins at time `now`; draws on fd if it is a terminal and `wanted`.  Colours unless
 * NO_COLOR is set. */
void progress_open(struct progress *p, int fd, bool wanted, double now);
/* Draws the line anew; less than 0.1 s after the last time only if it was erased. */
void progress_draw(struct progress *p, const struct progress_state *state, double now);
/* Erases it, if it is there. */
void progress_erase(struct progress *p);

#endif
