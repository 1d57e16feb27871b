/* One run of a test's function, which all that the kit offers comes down to. */
#ifndef TESTING_TRIAL_H
#define TESTING_TRIAL_H
#include <bide/testing.h>

/* What is done to it; all 0: nothing. */
struct trouble {
    size_t allocation;          /* this one fails */
    size_t call;                /* this system call suffers what the options say */
    size_t stop;                /* cancelled when a task stops for the so manieth time */
};
/* How it ended. */
struct outcome {
    int rc;                     /* the test's; error: why */
    struct bide_error error;
    bool unclean;               /* a leak, a hang or a broken guard: no way for a test to fail */
    bool struck;                /* the trouble came */
    size_t allocations;
};

/* Runs it.  The error held is the outcome's, if that is one. */
struct outcome bide__test_try(bide_fn *fn, const struct bide_test_opts *o,
                              const struct trouble *trouble);
/* The outcome's result, with its error held. */
int bide__test_result(const struct outcome *out);
/* BIDE_TEST_NO_SWITCH was broken: false if no test runs. */
bool bide__test_broken(const char *site);
/* on_failure of runs with trouble, where failures are to be expected. */
void bide__test_unheard(const bide_task *who, const struct bide_error *why);

#endif
