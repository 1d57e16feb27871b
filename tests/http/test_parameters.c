/* Words, quoted strings, parameters, and what is made of them: names of files, ranges. */
#include "test.h"

#include "http/disposition.h"
#include "http/parameters.h"
#include "http/ranges.h"

#include <string.h>

/* The value of a parameter, or NULL. */
static const char *value_of(const char *header, const char *name)
{
    static char out[2][300];
    static int turn;
    char *to = out[turn++ % 2];
    struct parameter p;
    if (!bide__parameter_find(text_from(header), name, &p))
        return NULL;
    CHECK(bide__parameter_text(&p, to, sizeof out[0]) >= 0);
    return to;
}

TEST(parameters_are_found_by_name)
{
    CHECK_STR(value_of("text/html; charset=utf-8", "charset"), "utf-8");
    CHECK_STR(value_of("text/html;CHARSET=\"utf-8\"", "charset"), "utf-8");
    CHECK_STR(value_of("text/html ; charset = utf-8 ; x=y", "charset"), "utf-8");
    CHECK_STR(value_of("text/html;; ; charset=a;charset=b", "charset"), "a");
    CHECK_STR(value_of("a; b=\"x\\\"y\\\\; c=d\"; c=e", "b"), "x\"y\\; c=d");
    CHECK_STR(value_of("a; b=\"x; c=d\"; c=e", "c"), "e");
    CHECK_STR(value_of("a; b", "b"), "");
    CHECK_STR(value_of("a; b=", "b"), "");
    CHECK_STR(value_of("a; name=with spaces.txt ;x", "name"), "with spaces.txt");
    CHECK_STR(value_of("text/html", "charset"), NULL);
    CHECK_STR(value_of("", "charset"), NULL);
    CHECK_STR(value_of("a; b=\"open; c=d", "c"), NULL);
    CHECK_STR(value_of("a; b=\"x\\", "b"), NULL);
    CHECK_STR(value_of("a; =x; c=d", "c"), NULL);
}

TEST(strict_parameters_are_words_or_quoted)
{
    struct parameter p;
    struct reader r = reader_of(text_from("; a=b;c=\"d e\""));
    CHECK_EQ(bide__read_parameter(&r, NULL, &p), 1);
    CHECK_EQ(bide__read_parameter(&r, NULL, &p), 1);
    CHECK(p.quoted && bide__parameter_is(&p, "D e"));
    CHECK_EQ(bide__read_parameter(&r, NULL, &p), 0);
    static const char *const bad[] = { ";a", ";a=", ";a =b", ";a=\xc3\xa4", ";a=\"\x01\"", ";=b" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        r = reader_of(text_from(bad[i]));
        CHECK_EQ(bide__read_parameter(&r, NULL, &p), -1);
    }
}

TEST(a_value_must_fit)
{
    struct parameter p = { .value = text_from("a\\b"), .quoted = true };
    char out[4];
    CHECK_EQ(bide__parameter_text(&p, out, 3), 2);
    CHECK_STR(out, "ab");
    CHECK_EQ(bide__parameter_text(&p, out, 2), -1);
    CHECK_EQ(bide__parameter_text(&p, out, 0), -1);
    p.quoted = false;
    CHECK_EQ(bide__parameter_text(&p, out, 4), 3);
    CHECK_STR(out, "a\\b");
}

TEST(extended_values_become_utf8)
{
    static const struct { const char *value, *is; } cases[] = {
        { "UTF-8''na%C3%AFve", "na\xc3\xafve" }, { "utf-8'en'a%20b", "a b" },
        { "iso-8859-1''%A3%20x", "\xc2\xa3 x" }, { "UTF-8''", "" },
        { "UTF-8'x", NULL }, { "UTF-8", NULL }, { "", NULL }, { "koi8-r''x", NULL },
        { "UTF-8''%4", NULL }, { "UTF-8''%zz", NULL }, { "UTF-8''%00", NULL },
        { "UTF-8''a b", NULL }, { "UTF-8''a\"b", NULL },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct parameter p = { .value = text_from(cases[i].value) };
        char out[40];
        ssize_t size = bide__parameter_extended(&p, out, sizeof out);
        CHECK_STR(size < 0 ? NULL : out, cases[i].is);
        for (size_t room = 0; size >= 0 && room <= (size_t)size; room++)
            CHECK_EQ(bide__parameter_extended(&p, out, room), -1);
    }
}

