/* cli/histogram.c -- see histogram.h.
 *
 * A value in microseconds below 64 has a step of its own; above, the leading bit chooses
 * the power and the six bits after it the step.  A quantile is the middle of its step. */
#include "cli/histogram.h"

#define STEP_BITS 6

static int leading_bit(uint64_t value)
{
    return 63 - __builtin_clzll(value);
}

void histogram_add(struct histogram *h, double seconds)
{
    uint64_t value = seconds > 0 && seconds < 1e12 ? (uint64_t)(seconds * 1e6 + 0.5) : 0;
    int power = value < HISTOGRAM_STEPS ? 0 : leading_bit(value) - STEP_BITS + 1;
    uint64_t step = power == 0 ? value : (value >> (power - 1)) - HISTOGRAM_STEPS;
    h->counts[power][step]++;
    h->total++;
    if (value > 0 && seconds > h->longest)
        h->longest = seconds;
}

static double step_middle(unsigned power, unsigned step)
{
    if (power == 0)
        return step * 1e-6;
    double width = (double)((uint64_t)1 << (power - 1));
    return (HISTOGRAM_STEPS + step + 0.5) * width * 1e-6;
}

static double smaller(double a, double b)
{
    return a < b ? a : b;
}

double histogram_quantile(const struct histogram *h, double share)
{
    if (share >= 1)
        return h->longest;
    double wanted = share * (double)h->total;
    uint64_t seen = 0;
    for (unsigned power = 0; power <= HISTOGRAM_POWERS; power++) {
        for (unsigned step = 0; step < HISTOGRAM_STEPS; step++) {
            seen += h->counts[power][step];
            if (seen > 0 && (double)seen >= wanted)
                return smaller(step_middle(power, step), h->longest);
        }
    }
    return 0;
}
