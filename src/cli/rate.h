/* cli/rate.h -- begins at most so many things per second, evenly spread. */
#ifndef CLI_RATE_H
#define CLI_RATE_H
#include <bide.h>

/* A rate; interval 0: as fast as can be. */
struct rate { double interval, next; };

/* Waits for the next free moment: 0. */
BIDE_WAITS int rate_wait(struct rate *rate);

#endif
