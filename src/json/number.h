/* Doubles and their text, both ways exact: what is written reads as the same double, in the fewest
 * digits that do so, whatever the locale.  By the C++ library where JSON is built with it
 * (number.cc), else by the C library (number.c), which is slower. */
#ifndef JSON_NUMBER_H
#define JSON_NUMBER_H

enum { REAL_TEXT_MAX = 32 };    /* bytes that one double may take */

#ifdef __cplusplus
extern "C" {
#endif

/* The nearest double of a JSON number that lies in [at, end), behind which a byte may be read;
 * infinite if there is none. */
double bide__real_read(const char *at, const char *end);
/* Writes a finite double; behind its last byte.  It always has a point or an exponent. */
char *bide__real_write(char *to, double real);

#ifdef __cplusplus
}
#endif

#endif
