/* Writing: escapes, numbers, indentation, limits; and that reading it back gives the same. */
#include "test.h"

#include "base/random.h"

#include <bide/json.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *write_real(double real)
{
    bide_auto(json) out = bide_json_new_array();
    bide_json_add(out, bide_value(real));
    char *text = bide_json_write(out, NULL);
    CHECK(text != NULL);
    return text;
}

TEST(reals_are_written_in_the_fewest_digits)
{
    static const struct { double real; const char *text; } cases[] = {
        { 0.1, "[0.1]" }, { 0.1 + 0.2, "[0.30000000000000004]" }, { 1.0, "[1.0]" },
        { -0.0, "[-0.0]" },
        { 1e100, "[1e+100]" }, { 5e-324, "[5e-324]" }, { 123456.789, "[123456.789]" },
        { 1.7976931348623157e308, "[1.7976931348623157e+308]" }, { 100.0, "[100.0]" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *text = write_real(cases[i].real);
        CHECK_STR(text, cases[i].text);
        bide_json_text_free(text);
    }
}

TEST(any_double_is_read_back_as_it_was)
{
    uint64_t random = 3;
    for (int i = 0; i < (test_is_slow() ? 2000 : 100000); i++) {
        uint64_t bits = bide__random(&random);
        double real, again = 0;
        memcpy(&real, &bits, sizeof real);
        if (!isfinite(real))
            continue;
        char *text = write_real(real);
        bide_auto(json) j = bide_json_parse(text, strlen(text));
        CHECK_EQ(bide_json_type(bide_json_at(j, "0")), BIDE_JSON_REAL);
        CHECK_EQ(bide_json_get(j, "0", &again), 0);
        CHECK_MEM(&again, &real, sizeof real);
        bide_json_text_free(text);
    }
}

TEST(the_locale_changes_nothing)
{
    if (!setlocale(LC_ALL, "de_DE.UTF-8") && !setlocale(LC_ALL, "C.UTF-8"))
        return;
    char *text = write_real(0.12345678901234567);
    CHECK_STR(text, "[0.12345678901234566]");
    bide_json_text_free(text);
}

TEST(texts_are_escaped_where_they_must_be)
{
    bide_auto(json) out = bide_json_new_array();
    char all[128];
    for (int i = 0; i < 128; i++)
        all[i] = (char)i;
    bide_json_add(out, bide_value_sized(all, sizeof all));
    char *text = bide_json_write(out, NULL);
    CHECK_STR(text, "[\"\\u0000\\u0001\\u0002\\u0003\\u0004\\u0005\\u0006\\u0007"
              "\\b\\t\\n\\u000b\\f\\r"
              "\\u000e\\u000f\\u0010\\u0011\\u0012\\u0013\\u0014\\u0015\\u0016\\u0017\\u0018\\u0019"
              "\\u001a\\u001b\\u001c\\u001d\\u001e\\u001f !\\\"#$%&'()*+,-./0123456789:;<=>?@"
              "ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\\\]^_`abcdefghijklmnopqrstuvwxyz{|}~\x7f\"]");
    bide_json_text_free(text);
}

TEST(an_indented_document_has_a_value_on_each_line)
{
    static const char source[] = "{\"a\":[1,{\"b\":[]},[[2]]],\"c\":{}}";
    bide_auto(json) j = bide_json_parse(source, sizeof source - 1);
    size_t size;
    char *text = bide_json_write(j, &size, .indent = 2);
    CHECK_STR(text, "{\n  \"a\": [\n    1,\n    {\n      \"b\": []\n    },\n    [\n      [\n"
              "        2\n      ]\n    ]\n  ],\n  \"c\": {}\n}");
    bide_json_text_free(text);
    text = bide_json_write(bide_json_at(j, "a.1"), NULL);
    CHECK_STR(text, "{\"b\":[]}");
    bide_json_text_free(text);
}

TEST(the_size_has_a_limit)
{
    static const char source[] = "[\"a long text, longer than the limit\", 1, 2, 3]";
    bide_auto(json) j = bide_json_parse(source, sizeof source - 1);
    size_t size;
    char *text = bide_json_write(j, &size);
    bide_json_text_free(text);
    for (size_t max = 1; max < size; max++) {
        CHECK(bide_json_write(j, NULL, .size_max = max) == NULL);
        CHECK_EQ(bide_errcode(), BIDE_ELIMIT);
    }
    text = bide_json_write(j, NULL, .size_max = size);
    CHECK(text != NULL);
    bide_json_text_free(text);
}

/* ---- random documents ---- */

static struct bide_value draw_value(uint64_t *random, char *memory)
{
    static const char *const pieces[] = { "a", "\"", "\\", "\n", "\xc3\xa9",
    "\xf0\x9f\x98\x80", "sixteen bytes.. " };
    switch (bide__random(random) % 6) {
    case 0:
        return BIDE_NULL;
    case 1:
        return bide_value((bool)(bide__random(random) & 1));
    case 2:
        return bide_value((int64_t)bide__random(random) >> bide__random(random) % 64);
    case 3:
        return bide_value(bide__random(random));
    case 4:
        return bide_value((double)(int64_t)bide__random(random) / 1e5);
    default:
        *memory = '\0';
        for (uint64_t n = bide__random(random) % 8; n > 0; n--)
            strcat(memory, pieces[bide__random(random) % 7]);
        return bide_value(memory);
    }
}

static void fill(bide_json *j, bool is_object, uint64_t *random, int depth)
{
    char name[200], text[200] = "";
    for (uint64_t n = bide__random(random) % 12; n > 0; n--) {
        draw_value(random, text);
        snprintf(name, sizeof name, "%d %.150s", (int)n, text);
        const char *as = is_object ? name : NULL;
        uint64_t kind = bide__random(random) % 8;
        if (depth < 6 && kind == 0)
            fill(bide_json_object(j, as), true, random, depth + 1);
        else if (depth < 6 && kind == 1)
            fill(bide_json_array(j, as), false, random, depth + 1);
        else
            bide_json_set(j, as, draw_value(random, text));
    }
}

TEST(what_is_written_is_read_as_the_same)
{
    uint64_t random = 11;
    for (int i = 0; i < (test_is_slow() ? 100 : 2000); i++) {
        bide_auto(json) out = bide_json_new();
        fill(out, true, &random, 0);
        int indent = (int)(bide__random(&random) % 3);
        size_t size, again_size, copy_size;
        char *text = bide_json_write(out, &size, .indent = indent);
        CHECK(text != NULL);
        bide_auto(json) j = bide_json_parse(text, size);
        if (!j)
            test_fail(__FILE__, __LINE__, "%s in %s", bide_errmsg(), text);
        char *again = bide_json_write(j, &again_size, .indent = indent);
        CHECK_EQ(again_size, size);
        CHECK_MEM(again, text, size);
        bide_auto(json) copy = bide_json_new_array();
        bide_json_set_copy(copy, NULL, j);
        char *copied = bide_json_write(bide_json_at(copy, "0"), &copy_size, .indent = indent);
        CHECK_STR(copied, text);
        bide_json_text_free(text);
        bide_json_text_free(again);
        bide_json_text_free(copied);
    }
}
