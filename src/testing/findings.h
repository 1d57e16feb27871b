/* What a test has left behind: the first for its sentence, all of them for the log. */
#ifndef TESTING_FINDINGS_H
#define TESTING_FINDINGS_H
#include <bide/base.h>

struct findings { size_t count; char first[160]; };
/* Counts one and logs it. */
void bide__test_found(struct findings *f, const char *fmt, ...) BIDE_PRINTF_(2, 3);

#endif
