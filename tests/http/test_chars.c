/* The byte table against the grammars it stands for, and the scans against the table. */
#include "test.h"

#include "http/chars.h"
#include "http/method.h"

#include <ctype.h>
#include <string.h>

static bool is_among(int c, const char *set)
{
    return c != 0 && strchr(set, c) != NULL;
}

static bool is_alnum(int c)
{
    return c < 128 && isalnum(c);
}

TEST(the_table_agrees_with_the_grammars)
{
    for (int c = 0; c < 256; c++) {
        bool visible = c > 0x20 && c < 0x7f;
        bool pchar = is_alnum(c) || is_among(c, "-._~!$&'()*+,;=:@/");
        CHECK_EQ(char_is((char)c, CHAR_TOKEN), is_alnum(c) || is_among(c, "!#$%&'*+-.^_`|~"));
        CHECK_EQ(char_is((char)c, CHAR_FIELD), visible || c == ' ' || c == '\t' || c >= 0x80);
        CHECK_EQ(char_is((char)c, CHAR_TARGET), visible && c != '#');
        CHECK_EQ(char_is((char)c, CHAR_PATH), pchar);
        CHECK_EQ(char_is((char)c, CHAR_QUERY), pchar || c == '?');
        CHECK_EQ(char_is((char)c, CHAR_HOST), is_alnum(c) || is_among(c, "-._"));
        CHECK_EQ(char_is((char)c, CHAR_DIGIT), c < 128 && isdigit(c));
        CHECK_EQ(char_is((char)c, CHAR_HEX), c < 128 && isxdigit(c));
    }
}

TEST(the_fast_scan_stops_where_the_slow_one_does)
{
    char text[40];
    for (int c = 0; c < 256; c++)
        for (size_t at = 0; at < sizeof text; at++) {
            memset(text, 'v', sizeof text);
            text[at] = (char)c;
            text[(at + 9) % sizeof text] = '\t';
            for (size_t start = 0; start < 9; start++) {
                const char *end = text + sizeof text;
                CHECK_PTR(bide__chars_skip_field(text + start, end),
                          bide__chars_skip(text + start, end, CHAR_FIELD));
            }
        }
}

TEST(numbers_are_digits_that_fit)
{
    static const struct {
        const char *text;
        bool good;
        uint64_t number;
    } cases[] = {
        { "0", true, 0 }, { "007", true, 7 }, { "18446744073709551615", true, UINT64_MAX },
        { "18446744073709551616", false, 0 }, { "99999999999999999999", false, 0 },
        { "", false, 0 }, { "-1", false, 0 }, { "+1", false, 0 }, { " 1", false, 0 },
        { "1 ", false, 0 }, { "0x1", false, 0 }, { "1,1", false, 0 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint64_t number = 0;
        struct text text = text_of(cases[i].text, strlen(cases[i].text));
        CHECK_EQ(bide__text_number(text, &number), cases[i].good);
        CHECK_EQ(number, cases[i].number);
    }
}

TEST(well_known_names_are_recognised_in_any_case)
{
#define CHECK_HEADER_(name, spelling) \
    CHECK_EQ(bide__header_of(text_of(spelling, strlen(spelling))), HEADER_##name);
    HEADERS_(CHECK_HEADER_)
    CHECK_EQ(bide__header_of(text_of("CONTENT-LENGTH", 14)), HEADER_CONTENT_LENGTH);
    CHECK_EQ(bide__header_of(text_of("Transfer-Encoding", 17)), HEADER_TRANSFER_ENCODING);
    CHECK_EQ(bide__header_of(text_of("Transfer_Encoding", 17)), HEADER_OTHER);
    CHECK_EQ(bide__header_of(text_of("content-lengtj", 14)), HEADER_OTHER);
    CHECK_EQ(bide__header_of(text_of("x", 1)), HEADER_OTHER);
    CHECK_EQ(bide__header_of(text_of("a-name-longer-than-all-of-them", 30)), HEADER_OTHER);
}

TEST(methods_are_recognised_in_capitals_only)
{
#define CHECK_METHOD_(name, idempotent) \
    CHECK_EQ(bide__method_of(text_of(#name, strlen(#name))), METHOD_##name); \
    CHECK_EQ(bide__method_is_idempotent(METHOD_##name), idempotent);
    METHODS_(CHECK_METHOD_)
    CHECK_EQ(bide__method_of(text_of("get", 3)), METHOD_OTHER);
    CHECK_EQ(bide__method_of(text_of("GETS", 4)), METHOD_OTHER);
    CHECK_EQ(bide__method_of(text_of("", 0)), METHOD_OTHER);
    CHECK_EQ(bide__method_is_idempotent(METHOD_OTHER), false);
}
