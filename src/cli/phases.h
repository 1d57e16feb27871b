/* cli/phases.h -- what happens to a request, told with its times: --trace. */
#ifndef CLI_PHASES_H
#define CLI_PHASES_H
#include <bide.h>

/* One request that is watched. */
struct phases {
    double started;             /* of the first event; 0: there was none */
    uint64_t sent, came;        /* bytes of bodies since the last head */
    unsigned tries;
    int status;                 /* of the last head; 0: there was none */
    bool tell;                  /* print a line for each */
};

/* A trace function; arg is a struct phases.  Prints a line on standard error for each event, but
 * for pieces of bodies, which are counted. */
void phases_trace(void *phases, const struct bide_trace_event *event);
/* Prints what the report says, as the last line. */
void phases_print_report(const struct bide_report *report);

#endif
