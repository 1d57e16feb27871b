/* Multipart bodies: the same parts, payload and verdict however the bytes are cut.  Byte 0 chooses
 * the cuts. */
#include "fuzz.h"

#include "http/multipart_read.h"

#include <bide/http.h>

#include <string.h>

struct result {
    ssize_t rc;
    size_t parts, ends, payload;
    uint32_t sum;
};

static void add(struct result *r, const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        r->sum = r->sum * 31 + (uint8_t)text[i];
}

static void add_item(struct result *r, const struct multipart_reader *reader,
                     enum multipart_item item, struct text data)
{
    if (item == MULTIPART_HEAD) {
        MUST(r->parts == r->ends);
        r->parts++;
        for (const struct bide_pair *pair = reader->headers; pair->name; pair++) {
            add(r, pair->name, strlen(pair->name) + 1);
            add(r, pair->value, strlen(pair->value) + 1);
        }
    } else if (item == MULTIPART_DATA) {
        MUST(data.size > 0 && r->parts == r->ends + 1);
        add(r, data.at, data.size);
        r->payload += data.size;
    } else if (item == MULTIPART_PART_END) {
        MUST(r->parts == ++r->ends);
    }
}

static struct result read_all(const char *text, size_t size, size_t step)
{
    static const struct multipart_limits limits = { .head = 200, .count = 8, .parts = 20,
                                                    .preamble = 100 };
    struct multipart_reader reader;
    struct result r = { 0 };
    MUST(bide__multipart_read_start(&reader, text_of("B", 1), &limits) == 0);
    for (size_t used = 0; used < size; used += (size_t)r.rc) {
        enum multipart_item item;
        struct text data;
        size_t piece = size - used < step ? size - used : step;
        r.rc = bide__multipart_read_take(&reader, text + used, piece, &item, &data);
        if (r.rc < 0)
            break;
        MUST((size_t)r.rc <= piece && (item || (size_t)r.rc == piece));
        add_item(&r, &reader, item, data);
    }
    if (r.rc >= 0)
        r.rc = bide__multipart_read_last(&reader);
    MUST(r.rc == 0 ? r.parts == r.ends : reader.why != NULL);
    bide__multipart_read_end(&reader);
    return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    const char *text = (const char *)data + 1;
    struct result whole = read_all(text, size - 1, SIZE_MAX);
    struct result parts = read_all(text, size - 1, (size_t)data[0] % 40 + 1);
    MUST(whole.rc == parts.rc && whole.parts == parts.parts && whole.ends == parts.ends);
    MUST(whole.rc < 0 || (whole.payload == parts.payload && whole.sum == parts.sum));
    return 0;
}
