/* What examples/apps/scheduler/cron.c and schedule.c must hold. */
#include "schedule.h"
#include "test.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static time_t moment(const char *text)
{
    struct tm tm = { .tm_isdst = -1 };
    CHECK(strptime(text, "%Y-%m-%d %H:%M", &tm));
    return mktime(&tm);
}

static void use_zone(const char *zone)
{
    setenv("TZ", zone, 1);
    tzset();
}

/* The rule by itself, for a machine without zone files: Berlin's. */
static const char *const berlin = "CET-1CEST,M3.5.0,M10.5.0/3";

/* When the line is due after that, so many times; text like "29 03:00 CEST|30 02:30 CEST". */
static void expect(const char *line, const char *after, const char *times)
{
    struct cron cron;
    char got[400] = "", wanted[400];
    const char *wrong = cron_read(&cron, line);
    CHECK_STR(wrong ? wrong : "", "");
    time_t at = moment(after);
    snprintf(wanted, sizeof wanted, "%s", times);
    for (size_t left = strlen(times); left > 0 && strlen(got) < left;) {
        char one[60];
        struct tm tm;
        at = cron_next(&cron, at);
        CHECK(at != -1);
        localtime_r(&at, &tm);
        strftime(one, sizeof one, "%m-%d %H:%M %Z", &tm);
        snprintf(got + strlen(got), sizeof got - strlen(got), "%s%s", *got ? "|" : "", one);
    }
    CHECK_STR(got, wanted);
}

TEST(numbers_ranges_steps_and_lists_are_read)
{
    use_zone("UTC0");
    expect("15 10 * * *", "2026-03-01 10:15", "03-02 10:15 UTC");
    expect("*/20 * * * *", "2026-03-01 10:15",
           "03-01 10:20 UTC|03-01 10:40 UTC|03-01 11:00 UTC");
    expect("0 9-17/4 * * *", "2026-03-01 10:15", "03-01 13:00 UTC|03-01 17:00 UTC|03-02 09:00 UTC");
    expect("5/25,58 1 * * *", "2026-03-01 01:00",
           "03-01 01:05 UTC|03-01 01:30 UTC|03-01 01:55 UTC|03-01 01:58 UTC|03-02 01:05 UTC");
}

TEST(months_and_days_have_names)
{
    use_zone("UTC0");
    expect("0 0 1 JAN,jul *", "2026-03-01 00:00", "07-01 00:00 UTC|01-01 00:00 UTC");
    expect("0 12 * * mon-wed", "2026-03-04 12:00", "03-09 12:00 UTC|03-10 12:00 UTC");
    expect("0 12 * * 7", "2026-03-04 12:00", "03-08 12:00 UTC|03-15 12:00 UTC");
    expect("0 12 * * 0", "2026-03-04 12:00", "03-08 12:00 UTC|03-15 12:00 UTC");
}

TEST(either_day_will_do_if_both_are_told)
{
    use_zone("UTC0");
    expect("0 0 13 * fri", "2026-03-01 00:00",
           "03-06 00:00 UTC|03-13 00:00 UTC|03-20 00:00 UTC|03-27 00:00 UTC|04-03 00:00 UTC|"
           "04-10 00:00 UTC|04-13 00:00 UTC");
    expect("0 0 */2 * fri", "2026-03-01 00:00", "03-13 00:00 UTC|03-27 00:00 UTC|04-03 00:00 UTC");
}

TEST(the_words_stand_for_lines)
{
    use_zone("UTC0");
    expect("@hourly", "2026-03-01 10:15", "03-01 11:00 UTC");
    expect("@daily", "2026-03-01 10:15", "03-02 00:00 UTC");
    expect("@Weekly", "2026-03-02 10:15", "03-08 00:00 UTC");
    expect("@monthly", "2026-03-02 10:15", "04-01 00:00 UTC");
    expect("@yearly", "2026-03-02 10:15", "01-01 00:00 UTC");
}

