/* Heads: the verdict does not depend on how the bytes were cut, every offset lies inside, and
 * where a head was taken its body's end can be told.  Byte 0 chooses the kind and the cuts. */
#include "fuzz.h"

#include "http/framing.h"
#include "http/head.h"

#include <string.h>

static void check_inside(const struct head *head)
{
    for (unsigned i = 0; i < head->count; i++) {
        const struct field *field = &head->fields[i];
        MUST(field->name + field->name_size < field->value);
        MUST(field->value + field->value_size + 2 <= head->size);
    }
    MUST(head->method + head->method_size <= head->size);
    MUST(head->target + head->target_size <= head->size);
    MUST(head->reason + head->reason_size <= head->size);
}

static void check_body(const struct head *head)
{
    struct framing framing;
    if (head->kind == HEAD_REQUEST)
        bide__framing_of_request(&framing, head);
    else if (bide__framing_of_response(&framing, head, METHOD_GET) < 0)
        MUST(framing.why);
    MUST(!(head->chunked && head->has_length));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct head whole, parts;
    static const struct head_limits limits = { 3000, 500, 20 };
    if (size < 1)
        return 0;
    enum head_kind kind = data[0] & 1 ? HEAD_RESPONSE : HEAD_REQUEST;
    size_t step = (size_t)(data[0] >> 1) + 1;
    const char *text = (const char *)data + 1;
    size--;
    bide__head_start(&whole, kind, &limits);
    bide__head_start(&parts, kind, &limits);
    int rc = bide__head_parse(&whole, text, size), last = 0;
    for (size_t upto = 0; last == 0; upto += step) {
        last = bide__head_parse(&parts, text, upto < size ? upto : size);
        if (upto >= size)
            break;
    }
    MUST(rc == last && whole.count == parts.count);
    MUST(rc >= 0 || (strcmp(whole.why, parts.why) == 0 && whole.answer == parts.answer));
    if (rc <= 0)
        return 0;
    MUST((size_t)rc <= size && whole.size == rc && whole.size == parts.size);
    MUST(memcmp(whole.fields, parts.fields, whole.count * sizeof *whole.fields) == 0);
    check_inside(&whole);
    check_body(&whole);
    return 0;
}
