/* COPY's text form, without a server. */
#include "pg/form.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the manual says, byte by byte. */
static size_t plainly(char *to, const char *bytes, size_t size)
{
    char *at = to;
    for (size_t i = 0; i < size; i++) {
        const char *mark = memchr("\\\n\r\t", bytes[i], 4);
        if (mark)
            *at++ = '\\';
        *at++ = mark ? "\\nrt"[mark - "\\\n\r\t"] : bytes[i];
    }
    return (size_t)(at - to);
}

/* In memory of just their size, so that a sanitizer sees what is touched beside it. */
static void check(const char *bytes, size_t size)
{
    char expected[256], *exact = malloc(size + 1), *room = malloc(PG_FORM_ROOM(size));
    CHECK(exact && room);
    exact = realloc(exact, size ? size : 1);
    memcpy(exact, bytes, size);
    size_t wanted = plainly(expected, bytes, size);
    char *end = bide__pg_form_text(room, exact, size);
    CHECK_EQ((size_t)(end - room), wanted);
    CHECK(memcmp(room, expected, wanted) == 0);
    free(exact);
    free(room);
}

TEST(every_byte_stands_for_itself_at_every_place)
{
    for (size_t size = 0; size <= 24; size++)
        for (size_t at = 0; at < size; at++)
            for (int c = 0; c < 256; c++) {
                char text[24];
                memset(text, 'x', sizeof text);
                text[at] = (char)c;
                check(text, size);
            }
}

TEST(texts_of_many_marks_are_as_the_manual_says)
{
    static const char some[] = "\\\n\r\tab\x7f\xff\x0b";
    unsigned dice = 1;
    for (int i = 0; i < 20000; i++) {
        char text[40];
        dice = dice * 1103515245 + 12345;
        size_t size = (dice >> 16) % sizeof text;
        for (size_t j = 0; j < size; j++) {
            dice = dice * 1103515245 + 12345;
            text[j] = some[(dice >> 16) % (sizeof some - 1)];
        }
        check(text, size);
    }
}

TEST(integers_are_their_digits)
{
    static const int64_t numbers[] = { 0, 7, -1, 10, 1234567890123, INT64_MAX, INT64_MIN };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        char text[PG_FORM_INT], expected[32];
        *bide__pg_form_int(text, numbers[i]) = '\0';
        snprintf(expected, sizeof expected, "%lld", (long long)numbers[i]);
        CHECK_STR(text, expected);
    }
}
