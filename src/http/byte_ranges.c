/* Reading strictly: what is doubtful is not heeded, since the whole is a right answer as well. */
#include "http/byte_ranges.h"

#include "http/parameters.h"

#include <string.h>

enum kind { WRONG, NOWHERE, SOMEWHERE };

/* Digits, as far as they go; a number beyond 64 bits is as good as the highest. */
static bool read_number(struct reader *r, uint64_t *number)
{
    const char *start = r->at;
    r->at = bide__chars_skip(start, r->end, CHAR_DIGIT);
    if (!bide__text_number(text_of(start, (size_t)(r->at - start)), number))
        *number = UINT64_MAX;
    return r->at > start;
}

/* "5-9", "5-", "-5". */
static enum kind read_range(struct reader *r, uint64_t size, struct byte_range *range)
{
    uint64_t first, last;
    bool begins = read_number(r, &first);
    if (!bide__read_char(r, '-'))
        return WRONG;
    bool ends = read_number(r, &last);
    if ((!begins && !ends) || (begins && ends && last < first))
        return WRONG;
    if (!begins) {              /* so many from the end */
        if (last == 0 || size == 0)
            return NOWHERE;
        *range = (struct byte_range){ last < size ? size - last : 0, size - 1 };
        return SOMEWHERE;
    }
    if (first >= size)
        return NOWHERE;
    *range = (struct byte_range){ first, ends && last < size ? last : size - 1 };
    return SOMEWHERE;
}

static bool is_near(const struct byte_range *a, const struct byte_range *b)
{
    return a->first <= b->last + BYTE_RANGES_GAP && b->first <= a->last + BYTE_RANGES_GAP;
}

/* Takes the parts that touch this one out of the list and into it. */
static bool join(struct byte_range *ranges, unsigned *count, struct byte_range *range)
{
    bool joined = false;
    for (unsigned i = 0; i < *count;) {
        if (!is_near(&ranges[i], range)) {
            i++;
            continue;
        }
        range->first = range->first < ranges[i].first ? range->first : ranges[i].first;
        range->last = range->last > ranges[i].last ? range->last : ranges[i].last;
        memmove(&ranges[i], &ranges[i + 1], (--*count - i) * sizeof *ranges);
        joined = true;
        i = 0;                  /* it is longer now: look at all of them again */
    }
    return joined;
}

static void sort(struct byte_range *ranges, unsigned count)
{
    for (unsigned i = 1; i < count; i++) {
        struct byte_range one = ranges[i];
        unsigned to = i;
        for (; to > 0 && ranges[to - 1].first > one.first; to--)
            ranges[to] = ranges[to - 1];
        ranges[to] = one;
    }
}

/* The unit and its '='. */
static bool read_unit(struct reader *r)
{
    return bide__text_is_caseless(bide__read_token(r), "bytes") && bide__read_char(r, '=');
}

int bide__byte_ranges_read(struct text value, uint64_t size,
                           struct byte_range ranges[BYTE_RANGES_MAX])
{
    struct reader r = reader_of(value);
    struct byte_range range;
    unsigned count = 0, elements = 0;
    bool joined = false;
    if (!value.at || !read_unit(&r))
        return 0;
    for (;;) {
        bide__read_space(&r);
        if (bide__read_char(&r, ','))
            continue;
        if (r.at == r.end)
            break;
        enum kind kind = read_range(&r, size, &range);
        bide__read_space(&r);
        if (kind == WRONG || (r.at < r.end && *r.at != ','))
            return 0;
        elements++;
        if (kind == NOWHERE)
            continue;
        joined |= join(ranges, &count, &range);
        if (count == BYTE_RANGES_MAX)
            return 0;
        ranges[count++] = range;
    }
    if (joined)
        sort(ranges, count);
    return count > 0 ? (int)count : elements > 0 ? -1 : 0;
}
