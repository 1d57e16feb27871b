/* cli/csv_write.c -- see csv_write.h. */
#include "cli/csv_write.h"
#include <string.h>

static bool needs_quotes(const struct csv_format *f, const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (text[i] == f->separator || text[i] == f->quote || text[i] == '\n' || text[i] == '\r')
            return true;
    return size == 0;
}

char *csv_write(const struct csv_format *f, char *at, const char *text, size_t size)
{
    if (!needs_quotes(f, text, size))
        return (char *)mempcpy(at, text, size);
    *at++ = f->quote;
    for (size_t i = 0; i < size; i++) {
        if (text[i] == f->quote)
            *at++ = f->quote;
        *at++ = text[i];
    }
    *at++ = f->quote;
    return at;
}
