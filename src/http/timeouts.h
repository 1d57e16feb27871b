/* Time limits of a call's phases. */
#ifndef BIDE_HTTP_TIMEOUTS_H
#define BIDE_HTTP_TIMEOUTS_H

#include <bide/http.h>

/* *to gets what is not 0 in *over, else what *under says; `total`, if not 0, is short for
 * over->total.  0, or BIDE_EINVAL: a limit is negative or no number. */
int bide__timeouts_merge(struct bide_timeouts *to, const struct bide_timeouts *under,
                         const struct bide_timeouts *over, double total);
/* Behind the held sentence of a time-out: how long the phases before `phase` took, if that was not
 * next to nothing.  "... (dns 0.2 s, connect 1 s)". */
void bide__timeouts_explain(const struct bide_report *report, const char *phase);

#endif
