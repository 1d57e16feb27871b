/* From what a value is to what was asked for. */
#include "test.h"

#include "db/convert.h"

#include <bide/error.h>

static const char *text_of(struct bide_value v)
{
    static char place[DB_TEXT_SIZE];
    const char *text = NULL;
    return bide__db_to_text(&v, place, &text) < 0 ? bide_errmsg() : text;
}

TEST(every_type_has_its_text)
{
    const struct { struct bide_value v; const char *text; } cases[] = {
        { bide_value(-5), "-5" },
        { bide_value(UINT64_MAX), "18446744073709551615" },
        { bide_value((bool)true), "true" },
        { bide_value(0.1), "0.1" },
        { bide_value(1e300), "1e+300" },
        { bide_value("x"), "x" },
        { bide_value_numeric("12.500"), "12.500" },
        { bide_value_date(0), "1970-01-01" },
        { bide_value_date(-1), "1969-12-31" },
        { bide_value_date(11016), "2000-02-29" },
        { bide_value_date(-719529), "-0001-12-31" },
        { bide_value_date(INT64_MAX - 1), "25252734927768524-07-26" },
        { bide_value_date(INT64_MAX), "infinity" },
        { bide_value_time(0), "1970-01-01T00:00:00Z" },
        { bide_value_time(-1), "1969-12-31T23:59:59.999999Z" },
        { bide_value_time(INT64_MIN), "-infinity" },
        { bide_value_time(951782400000000 + 3723000001), "2000-02-29T01:02:03.000001Z" },
        { bide_value_bytes("x", 1), "is bytes, not text" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK_STR(text_of(cases[i].v), cases[i].text);
}

TEST(integers_come_without_loss_or_not_at_all)
{
    const struct { struct bide_value v; int64_t number; const char *why; } cases[] = {
        { bide_value(7), 7, NULL },
        { bide_value(3.0), 3, NULL },
        { bide_value(3.5), 0, "is 3.5, not an integer" },
        { bide_value(1e19), 0, "not an integer of 64 bits" },
        { bide_value(0.0 / 0.0), 0, "not an integer" },
        { bide_value_numeric("42.000"), 42, NULL },
        { bide_value_numeric("42.001"), 0, "is 42.001" },
        { bide_value_numeric("99999999999999999999"), 0, "64 bits" },
        { bide_value_numeric("NaN"), 0, "NaN" },
        { bide_value(UINT64_MAX), 0, "64 bits" },
        { bide_value("7"), 0, "is text, not an integer" },
        { BIDE_NULL, 0, "is NULL, not an integer" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t number = -1;
        int rc = bide__db_to_int(&cases[i].v, &number);
        CHECK_EQ(rc, cases[i].why ? BIDE_EDB : 0);
        if (cases[i].why)
            CHECK_HAS(bide_errmsg(), cases[i].why);
        else
            CHECK_EQ(number, cases[i].number);
    }
}

TEST(dates_are_times_at_midnight)
{
    int64_t us = 0;
    struct bide_value v = bide_value_date(2);
    CHECK_EQ(bide__db_to_time(&v, &us), 0);
    CHECK_EQ(us, INT64_C(172800000000));
    v = bide_value_date(INT64_MAX - 1);
    CHECK_EQ(bide__db_to_time(&v, &us), BIDE_EDB);
    v = bide_value("x");
    CHECK_EQ(bide__db_to_time(&v, &us), BIDE_EDB);
    CHECK_HAS(bide_errmsg(), "is the text \"x\", not a time");
}

/* SQLite has no other. */
TEST(texts_are_times_where_they_are_written_so)
{
    const int64_t day = 951782400, minute = 60;         /* 2000-02-29, in seconds */
    const struct { const char *text; int64_t us; } good[] = {
        { "2000-02-29", day * 1000000 },
        { "2000-02-29 01:02", (day + 62 * minute) * 1000000 },
        { "2000-02-29T01:02:03Z", (day + 62 * minute + 3) * 1000000 },
        { "2000-02-29 01:02:03.5", (day + 62 * minute + 3) * 1000000 + 500000 },
        { "2000-02-29T01:02:03.000001+01:30", (day - 28 * minute + 3) * 1000000 + 1 },
        { "2000-02-29 01:02-0100", (day + 122 * minute) * 1000000 },
        { "2000-02-29 01:02+02", (day - 58 * minute) * 1000000 },
        { "1969-12-31 23:59:59.999999", -1 },
    };
    static const char *const bad[] = {
        "", "2000", "2000-2-29", "2001-02-29", "2000-13-01", "2000-00-01", "2000-02-29 ",
        "2000-02-29T24:00", "2000-02-29 1:02", "2000-02-29 01:02:03.",
        "2000-02-29 01:02:03.1234567",
        "2000-02-29Z", "2000-02-29 01:02:03 x", "2000-02-29 01:02+1", "2000-02-29 01:60", "now",
    };
    int64_t us = 0;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct bide_value v = bide_value(good[i].text);
        CHECK_EQ(bide__db_to_time(&v, &us), 0);
        CHECK_EQ(us, good[i].us);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct bide_value v = bide_value(bad[i]);
        CHECK_EQ(bide__db_to_time(&v, &us), BIDE_EDB);
    }
    struct bide_value v = bide_value_sized("2000-02-29\0x", 12);
    CHECK_EQ(bide__db_to_time(&v, &us), BIDE_EDB);
}
