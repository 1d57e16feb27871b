/* Charsets: labels, marks, fallbacks, and what cannot be decoded. */
#include "test.h"

#include "base/memory.h"
#include "http/charset.h"

#include <bide/error.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TEST(the_charset_is_found_in_a_content_type)
{
    static const struct { const char *type, *charset; } cases[] = {
        { "text/html; charset=utf-8", "utf-8" }, { "text/html;charset=UTF-8", "UTF-8" },
        { "text/html; CharSet=\"latin1\"", "latin1" }, { "text/html ; charset = koi8-r ; x=y",
        "koi8-r" },
        { "text/html; a=\"charset=x; y\"; charset=z", "z" }, { "text/html; charset=\" a \"",
        "a" },
        { "text/html; a=\"\\\"\"; charset=b", "b" }, { "text/html; charset=; charset=c", "c" },
        { "text/html", NULL }, { "", NULL }, { "charset=utf-8", NULL },
        { "a/b; xcharset=c", NULL },
        { "a/b; charset", NULL }, { "a/b; charset=\"\"", NULL }, { ";charset=d", "d" },
        { "a/b;;;charset=e;", "e" }, { "a/b; x=\"unclosed; charset=f", NULL },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t size = strlen(cases[i].type);
        char *exact = malloc(size + 1), found[50];
        memcpy(exact, cases[i].type, size);
        struct text charset = bide__charset_of(text_of(exact, size));
        if (charset.at)
            snprintf(found, sizeof found, "%.*s", (int)charset.size, charset.at);
        CHECK_STR(charset.at ? found : NULL, cases[i].charset);
        free(exact);
    }
}

static void check(const char *body, size_t size, const char *label, const char *fallback,
                  const char *expected)
{
    char *exact = malloc(size ? size : 1), *memory, got[300];
    struct text text;
    memcpy(exact, body, size);
    int rc = bide__charset_decode(text_of(exact, size), text_of(label, label ? strlen(label) : 0),
                                  fallback, 1000, &text, &memory);
    if (rc < 0)
        test_fail(__FILE__, __LINE__, "%s: %d", label, rc);
    snprintf(got, sizeof got, "%.*s", (int)text.size, text.at);
    CHECK_STR(got, expected);
    CHECK(!memory || memory[text.size] == '\0');
    bide__free(memory);
    free(exact);
}

#define DECODES(body, label, fallback, expected) \
    check(body, sizeof body - 1, label, fallback, expected)

TEST(labels_decide_and_mean_what_browsers_mean)
{
    DECODES("caf\xe9 \x80", "latin1", NULL, "caf\xc3\xa9 \xe2\x82\xac");
    DECODES("caf\xe9 \x80", "ISO-8859-1", NULL, "caf\xc3\xa9 \xe2\x82\xac");
    DECODES("caf\xe9", "us-ascii", NULL, "caf\xc3\xa9");
    DECODES("\xa4", "iso-8859-15", NULL, "\xe2\x82\xac");
    DECODES("\xcd\xd0", "koi8-r", NULL, "\xd0\xbc\xd0\xbf");
    DECODES("\x82\xa0", "Shift_JIS", NULL, "\xe3\x81\x82");
    DECODES("\xc4\xe3", "gb2312", NULL, "\xe4\xbd\xa0");
    DECODES("\xb0\xa1", "euc-kr", NULL, "\xea\xb0\x80");
    DECODES("a\0b\0", "utf-16", NULL, "ab");
    DECODES("\0a\0b", "utf-16be", NULL, "ab");
    DECODES("caf\xc3\xa9", "utf8", NULL, "caf\xc3\xa9");
}

TEST(a_mark_is_stronger_than_a_label)
{
    DECODES("\xef\xbb\xbf" "caf\xc3\xa9", "latin1", NULL, "caf\xc3\xa9");
    DECODES("\xff\xfe" "a\0", "latin1", NULL, "a");
    DECODES("\xfe\xff" "\0a", NULL, NULL, "a");
    DECODES("\xef\xbb\xbf", NULL, NULL, "");
}