static const char *named(const char *header)
{
    static char out[DISPOSITION_NAME_SIZE];
    return bide__disposition_filename(text_from(header), out) < 0 ? NULL : out;
}

TEST(the_name_of_a_download_is_found)
{
    CHECK_STR(named("attachment; filename=a.txt"), "a.txt");
    CHECK_STR(named("attachment; filename=\"a \\\"b\\\".txt\""), "a \"b\".txt");
    CHECK_STR(named("Attachment; FileName=plain.txt; filename*=UTF-8''%e2%82%ac.txt"),
              "\xe2\x82\xac.txt");
    CHECK_STR(named("attachment; filename*=UTF-8''%e2%82%ac.txt; filename=plain.txt"),
              "\xe2\x82\xac.txt");
    CHECK_STR(named("attachment; filename*=broken; filename=plain.txt"), "plain.txt");
    CHECK_STR(named("attachment; filename=my file.txt"), "my file.txt");
    CHECK_STR(named("attachment"), NULL);
    CHECK_STR(named("attachment; filename="), NULL);
    CHECK(bide__disposition_is(text_from("Attachment; x"), "attachment"));
    CHECK(!bide__disposition_is(text_from("attachments"), "attachment"));
}

TEST(the_name_of_a_download_is_harmless)
{
    static const struct { const char *sent, *is; } cases[] = {
        { "\"/etc/passwd\"", "passwd" }, { "\"..\\\\..\\\\x.exe\"", "x.exe" },
        { "\"../../.bashrc\"", "bashrc" }, { "\"...\"", NULL }, { "\"..\"", NULL },
        { "\"x/\"", NULL }, { "\" . .a . \"", "a" }, { "\"a\tb\"", "ab" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char header[100] = "attachment; filename=";
        CHECK_STR(named(strcat(header, cases[i].sent)), cases[i].is);
    }
    CHECK_STR(named("x; filename*=UTF-8''..%2f..%2fa%5Cb%0d%0ac%1b.d"), "bc.d");
    char longest[600] = "x; filename=";
    memset(longest + 12, 'a', 254);
    strcpy(longest + 12 + 254, "\xc3\xa4z");
    CHECK_EQ(strlen(named(longest)), 254);
    memset(longest + 12, 'a', 253);
    strcpy(longest + 12 + 253, "\xc3\xa4z");
    CHECK_EQ(strlen(named(longest)), 255);
}

TEST(who_sends_parts_says_so)
{
    CHECK(bide__accepts_ranges(text_from("x, BYTES")) && !bide__accepts_ranges(text_from("none")));
    CHECK(!bide__accepts_ranges(text_from("")) && !bide__accepts_ranges(text_from("bytesx,")));
}

TEST(keep_alive_is_read)
{
    struct keep_alive k;
    bide__keep_alive_read(text_from("timeout=5, max=100"), &k);
    CHECK(k.has_timeout && k.timeout == 5 && k.has_max && k.max == 100);
    bide__keep_alive_read(text_from("Timeout = 7 ; x , foo, max=abc,=,"), &k);
    CHECK(k.has_timeout && k.timeout == 7 && !k.has_max);
    bide__keep_alive_read(text_from("timeout=99999999999999999999999"), &k);
    CHECK(!k.has_timeout);
    bide__keep_alive_read(text_from(""), &k);
    CHECK(!k.has_timeout && !k.has_max);
}
