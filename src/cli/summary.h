/* cli/summary.h -- what was done, in sum: counts by status and error, throughput,
 * quantiles. */
#ifndef CLI_SUMMARY_H
#define CLI_SUMMARY_H
#include "cli/histogram.h"
#include "cli/result.h"
#include <stdio.h>

#define SUMMARY_STATUSES 1000
#define SUMMARY_ERRORS 32

/* The sums; all zero is empty.  Of fixed size, however many URLs there are. */
struct summary {
    uint64_t done;              /* URLs that have a line */
    uint64_t failed;            /* those of them with an error */
    uint64_t bytes;
    double seconds;             /* of all added up: what one after another would have taken */
    uint64_t statuses[SUMMARY_STATUSES];
    struct { int code; uint64_t count; } errors[SUMMARY_ERRORS];
    struct histogram times;
};

/* Adds one URL. */
void summary_add(struct summary *s, const struct result *r);
/* Prints it all; `elapsed` seconds were spent, and `missing` URLs are not done. */
void summary_print(const struct summary *s, FILE *to, double elapsed, uint64_t missing);
/* "950 us", "1.02 s", "2 min 5 s": a duration as a person would say it. */
const char *summary_duration(char text[32], double seconds);

#endif
