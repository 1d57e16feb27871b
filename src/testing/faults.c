/* Again and again: with every seed, and with the first, second, third ... thing going wrong. */
#include "testing/trial.h"
#include <stdio.h>
#include <stdlib.h>

enum { SEEDS = 100 };
static const size_t most_runs = 1000000;

/* Which field of struct trouble is counted up, and how it is called. */
struct kind {
    const char *what;
    size_t struct_place;
    bool must_succeed;
};

/* It failed where it may not: how, and the rest of the sentence is the outcome's. */
static int complain(const struct outcome *out, const char *what, size_t nth)
{
    bide_ignore(bide__test_result(out));
    if (!nth)
        return bide_within("without a fault");
    return bide_within("%s %zu", what, nth);
}

static int silent(const struct kind *kind, size_t nth)
{
    return bide_fail(BIDE_ETEST, "%s %zu: there is no end to them", kind->what, nth);
}

static int each(bide_fn *fn, const struct bide_test_opts *o, const struct kind *kind)
{
    struct bide_test_opts quiet = *o;
    struct trouble trouble = { .stop = 0 };
    size_t *nth = (size_t *)(void *)((char *)&trouble + kind->struct_place);
    struct outcome out = bide__test_try(fn, o, &trouble);
    if (out.rc < 0)
        return complain(&out, kind->what, 0);
    if (!quiet.on_failure)
        quiet.on_failure = bide__test_unheard;
    for (*nth = 1; *nth < most_runs; ++*nth) {
        out = bide__test_try(fn, &quiet, &trouble);
        if (out.unclean || (out.rc < 0 && (kind->must_succeed || !out.struck)))
            return complain(&out, kind->what, *nth);
        if (!out.struck)
            return (int)*nth - 1;
    }
    return silent(kind, *nth);
}

int bide_test_each_allocation_opts(bide_fn *fn, const struct bide_test_opts *o)
{
    static const struct kind kind = { "refusing allocation",
                                      offsetof(struct trouble, allocation), false };
    return each(fn, o, &kind);
}

int bide_test_each_wait_opts(bide_fn *fn, const struct bide_test_opts *o)
{
    static const struct kind kind = { "cancelled at stop", offsetof(struct trouble, stop), false };
    return each(fn, o, &kind);
}

int bide_test_each_call_opts(bide_fn *fn, const struct bide_test_opts *o)
{
    static const char *const verbs[] = { "refusing", "shortening", "interrupting" };
    char what[64];
    if (o->fault < BIDE_TEST_REFUSE || o->fault > BIDE_TEST_INTERRUPT)
        return bide_fail(BIDE_EINVAL, "no fault has the number %d", (int)o->fault);
    if (o->code > 0)
        return bide_fail(BIDE_EINVAL, "a failure's code is negative, as in -EMFILE, and not %d",
                         o->code);
    snprintf(what, sizeof what, "%s %s", verbs[o->fault], o->call ? o->call : "system call");
    struct kind kind = { what, offsetof(struct trouble, call), o->fault != BIDE_TEST_REFUSE };
    return each(fn, o, &kind);
}

static int try_seed(bide_fn *fn, const struct bide_test_opts *o, uint64_t seed)
{
    static const struct trouble none;
    struct bide_test_opts shuffled = *o;
    shuffled.seed = seed;
    struct outcome out = bide__test_try(fn, &shuffled, &none);
    if (out.rc >= 0)
        return 0;
    bide_ignore(bide__test_result(&out));
    return bide_within("seed %llu (BIDE_SHUFFLE=%llu)", (unsigned long long)seed,
                       (unsigned long long)seed);
}

int bide_test_shuffled_opts(bide_fn *fn, const struct bide_test_opts *o)
{
    const char *asked = getenv("BIDE_SHUFFLE");
    uint64_t only = asked ? strtoull(asked, NULL, 0) : 0;
    uint64_t first = o->seed ? o->seed : 1;
    size_t count = o->count ? o->count : SEEDS;
    if (only)
        return try_seed(fn, o, only);
    for (size_t i = 0; i < count; i++) {
        int rc = try_seed(fn, o, first + i);
        if (rc < 0)
            return rc;
    }
    return 0;
}
