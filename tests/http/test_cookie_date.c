/* Dates as servers have written them, and what is none. */
#include "test.h"

#include "http/cookie_date.h"

#include <string.h>

static bool read(const char *text, int64_t *seconds)
{
    return bide__cookie_date(text_of(text, strlen(text)), seconds);
}

TEST(dates_of_all_forms_are_read)
{
    static const struct { const char *text; int64_t seconds; } cases[] = {
        { "Sun, 06 Nov 1994 08:49:37 GMT", 784111777 },
        { "Sunday, 06-Nov-94 08:49:37 GMT", 784111777 },
        { "Sun Nov  6 08:49:37 1994", 784111777 },
        { "06 nov 1994 08:49:37", 784111777 }, { "8:49:37 6 NOVEMBER 94", 784111777 },
        { "1994 08:49:37 6 Nov", 784111777 },
        { "6 Nov 94 8:49:37 +0200", 784111777 },
        { "Sun,06-Nov-1994_08:49:37", 784111777 },
        { "\"06 Nov 1994 08:49:37\"", 784111777 },
        { "06 Nov 1994 08:49:37\xc3\xa4", 784111777 },
        { "06th Nov 1994y 08:49:37 12 Dec", 784111777 },
        { "01 Jan 1970 00:00:00", 0 }, { "31 Dec 69 23:59:59", 3155759999 },
        { "01 Jan 70 00:00:00", 0 }, { "31 Dec 1969 23:59:59", -1 },
        { "01 Jan 1601 00:00:00", -11644473600 }, { "29 Feb 2000 00:00:00", 951782400 },
        { "29 Feb 2024 00:00:00", 1709164800 }, { "31 Dec 9999 23:59:59", 253402300799 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t seconds = 0;
        if (!read(cases[i].text, &seconds) || seconds != cases[i].seconds)
            test_fail(__FILE__, __LINE__, "%s gives %lld", cases[i].text, (long long)seconds);
    }
}

TEST(what_is_no_date_is_refused)
{
    static const char *const bad[] = {
        "", " ", "never", "06 Nov 1994", "Nov 1994 08:49:37", "06 1994 08:49:37",
        "06 Nov 08:49:37", "06 Nov 1994 08:49", "06 Nov 1994 24:00:00", "06 Nov 1994 08:60:00",
        "06 Nov 1994 08:49:60", "06 Nov 1994 008:49:37", "00 Nov 1994 08:49:37",
        "31 Nov 1994 08:49:37", "32 Jan 1994 08:49:37", "29 Feb 1900 00:00:00",
        "29 Feb 2023 00:00:00", "06 Nov 1600 08:49:37", "06 Nov 19945 08:49:37",
        "06 Nov 4 08:49:37", "006 Nov 1994 08:49:37", "06 No 1994 08:49:37",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int64_t seconds;
        if (read(bad[i], &seconds))
            test_fail(__FILE__, __LINE__, "%s is taken for a date", bad[i]);
    }
}
