/* The byte table against the grammars it stands for, and the scans against the table. */
#include "test.h"

#include "http/chars.h"
#include "http/method.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

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

/* ---- the scans ------------------------------------------------------------------------------- */

static const int scans[] = {
    CHAR_TOKEN, CHAR_FIELD, CHAR_HEX, CHAR_DIGIT, CHAR_PATH, CHAR_QUERY, CHAR_HOST, CHAR_TARGET,
    CHAR_PATH | CHAR_QUERY, CHAR_TOKEN | CHAR_FIELD,
};
enum { SCANS = sizeof scans / sizeof *scans };

static void check_scans(const char *at, const char *end)
{
    for (int i = 0; i < SCANS; i++)
        CHECK_PTR(bide__chars_skip(at, end, scans[i]),
                  bide__chars_skip_slowly(at, end, scans[i]));
    CHECK_PTR(bide__chars_skip_field(at, end), bide__chars_skip_slowly(at, end, CHAR_FIELD));
}

TEST(each_byte_stops_the_fast_scans_where_it_stops_the_slow_one)
{
    char text[40];
    for (int c = 0; c < 256; c++)
        for (size_t at = 0; at < sizeof text; at++) {
            memset(text, 'v', sizeof text);
            text[at] = (char)c;
            text[(at + 9) % sizeof text] = '\t';
            for (size_t start = 0; start < 9; start++)
                check_scans(text + start, text + sizeof text);
        }
}

/* Before `text` and behind it no byte may be looked at. */
struct fenced { char *map, *text; size_t size, page; };

static struct fenced fence(void)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *map = mmap(NULL, 3 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(map != MAP_FAILED);
    CHECK_EQ(mprotect(map + page, page, PROT_READ | PROT_WRITE), 0);
    return (struct fenced){ map, map + page, page, page };
}

/* Mostly what lets a scan go on, so that it comes far. */
static void fill(char *text, size_t size, unsigned *seed)
{
    static const char usual[] = "abcxyzABCXYZ0189-./:;_=?&%,#\t \x80";
    for (size_t i = 0; i < size; i++) {
        unsigned r = (unsigned)rand_r(seed), byte = r >> 8;
        text[i] = r % 64 == 0 ? (char)byte : usual[byte % (r % 8 ? 17 : sizeof usual - 1)];
    }
}

TEST(the_fast_scans_agree_with_the_slow_one_and_look_at_nothing_else)
{
    enum { LONGEST = 70, ROUNDS = 300 };
    struct fenced f = fence();
    unsigned seed = 1;
    for (int round = 0; round < ROUNDS; round++) {
        fill(f.text, f.size, &seed);
        for (size_t size = 0; size <= LONGEST; size++) {
            check_scans(f.text, f.text + size);
            check_scans(f.text + f.size - size, f.text + f.size);
        }
    }
    munmap(f.map, 3 * f.page);
}

TEST(words_are_the_same_in_any_case)
{
    CHECK(bide__text_is_caseless(text_of("hOsT", 4), "Host"));
    CHECK(bide__text_is_caseless(text_of("host", 4), "HOST"));
    CHECK(!bide__text_is_caseless(text_of("hos", 3), "host"));
    CHECK(!bide__text_is_caseless(text_of("host", 4), "hos"));
    CHECK(!bide__text_is_caseless(text_of("post", 4), "host"));
    CHECK(!bide__text_is_caseless(text_of("", 0), "host"));
    CHECK(bide__text_is_caseless(text_of("", 0), ""));
    CHECK(!bide__text_is_caseless(text_of(" ", 1), ""));
    CHECK(!bide__text_is_caseless(text_of("@", 1), "`"));
    CHECK(!bide__text_is_caseless(text_of("[a", 2), "{a"));
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
