/* Header fields: lines, names, values, and how many. */
#ifndef CONFORMANCE_FIELDS_H
#define CONFORMANCE_FIELDS_H
#include "case.h"

#define FIELD(line_) SENT("GET /a" H line_ "\r\n\r\n")

static const struct conformance fields[] = {
    /* ---- lines ---- */
    { "a header that ends in LF alone is refused", "9112 2.2", SENT("GET /a" H "X: y\n\r\n"),
      "400 close", "" },
    { "a head that ends in LF alone is refused", "9112 2.2", SENT("GET /a" H "X: y\r\n\n"),
      "400 close", "" },
    { "a head that ends in LF LF is refused", "9112 2.2", SENT("GET /a" H "X: y\n\n"),
      "400 close", "" },
    { "a folded header is refused", "9112 5.2", FIELD("X: y\r\n z"), "400 close", "" },
    { "a header folded with a tab is refused", "9112 5.2", FIELD("X: y\r\n\tz"), "400 close", "" },
    { "a header folded into an empty line is refused", "9112 5.2", FIELD("X: y\r\n "),
      "400 close", "" },
    { "a header folded right behind its colon is refused", "9112 5.2", FIELD("X:\r\n y"),
      "400 close", "" },
    { "a blank before the first header is refused", "9112 2.2",
      SENT("GET /a HTTP/1.1\r\n X: y\r\nHost: h\r\n\r\n"), "400 close", "" },
    { "a tab before the first header is refused", "9112 2.2",
      SENT("GET /a HTTP/1.1\r\n\tX: y\r\nHost: h\r\n\r\n"), "400 close", "" },
    { "a line of blanks before the first header is refused", "9112 2.2",
      SENT("GET /a HTTP/1.1\r\n \r\nHost: h\r\n\r\n"), "400 close", "" },
    { "a line of blanks does not end the head", "9112 2.2", SENT("GET /a" H " \r\n" NEXT),
      "400 close", "" },
    { "a line without a colon is refused", "9112 5", FIELD("X y"), "400 close", "" },
    { "a word without a colon is refused", "9112 5", FIELD("X"), "400 close", "" },
    { "a header ended by CR alone does not end", "9112 2.2", FIELD("X: y\rZ: z"), "400 close",
      "" },

    /* ---- names ---- */
    { "a name is any token", "9110 5.1", FIELD("!#$%&'*+-.^_`|~09azAZ: y"), "200 open", "GET /a" },
    { "a space before the colon is refused", "9112 5.1", FIELD("X : y"), "400 close", "" },
    { "a tab before the colon is refused", "9112 5.1", FIELD("X\t: y"), "400 close", "" },
    { "a header without a name is refused", "9112 5", FIELD(": y"), "400 close", "" },
    { "a name of two words is refused", "9110 5.1", FIELD("X Y: z"), "400 close", "" },
    { "a name with a separator in it is refused", "9110 5.1", FIELD("X(Y): z"), "400 close", "" },
    { "a name with a slash is refused", "9110 5.1", FIELD("X/Y: z"), "400 close", "" },
    { "a name in quotes is refused", "9110 5.1", FIELD("\"X\": y"), "400 close", "" },
    { "a name beyond ASCII is refused", "9110 5.1", FIELD("X\xc3\xa4: y"), "400 close", "" },
    { "a NUL in a name is refused", "9110 5.1", FIELD("X\0: y"), "400 close", "" },
    { "a CR in a name is refused", "9110 5.1", FIELD("X\r: y"), "400 close", "" },
    { "a DEL in a name is refused", "9110 5.1", FIELD("X\x7f: y"), "400 close", "" },
    { "a control character in a name is refused", "9110 5.1", FIELD("\x01X: y"), "400 close", "" },

    /* ---- values ---- */
    { "a value may be empty", "9110 5.5", FIELD("X:"), "200 open", "GET /a" },
    { "a value may be blanks alone", "9110 5.5", FIELD("X: \t "), "200 open", "GET /a" },
    { "a value may have blanks and tabs in it", "9110 5.5", FIELD("X: a \t b"), "200 open",
      "GET /a" },
    { "a value may have bytes beyond ASCII", "9110 5.5", FIELD("X: \x80\xff\xc3\xa4"), "200 open",
      "GET /a" },
    { "a value may have colons and quotes", "9110 5.5", FIELD("X: \"a:b\": c"), "200 open",
      "GET /a" },
    { "a CR in a value is refused", "9110 5.5", FIELD("X: a\rb"), "400 close", "" },
    { "a CR at a value's end is refused", "9110 5.5", FIELD("X: a\r"), "400 close", "" },
    { "an LF in a value is refused", "9110 5.5", FIELD("X: a\nb: c"), "400 close", "" },
    { "a NUL in a value is refused", "9110 5.5", FIELD("X: a\0b"), "400 close", "" },
    { "a NUL at a value's end is refused", "9110 5.5", FIELD("X: a\0"), "400 close", "" },
    { "a control character in a value is refused", "9110 5.5", FIELD("X: a\x01"), "400 close",
      "" },
    { "a backspace in a value is refused", "9110 5.5", FIELD("X: a\bb"), "400 close", "" },
    { "a vertical tab in a value is refused", "9110 5.5", FIELD("X: \va"), "400 close", "" },
    { "an escape in a value is refused", "9110 5.5", FIELD("X: \x1b[2J"), "400 close", "" },
    { "a DEL in a value is refused", "9110 5.5", FIELD("X: a\x7f"), "400 close", "" },

    /* ---- sizes ---- */
    { "a hundred headers are taken", "9110 5.4", SENT("GET /a" H), "200 open", "GET /a",
      .again = "X: y\r\n", .times = 99, .rest = "\r\n" },
    { "more than a hundred headers are too many", "6585 5", SENT("GET /a" H), "431 close", "",
      .again = "X: y\r\n", .times = 100, .rest = "\r\n" },
    { "headers without end are too many", "6585 5", SENT("GET /a" H), "431 close", "",
      .again = "X: y\r\n", .times = 2000, .rest = "" },
    { "a value of 30000 bytes is taken", "9110 5.4", SENT("GET /a" H "X: "), "200 open", "GET /a",
      .again = "y", .times = 30000, .rest = "\r\n\r\n" },
    { "a value of 40000 bytes is too large", "6585 5", SENT("GET /a" H "X: "), "431 close", "",
      .again = "y", .times = 40000, .rest = "\r\n\r\n" },
    { "a name without end is too large", "6585 5", SENT("GET /a" H), "431 close", "",
      .again = "X", .times = 40000, .rest = "" },
    { "many large headers are too large", "6585 5", SENT("GET /a" H), "431 close", "",
      .again = "X: 0123456789012345678901234567890123456789012345678901234567890123456789"
               "0123456789012345678901234567890123456789012345678901234567890123456789"
               "0123456789012345678901234567890123456789012345678901234567890123456789"
               "0123456789012345678901234567890123456789012345678901234567890123456789"
               "0123456789012345678901234567890123456789012345678901234567890123456789\r\n",
      .times = 98, .rest = "\r\n" },
};

#undef FIELD
#endif
