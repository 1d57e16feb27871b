/* cli/ndjson.h -- writes JSON values at a pointer, fast.
 *
 * Each function writes at `at`, where the caller has made room, and returns the place
 * after; no allocation, no format strings.  Output is always valid UTF-8, whatever the
 * input. */
#ifndef CLI_NDJSON_H
#define CLI_NDJSON_H
#include <stddef.h>
#include <stdint.h>

/* The most bytes that a string of so many bytes becomes, quotes included. */
#define NDJSON_ROOM(size) (6 * (size) + 2)

/* Plain text, as it is. */
char *ndjson_text(char *at, const char *text);
/* A string in quotes.  Control characters and DEL are escaped (also U+0080 to U+009F,
 * which would command a terminal); every byte that is no part of valid UTF-8 becomes
 * U+FFFD. */
char *ndjson_string(char *at, const char *text, size_t size);
/* A whole number: at most 20 bytes. */
char *ndjson_number(char *at, uint64_t number);
/* Seconds with six decimals: at most 27 bytes.  Below 0 counts as 0. */
char *ndjson_seconds(char *at, double seconds);

#endif
