/* cli/histogram.h -- quantiles of many durations in a fixed 32 KiB.
 *
 * Log-linear: each power of two is divided into 64 steps, so a quantile is off by less
 * than 1.6 % however many values there are and whatever their range, from a microsecond
 * to centuries. */
#ifndef CLI_HISTOGRAM_H
#define CLI_HISTOGRAM_H
#include <stdint.h>

#define HISTOGRAM_STEPS 64
#define HISTOGRAM_POWERS 58

/* Counts per step; all zero is empty. */
struct histogram {
    double longest;
    uint64_t total, counts[HISTOGRAM_POWERS + 1][HISTOGRAM_STEPS];
};

/* Adds one duration. */
void histogram_add(struct histogram *h, double seconds);
/* The duration that a share (0 to 1) of all values does not exceed; 0 if there are
 * none. */
double histogram_quantile(const struct histogram *h, double share);

#endif
