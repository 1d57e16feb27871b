/* printf to what bytes are written to: the text first, whole, so that it goes in one write. */
#ifndef IO_PRINT_H
#define IO_PRINT_H
#include <stdarg.h>
#include <stddef.h>

enum { PRINT_MAX = 65536, PRINT_SMALL = 1024 };
struct printed {
    char *text;                 /* `small`, or allocated */
    size_t size;
    char small[PRINT_SMALL];
};

/* Makes the text: 0, or < 0 with the error held. */
int bide__print(struct printed *p, const char *fmt, va_list args);
/* Gives back what it was made in; also after a failure. */
void bide__print_end(struct printed *p);

#endif
