/* Latencies, counted in buckets 1/128 of their value wide: a percentile of hundreds of thousands of
 * them then takes an array and no sorting. Nanoseconds up to four minutes; what is above counts as
 * that. */
#ifndef BENCH_HISTOGRAM_H
#define BENCH_HISTOGRAM_H
#include <stdint.h>

enum { HISTOGRAM_FINE = 7, HISTOGRAM_TOP = 38,
       HISTOGRAM_BUCKETS = (HISTOGRAM_TOP - HISTOGRAM_FINE + 1) << HISTOGRAM_FINE };

struct histogram {
    int64_t count;
    uint32_t buckets[HISTOGRAM_BUCKETS];
};

/* Values below 128 have a bucket each; from there on, each power of two has 128. */
static inline unsigned histogram_bucket(int64_t ns)
{
    uint64_t value = ns > 0 ? (uint64_t)ns : 0, most = (UINT64_C(1) << HISTOGRAM_TOP) - 1;
    if (value > most)
        value = most;
    unsigned power = 63 - (unsigned)__builtin_clzll(value | 1);
    unsigned shift = power > HISTOGRAM_FINE ? power - HISTOGRAM_FINE : 0;
    return (shift << HISTOGRAM_FINE) + (unsigned)(value >> shift);
}

static inline void histogram_add(struct histogram *h, int64_t ns)
{
    h->buckets[histogram_bucket(ns)]++;
    h->count++;
}

/* The largest value that falls into the bucket. */
static inline int64_t histogram_top_of(unsigned bucket)
{
    unsigned shift = bucket >> HISTOGRAM_FINE, rest = bucket & ((1u << HISTOGRAM_FINE) - 1);
    if (shift == 0)
        return rest;
    shift--;
    return (int64_t)(((UINT64_C(1) << HISTOGRAM_FINE) + rest + 1) << shift) - 1;
}

/* What the share (0.99) of all values does not exceed. */
static inline int64_t histogram_quantile(const struct histogram *h, double share)
{
    int64_t wanted = (int64_t)(share * (double)h->count + 0.5), seen = 0;
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
        seen += h->buckets[i];
        if (seen >= wanted && seen > 0)
            return histogram_top_of(i);
    }
    return 0;
}
#endif
