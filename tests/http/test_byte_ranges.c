/* Which parts of a whole of 1000 bytes are asked for. */
#include "test.h"

#include "http/byte_ranges.h"

#include <stdio.h>
#include <string.h>

/* "0-9 500-599", "whole", "nothing". */
static const char *told(const char *value, uint64_t size)
{
    static char out[1000];
    struct byte_range ranges[BYTE_RANGES_MAX];
    int count = bide__byte_ranges_read(value ? text_from(value) : text_of(NULL, 0), size, ranges);
    if (count <= 0)
        return count < 0 ? "nothing" : "whole";
    out[0] = '\0';
    for (int i = 0; i < count; i++)
        sprintf(out + strlen(out), "%s%llu-%llu", i ? " " : "",
                (unsigned long long)ranges[i].first, (unsigned long long)ranges[i].last);
    return out;
}

TEST(parts_are_read_in_all_their_forms)
{
    CHECK_STR(told("bytes=0-99", 1000), "0-99");
    CHECK_STR(told("bytes=0-0", 1000), "0-0");
    CHECK_STR(told("BYTES=999-", 1000), "999-999");
    CHECK_STR(told("bytes=-1", 1000), "999-999");
    CHECK_STR(told("bytes=-2000", 1000), "0-999");
    CHECK_STR(told("bytes=0-2000", 1000), "0-999");
    CHECK_STR(told("bytes=900-99999999999999999999999", 1000), "900-999");
    CHECK_STR(told("bytes=-99999999999999999999999", 1000), "0-999");
    CHECK_STR(told("bytes= 0-9 , ,\t500-599,", 1000), "0-9 500-599");
}

TEST(the_order_asked_for_is_kept_unless_parts_are_joined)
{
    CHECK_STR(told("bytes=500-599,0-9,-10", 1000), "500-599 0-9 990-999");
    CHECK_STR(told("bytes=500-599,0-9,-10,550-650", 1000), "0-9 500-650 990-999");
    CHECK_STR(told("bytes=500-599,680-700", 1000), "500-599 680-700");
    CHECK_STR(told("bytes=500-599,679-700", 1000), "500-700");
    CHECK_STR(told("bytes=0-9,200-209,100-110,20-90", 1000), "0-110 200-209");
}

TEST(what_lies_behind_the_end_is_nothing)
{
    CHECK_STR(told("bytes=1000-", 1000), "nothing");
    CHECK_STR(told("bytes=-0", 1000), "nothing");
    CHECK_STR(told("bytes=0-", 0), "nothing");
    CHECK_STR(told("bytes=-5", 0), "nothing");
    CHECK_STR(told("bytes=1000-1001, 5000-, -0", 1000), "nothing");
    CHECK_STR(told("bytes=1000-1001, 5-6", 1000), "5-6");
    CHECK_STR(told("bytes=18446744073709551616-", INT64_MAX), "nothing");
}

TEST(what_is_not_understood_does_not_count)
{
    static const char *const cases[] = {
        NULL, "", "bytes", "bytes=", "bytes=,", "bytes=-", "bytes=5", "bytes=a-b", "bytes=9-5",
        "bytes=5-9;", "bytes=5-9 6", "bytes=0x5-9", "bytes=+5-9", "bytes=5--9", "bytes =5-9",
        "items=5-9", "seconds=0-5", "bytes=0-9,x", "bytes:0-9", "bytes=0 -9",
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (strcmp(told(cases[i], 1000), "whole") != 0)
            test_fail(__FILE__, __LINE__, "%s: %s", cases[i], told(cases[i], 1000));
}

TEST(nobody_gets_more_than_so_many_parts)
{
    char value[8000] = "bytes=0-0";
    for (int i = 1; i < BYTE_RANGES_MAX; i++)
        sprintf(value + strlen(value), ",%d-%d", i * 1000, i * 1000);
    CHECK(strstr(told(value, 1000000), " 15000-15000"));
    strcat(value, ",16000-16000");
    CHECK_STR(told(value, 1000000), "whole");
    strcpy(value, "bytes=0-");
    for (int i = 0; i < 1000; i++)      /* all of it, a thousand times */
        strcat(value, ",0-");
    CHECK_STR(told(value, 1000000), "0-999999");
}
