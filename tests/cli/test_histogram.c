/* What cli/histogram.c must hold: quantiles to within two per cent, over the whole range. */
#include "cli/histogram.c"
#include "test.h"

static void check_near(double got, double expected)
{
    CHECK(got >= expected * 0.98 - 1e-6 && got <= expected * 1.02 + 1e-6);
}

TEST(an_empty_one_has_no_quantiles)
{
    static struct histogram h;
    CHECK(histogram_quantile(&h, 0.5) == 0);
}

TEST(a_single_value_is_every_quantile)
{
    static const double values[] = { 0, 1e-6, 63e-6, 64e-6, 0.001, 1, 59.9, 86400, 1e11 };
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        struct histogram h = { 0 };
        histogram_add(&h, values[i]);
        check_near(histogram_quantile(&h, 0), values[i]);
        check_near(histogram_quantile(&h, 0.5), values[i]);
        check_near(histogram_quantile(&h, 1), values[i]);
    }
}

TEST(quantiles_of_an_even_spread_are_where_they_belong)
{
    static struct histogram h;
    for (int i = 1; i <= 100000; i++)
        histogram_add(&h, i * 1e-4);
    check_near(histogram_quantile(&h, 0.5), 5);
    check_near(histogram_quantile(&h, 0.9), 9);
    check_near(histogram_quantile(&h, 0.99), 9.9);
    check_near(histogram_quantile(&h, 1), 10);
}

TEST(one_slow_value_shows_only_at_the_end)
{
    static struct histogram h;
    for (int i = 0; i < 999; i++)
        histogram_add(&h, 0.001);
    histogram_add(&h, 10);
    check_near(histogram_quantile(&h, 0.99), 0.001);
    check_near(histogram_quantile(&h, 0.999), 0.001);
    check_near(histogram_quantile(&h, 1), 10);
}

TEST(nothing_is_longer_than_the_longest)
{
    static struct histogram h;
    histogram_add(&h, 2.500203);
    CHECK(histogram_quantile(&h, 1) == 2.500203);
    CHECK(histogram_quantile(&h, 0.9) <= 2.500203);
}

TEST(what_is_no_duration_counts_as_none)
{
    static struct histogram h;
    histogram_add(&h, -1);
    histogram_add(&h, __builtin_nan(""));
    histogram_add(&h, __builtin_inf());
    CHECK_EQ((long long)h.total, 3);
    CHECK(histogram_quantile(&h, 1) == 0);
}
