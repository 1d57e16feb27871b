/* Faults in the library's system calls. */
#ifndef TESTING_CALLS_H
#define TESTING_CALLS_H
#include <bide/testing.h>

/* From now on the nth call suffers what the options say (0: none does, and nothing is changed). */
void bide__test_calls_begin(size_t nth, const struct bide_test_opts *o);
/* The table is as it was; did the nth call come? */
bool bide__test_calls_end(void);

#endif