TEST(a_leap_day_is_found_and_one_that_never_comes_is_not)
{
    struct cron cron;
    use_zone("UTC0");
    expect("0 0 29 2 *", "2096-03-01 00:00", "02-29 00:00 UTC");
    CHECK(!cron_read(&cron, "0 0 31 2,4,6 *"));
    CHECK_EQ(cron_next(&cron, moment("2026-01-01 00:00")), -1);
}

TEST(a_time_that_is_left_out_in_spring_is_due_when_the_clock_goes_on)
{
    use_zone(berlin);
    expect("30 2 * * *", "2026-03-28 12:00", "03-29 03:00 CEST|03-30 02:30 CEST");
    expect("*/20 2 * * *", "2026-03-28 12:00", "03-29 03:00 CEST|03-30 02:00 CEST");
}

TEST(a_time_that_comes_twice_in_autumn_is_due_once)
{
    use_zone(berlin);
    expect("30 2 * * *", "2026-10-24 12:00", "10-25 02:30 CEST|10-26 02:30 CET");
    expect("30 2,3 * * *", "2026-10-24 12:00", "10-25 02:30 CEST|10-25 03:30 CET|10-26 02:30 CET");
}

TEST(every_hour_is_every_hour_that_passes)
{
    use_zone(berlin);
    expect("0 * * * *", "2026-03-29 00:30", "03-29 01:00 CET|03-29 03:00 CEST");
    expect("30 * * * *", "2026-10-25 01:45",
           "10-25 02:30 CEST|10-25 02:30 CET|10-25 03:30 CET");
}

TEST(what_is_no_line_is_refused_with_a_reason)
{
    static const char *const lines[][2] = {
        { "", "there must be five fields: minute, hour, day, month, day of the week" },
        { "* * * *", "there must be five fields: minute, hour, day, month, day of the week" },
        { "* * * * * *", "there are more than five fields" },
        { "60 * * * *", "the minute is not right" },
        { "* 24 * * *", "the hour is not right" },
        { "* * 0 * *", "the day of the month is not right" },
        { "* * * 13 *", "the month is not right" },
        { "* * * * 8", "the day of the week is not right" },
        { "5-1 * * * *", "the minute is not right" },
        { "*/0 * * * *", "the minute is not right" },
        { "1, * * * *", "the minute is not right" },
        { "-1 * * * *", "the minute is not right" },
        { "1x * * * *", "the minute is not right" },
        { "@sometimes", "there is no such word; @hourly, @daily, @weekly, @monthly, @yearly" },
    };
    struct cron cron;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        const char *wrong = cron_read(&cron, lines[i][0]);
        CHECK_STR(wrong ? wrong : "it was taken", lines[i][1]);
    }
}

TEST(times_are_sums_of_numbers_with_units)
{
    static const struct { const char *text; double seconds; } times[] = {
        { "90", 90 }, { "30s", 30 }, { "500ms", 0.5 }, { "1h30m", 5400 }, { "2d", 172800 },
        { "1.5h", 5400 }, { "0", 0 }, { "", 0 }, { "-5s", 0 }, { "5 s", 0 }, { "5x", 0 },
        { "m", 0 }, { "1m2", 62 }, { "1e99d", 0 },
    };
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        double seconds = 0;
        CHECK_EQ(duration_read(times[i].text, &seconds), times[i].seconds > 0);
        if (times[i].seconds > 0)
            CHECK(seconds == times[i].seconds);
    }
}

TEST(an_interval_keeps_step_after_runs_that_took_too_long)
{
    struct schedule schedule;
    CHECK(!schedule_read(&schedule, "every 10s"));
    CHECK(schedule_next(&schedule, 100) == 110);
    CHECK(schedule_last(&schedule, 110, 119) == 110);
    CHECK(schedule_last(&schedule, 110, 135) == 130);
}
