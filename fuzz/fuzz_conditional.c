/* What a client asks about a file: tags, dates, ranges, codings.  Whatever the bytes, parts lie
 * within the whole and apart from each other, and a quality is one. */
#include "fuzz.h"

#include "http/accept.h"
#include "http/byte_ranges.h"
#include "http/conditional.h"

#include <string.h>

static void check_ranges(struct text value, uint64_t size)
{
    struct byte_range ranges[BYTE_RANGES_MAX];
    int count = bide__byte_ranges_read(value, size, ranges);
    MUST(count >= -1 && count <= BYTE_RANGES_MAX);
    uint64_t sum = 0;
    for (int i = 0; i < count; i++) {
        MUST(ranges[i].first <= ranges[i].last && ranges[i].last < size);
        for (int j = 0; j < i; j++)
            MUST(ranges[i].first > ranges[j].last + BYTE_RANGES_GAP ||
                 ranges[j].first > ranges[i].last + BYTE_RANGES_GAP);
        sum += ranges[i].last - ranges[i].first + 1;
    }
    MUST(sum <= size);
}

static void check_accept(struct text value)
{
    static const char *const codings[] = { "zstd", "br", "gzip" };
    int chosen = bide__accept_coding(value, codings, 3);
    MUST(chosen >= ACCEPT_IDENTITY && chosen < 3);
    MUST(chosen < 0 || bide__accept_coding_quality(value, codings[chosen]) > 0);
    MUST(bide__accept_type(value, "text/html") <= QUALITY_MOST);
}

static void check_conditions(const char *text, size_t size)
{
    static struct head head;
    struct validators is = { { text_of("\"a\"", 3), false }, 784111777, 784111800 };
    bide__head_start(&head, HEAD_REQUEST, NULL);
    if (bide__head_parse(&head, text, size) <= 0)
        return;
    int status = bide__conditions_judge(&head, text, &is);
    MUST(status == 0 || status == 304 || status == 412);
    bide__if_range_holds(&head, text, &is);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text all = text_of((const char *)data, size);
    struct etag etag = bide__etag_of(all);
    MUST(etag.opaque.size <= size);
    MUST(etag.opaque.size == 0 || bide__etag_is_in(&etag, all, true));
    check_ranges(all, 0);
    check_ranges(all, 1000);
    check_ranges(all, INT64_MAX);
    check_accept(all);
    check_conditions(all.at, size);
    return 0;
}
