/* Parsing, from inside. */
#ifndef JSON_PARSE_H
#define JSON_PARSE_H
#include "json/node.h"

/* Why a text is no JSON, and where. */
struct parse_error {
    int code;
    const char *why;            /* a static sentence */
    size_t offset;
};

/* The document of a text that lies in memory of its own with SCAN_SIZE bytes of 0 behind it; the
 * texts of the document will lie in it.  NULL: *error says why. */
struct document *bide__json_read(char *text, size_t size, size_t depth_max,
                                 struct parse_error *error);

#endif
