/* What cli/ndjson.c must hold: whatever comes in, valid JSON in valid UTF-8 goes out. */
#include "cli/ndjson.c"
#include "test.h"

static void check_string(const char *from, size_t size, const char *expected)
{
    char room[512];
    *ndjson_string(room, from, size) = '\0';
    CHECK_STR(room, expected);
}
#define CHECK_STRING(from, expected) check_string(from, sizeof(from) - 1, expected)

TEST(plain_text_is_only_quoted)
{
    CHECK_STRING("", "\"\"");
    CHECK_STRING("http://x/?a=b&c", "\"http://x/?a=b&c\"");
}

TEST(what_would_end_the_string_or_the_line_is_escaped)
{
    CHECK_STRING("a\"b\\c", "\"a\\\"b\\\\c\"");
    CHECK_STRING("\n\r\t\b\f", "\"\\n\\r\\t\\b\\f\"");
}

TEST(control_characters_are_escaped)
{
    CHECK_STRING("\0\x01\x1b\x1f\x7f", "\"\\u0000\\u0001\\u001b\\u001f\\u007f\"");
    CHECK_STRING("\xc2\x80\xc2\x9b\xc2\x9f", "\"\\u0080\\u009b\\u009f\"");
}

TEST(valid_utf8_stays_as_it_is)
{
    CHECK_STRING("\xc2\xa0", "\"\xc2\xa0\"");
    CHECK_STRING("\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf",
                 "\"\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf\"");
    CHECK_STRING("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", "\"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\"");
}

#define BAD "\xef\xbf\xbd"
TEST(every_byte_that_is_no_utf8_is_replaced)
{
    CHECK_STRING("a\x80z", "\"a" BAD "z\"");
    CHECK_STRING("\xc0\xaf", "\"" BAD BAD "\"");                        /* overlong */
    CHECK_STRING("\xe0\x9f\xbf", "\"" BAD BAD BAD "\"");
    CHECK_STRING("\xed\xa0\x80", "\"" BAD BAD BAD "\"");                /* a surrogate */
    CHECK_STRING("\xf0\x8f\xbf\xbf", "\"" BAD BAD BAD BAD "\"");
    CHECK_STRING("\xf4\x90\x80\x80", "\"" BAD BAD BAD BAD "\"");        /* beyond U+10FFFF */
    CHECK_STRING("\xf5\xff", "\"" BAD BAD "\"");
    CHECK_STRING("\xc3(", "\"" BAD "(\"");                              /* cut short */
    CHECK_STRING("\xe2\x82", "\"" BAD BAD "\"");
    CHECK_STRING("\xf0\x9f\x98", "\"" BAD BAD BAD "\"");
}

TEST(a_character_is_not_read_beyond_the_end)
{
    check_string("\xe2\x82\xac", 2, "\"" BAD BAD "\"");
    check_string("\xe2\x82\xac", 3, "\"\xe2\x82\xac\"");
}

TEST(no_string_becomes_longer_than_its_room)
{
    char from[256], room[NDJSON_ROOM(256)];
    for (int byte = 0; byte < 256; byte++) {
        memset(from, byte, sizeof from);
        CHECK((size_t)(ndjson_string(room, from, sizeof from) - room) <= sizeof room);
    }
}

static void check_number(uint64_t number, const char *expected)
{
    char room[32];
    *ndjson_number(room, number) = '\0';
    CHECK_STR(room, expected);
}

TEST(numbers_are_whole)
{
    check_number(0, "0");
    check_number(10, "10");
    check_number(UINT64_MAX, "18446744073709551615");
}

static void check_seconds(double seconds, const char *expected)
{
    char room[40];
    *ndjson_seconds(room, seconds) = '\0';
    CHECK_STR(room, expected);
}

TEST(seconds_have_six_decimals)
{
    check_seconds(0, "0.000000");
    check_seconds(-1, "0.000000");
    check_seconds(0.0000004, "0.000000");
    check_seconds(0.0000005, "0.000001");
    check_seconds(1.5, "1.500000");
    check_seconds(0.9999996, "1.000000");
    check_seconds(123456789.25, "123456789.250000");
    check_seconds(__builtin_nan(""), "0.000000");
}