TEST(without_a_label_the_text_decides)
{
    DECODES("", NULL, NULL, "");
    DECODES("plain", NULL, NULL, "plain");
    DECODES("caf\xc3\xa9", NULL, NULL, "caf\xc3\xa9");
    DECODES("caf\xe9", NULL, NULL, "caf\xc3\xa9");
    DECODES("\xcd\xd0", NULL, "koi8-r", "\xd0\xbc\xd0\xbf");
    DECODES("caf\xe9", "no-such-charset", NULL, "caf\xc3\xa9");
    DECODES("caf\xe9", "UTF-8//IGNORE", NULL, "caf\xc3\xa9");
    DECODES("caf\xe9", "a label of more than forty characters, you see", NULL, "caf\xc3\xa9");
}

#define LOST "\xef\xbf\xbd"

/* ASCII is passed over in pieces of several sizes. */
TEST(what_is_no_utf8_is_found_wherever_it_stands)
{
    char body[151], expected[160];
    for (size_t at = 0; at < sizeof body; at++) {
        memset(body, 'x', sizeof body);
        body[at] = '\xff';
        snprintf(expected, sizeof expected, "%.*s\xef\xbf\xbd%.*s", (int)at, body,
                 (int)(sizeof body - at - 1), body + at + 1);
        check(body, sizeof body, "utf-8", NULL, expected);
        if (at > 0) {
            memcpy(body + at - 1, "\xce\xba", 2);
            snprintf(expected, sizeof expected, "%.*s", (int)sizeof body, body);
            check(body, sizeof body, NULL, NULL, expected);
        }
    }
}

TEST(what_cannot_be_decoded_is_replaced)
{
    DECODES("a\x80z", "utf-8", NULL, "a" LOST "z");
    DECODES("a\xe2\x82z", "utf-8", NULL, "a" LOST "z");
    DECODES("a\xf0\x9f\x98", "utf-8", NULL, "a" LOST);
    DECODES("\xed\xa0\x80", "utf-8", NULL, LOST LOST LOST);
    DECODES("\xc0\x80", "utf-8", NULL, LOST LOST);
    DECODES("\xf4\x90\x80\x80", "utf-8", NULL, LOST LOST LOST LOST);
    DECODES("a\xff\xff", "utf-8", NULL, "a" LOST LOST);
    DECODES("a\0\0\xdc" "b\0", "utf-16le", NULL, "a" LOST "b");
    DECODES("a\0b", "utf-16le", NULL, "a" LOST);
    DECODES("a\x82", "shift_jis", NULL, "a" LOST);
    DECODES("\xa4", "euc-jp", NULL, LOST);
}

TEST(the_result_has_a_limit)
{
    struct text text;
    char *memory;
    struct text none = text_of(NULL, 0), latin1 = text_of("latin1", 6), koi = text_of("koi8-r", 6);
    struct text body = text_of("\xe9\xe9\xe9\xe9", 4), plain = text_of("abcd", 4);
    CHECK_EQ(bide__charset_decode(body, latin1, NULL, 7, &text, &memory), BIDE_ELIMIT);
    CHECK_EQ(bide__charset_decode(body, koi, NULL, 7, &text, &memory), BIDE_ELIMIT);
    CHECK_EQ(bide__charset_decode(plain, none, NULL, 3, &text, &memory), BIDE_ELIMIT);
    CHECK_EQ(bide__charset_decode(body, none, "nobody's", 100, &text, &memory), BIDE_EINVAL);
    CHECK_EQ(bide__charset_decode(body, latin1, NULL, 8, &text, &memory), 0);
    CHECK_EQ(text.size, 8);
    bide__free(memory);
}

static int decode_some(void *unused)
{
    static char body[5000];
    struct text text;
    char *memory;
    (void)unused;
    memset(body, 0xe9, sizeof body);
    for (int i = 0; i < 2; i++) {
        struct text label = i ? text_of("koi8-r", 6) : text_of("latin1", 6);
        int rc = bide__charset_decode(text_of(body, sizeof body), label, NULL, SIZE_MAX, &text,
                                      &memory);
        if (rc < 0)
            return bide_fail(rc, "out of memory");
        CHECK_EQ(text.size, 2 * sizeof body);
        bide__free(memory);
    }
    return 0;
}

TEST(out_of_memory_is_an_error)
{
    if (bide_test_each_allocation(decode_some, NULL) < 0)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
}
