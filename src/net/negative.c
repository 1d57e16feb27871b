/* The smaller of the SOA record's own time and its field "minimum".  c-ares reads this record only
 * from the answer section, where it is not. */
#include "net/negative.h"
#include <stdbool.h>

enum { HEADER = 12, FIXED = 10, TYPE_SOA = 6, TAIL = 20 };
struct reader { const uint8_t *message; size_t size, at; };

static uint32_t number(const uint8_t *at, int bytes)
{
    uint32_t value = 0;
    while (bytes--)
        value = value << 8 | *at++;
    return value;
}

/* Passes over a name, which may end in a pointer. */
static bool skip_name(struct reader *r)
{
    while (r->at < r->size) {
        uint8_t length = r->message[r->at++];
        if (length >= 0xc0)
            return ++r->at <= r->size;
        if (length == 0)
            return true;
        r->at += length;
    }
    return false;
}

static bool skip_question(struct reader *r)
{
    if (!skip_name(r))
        return false;
    r->at += 4;
    return r->at <= r->size;
}

/* Passes over a record: its data's size, or -1; *ttl is set for a SOA record, type for all. */
static long skip_record(struct reader *r, uint32_t *type, uint32_t *ttl)
{
    if (!skip_name(r) || r->size - r->at < FIXED)
        return -1;
    const uint8_t *fixed = r->message + r->at;
    size_t data = number(fixed + 8, 2);
    r->at += FIXED;
    if (r->size - r->at < data)
        return -1;
    *type = number(fixed, 2);
    *ttl = number(fixed + 4, 4);
    r->at += data;
    return (long)data;
}

static uint32_t soa_ttl(const struct reader *r, long data, uint32_t ttl)
{
    if (data < TAIL + 2)
        return 0;
    uint32_t minimum = number(r->message + r->at - 4, 4);
    uint32_t seconds = ttl < minimum ? ttl : minimum;
    return seconds > INT32_MAX ? 0 : seconds;   /* RFC 2181, section 8 */
}

uint32_t bide__negative_ttl(const uint8_t *message, size_t size)
{
    struct reader r = { message, size, HEADER };
    if (size < HEADER)
        return 0;
    for (uint32_t left = number(message + 4, 2); left; left--)
        if (!skip_question(&r))
            return 0;
    uint32_t answers = number(message + 6, 2), left = answers + number(message + 8, 2);
    for (uint32_t i = 0, type, ttl; i < left; i++) {
        long data = skip_record(&r, &type, &ttl);
        if (data < 0)
            return 0;
        if (i >= answers && type == TYPE_SOA)
            return soa_ttl(&r, data, ttl);
    }
    return 0;
}
