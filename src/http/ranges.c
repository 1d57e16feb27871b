/* The reading. */
#include "http/ranges.h"

#include "http/parameters.h"


static bool read_number(struct reader *r, uint64_t *number)
{
    const char *start = r->at;
    r->at = bide__chars_skip(start, r->end, CHAR_DIGIT);
    return bide__text_number(text_of(start, (size_t)(r->at - start)), number);
}

bool bide__accepts_ranges(struct text value)
{
    struct reader r = reader_of(value);
    while (r.at < r.end) {
        bide__read_space(&r);
        if (bide__text_is_caseless(bide__read_token(&r), "bytes"))
            return true;
        while (r.at < r.end && !bide__read_char(&r, ','))
            r.at++;
    }
    return false;
}

static void take(struct keep_alive *keep, struct text name, uint64_t number)
{
    if (bide__text_is_caseless(name, "timeout")) {
        keep->has_timeout = true;
        keep->timeout = number;
    } else if (bide__text_is_caseless(name, "max")) {
        keep->has_max = true;
        keep->max = number;
    }
}

void bide__keep_alive_read(struct text value, struct keep_alive *keep)
{
    struct reader r = reader_of(value);
    *keep = (struct keep_alive){ .has_timeout = false };
    while (r.at < r.end) {
        uint64_t number;
        bide__read_space(&r);
        struct text name = bide__read_token(&r);
        bide__read_space(&r);
        if (bide__read_char(&r, '=')) {
            bide__read_space(&r);
            if (read_number(&r, &number))
                take(keep, name, number);
        }
        while (r.at < r.end && !bide__read_char(&r, ','))
            r.at++;
    }
}
