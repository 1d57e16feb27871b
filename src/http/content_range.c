/* Nothing is guessed here: a wrong byte range makes a file of two halves that do not belong
 * together. */
#include "http/content_range.h"

#include "http/date.h"

#include <string.h>

/* Seconds by which the clock of a server farm may be apart. */
enum { CLOCKS_APART = 60 };

/* Digits up to `end`, that lie within an int64_t. */
static bool read_number(struct text *text, char end, int64_t *number)
{
    const char *at = text->size ? memchr(text->at, end, text->size) : NULL;
    uint64_t value;
    if (!at || !bide__text_number(text_of(text->at, (size_t)(at - text->at)), &value) ||
        value > INT64_MAX)
        return false;
    *number = (int64_t)value;
    *text = text_of(at + 1, text->size - (size_t)(at + 1 - text->at));
    return true;
}

static bool read_total(struct text text, int64_t *total)
{
    uint64_t value;
    *total = -1;
    if (bide__text_is(text, "*"))
        return true;
    if (!bide__text_number(text, &value) || value > INT64_MAX)
        return false;
    *total = (int64_t)value;
    return true;
}

bool bide__content_range_read(struct text text, struct content_range *range)
{
    *range = (struct content_range){ -1, -1, -1 };
    if (text.size < 6 || !bide__text_is_caseless(text_of(text.at, 6), "bytes "))
        return false;
    text = text_of(text.at + 6, text.size - 6);
    if (text.size > 2 && text.at[0] == '*' && text.at[1] == '/')
        return read_total(text_of(text.at + 2, text.size - 2), &range->total) &&
               range->total >= 0;
    return read_number(&text, '-', &range->first) && read_number(&text, '/', &range->last) &&
           read_total(text, &range->total) && range->first <= range->last &&
           (range->total < 0 || range->last < range->total);
}

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
