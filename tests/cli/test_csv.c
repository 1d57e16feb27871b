/* What cli/csv.c must hold: every row once, whatever it is cut into, and nothing twice. */
#include "cli/csv.c"
#include "cli/csv_guess.c"
#include "cli/csv_write.c"
#include "test.h"

#define ROW_FIELDS 8

/* The fields of a row, each in brackets; a quoted one in braces. */
static const char *read_row(const char *text, size_t size, bool last, struct csv_row *row)
{
    static char found[256];
    static struct csv_field fields[ROW_FIELDS];
    const struct csv_format f = { ',', '"' };
    row->fields = fields;
    row->room = ROW_FIELDS;
    enum csv_result result = csv_read(&f, text, size, last, row);
    if (result != CSV_ROW)
        return result == CSV_MORE ? "more" : row->why;
    char *at = found;
    for (size_t i = 0; i < row->count; i++) {
        *at++ = fields[i].quoted ? '{' : '[';
        at += csv_copy(&f, &fields[i], at);
        *at++ = fields[i].quoted ? '}' : ']';
    }
    *at = '\0';
    return found;
}

static const char *row_of(const char *text)
{
    struct csv_row row;
    return read_row(text, strlen(text), true, &row);
}

TEST(fields_are_those_of_the_rfc)
{
    CHECK_STR(row_of("a,b,c\r\nd"), "[a][b][c]");
    CHECK_STR(row_of("a,,\n"), "[a][][]");
    CHECK_STR(row_of("\"a,\"\"b\"\"\r\nc\",\"\"\n"), "{a,\"b\"\r\nc}{}");
    CHECK_STR(row_of("5\" pipe,a\rb"), "[5\" pipe][a]");
    CHECK_STR(row_of("a field of more than eight bytes,and another"),
               "[a field of more than eight bytes][and another]");
    CHECK_STR(row_of("\n"), "[]");
}

TEST(what_nobody_can_mean_costs_one_line)
{
    struct csv_row row;
    const char *text = "1,\"a\"b,c\n2,d\n";
    CHECK_STR(read_row(text, strlen(text), true, &row), "there is text behind a closing quote");
    CHECK_EQ(row.size, 9);
    CHECK_EQ(row.column, 1);
    text = "1,\"a\n2,b\n";
    CHECK_STR(read_row(text, strlen(text), true, &row), "a quoted field has no end");
    CHECK_EQ(row.size, 5);
    CHECK_EQ(row.lines, 1);
    CHECK_STR(row_of("1,2,3,4,5,6,7,8,9\n"), "too many fields");
}

TEST(a_row_that_is_cut_anywhere_waits_for_more)
{
    const char *text = "one,\"two \"\" and\nmore\",three\r\nnext\n";
    size_t whole = (size_t)(strstr(text, "next") - text);
    struct csv_row row;
    for (size_t size = 0; size < whole; size++)
        CHECK_STR(read_row(text, size, false, &row), "more");
    CHECK_STR(read_row(text, whole, false, &row), "[one]{two \" and\nmore}[three]");
    CHECK_EQ(row.size, whole);
    CHECK_EQ(row.lines, 2);
    CHECK_EQ(row.text_size, whole - 2);
}

TEST(the_separator_is_the_one_that_splits_alike)
{
    CHECK_EQ(csv_guess("a;b,c\nd;e\n", 10, '"'), ';');
    CHECK_EQ(csv_guess("a\tb\nc\td\n", 8, '"'), '\t');
    CHECK_EQ(csv_guess("a|b\n", 4, '"'), '|');
    CHECK_EQ(csv_guess("a\nb\n", 4, '"'), ',');
    CHECK_EQ(csv_guess("", 0, '"'), ',');
}

static const char *written(const char *text)
{
    static char room[64];
    const struct csv_format f = { ',', '"' };
    *csv_write(&f, room, text, strlen(text)) = '\0';
    return room;
}

TEST(what_is_written_is_quoted_where_it_must_be)
{
    CHECK_STR(written("plain"), "plain");
    CHECK_STR(written(""), "\"\"");
    CHECK_STR(written("a,b"), "\"a,b\"");
    CHECK_STR(written("a\"b\n"), "\"a\"\"b\n\"");
}
