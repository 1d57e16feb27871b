/* Nothing is guessed here: a wrong proof makes a file of two halves that do not belong together. */
#include "http/if_range.h"

#include "http/date.h"

#include <string.h>

/* Seconds by which the clocks of a server farm may be apart. */
enum { CLOCKS_APART = 60 };

/* RFC 9110, 8.8.3: W/ marks a weak one. */
static bool is_strong(const char *etag)
{
    size_t size = strlen(etag);
    return size >= 2 && etag[0] == '"' && strchr(etag + 1, '"') == etag + size - 1;
}

const char *bide__if_range_of(const char *etag, const char *modified, const char *date)
{
    int64_t then, now;
    if (etag)
        return is_strong(etag) ? etag : NULL;
    if (!modified || !date || !bide__date_read(text_of(modified, strlen(modified)), &then) ||
        !bide__date_read(text_of(date, strlen(date)), &now))
        return NULL;
    return then <= now - CLOCKS_APART ? modified : NULL;
}
