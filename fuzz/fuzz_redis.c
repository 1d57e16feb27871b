/* Replies of Redis: the same ones however the bytes are cut, and none larger than allowed.  Byte 0
 * chooses the cuts. */
#include "fuzz.h"

#include "redis/decoder.h"

#include <string.h>

enum { LARGE = 1 << 24, SMALL = 200 };

struct result {
    int rc;
    size_t count;
    uint32_t sum;
};

static void add(struct result *r, const void *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        r->sum = r->sum * 31 + ((const uint8_t *)bytes)[i];
    r->sum = r->sum * 31 + 257;
}

/* Looks at all of it; how much memory it says it takes. */
static size_t look(struct result *r, const bide_redis_reply *reply)
{
    enum bide_redis_type type = bide_redis_type(reply);
    size_t size = bide_redis_size(reply), count = bide_redis_count(reply);
    const char *text = bide_redis_text(reply);
    int64_t number = bide_redis_int(reply, -1);
    MUST(type <= BIDE_REDIS_PUSH && (!text || text[size] == '\0'));
    MUST(!text || type == BIDE_REDIS_TEXT || type == BIDE_REDIS_STATUS || type == BIDE_REDIS_ERROR);
    MUST(type != BIDE_REDIS_MAP || count % 2 == 0);
    add(r, &type, sizeof type);
    add(r, &number, sizeof number);
    if (text)
        add(r, text, size);
    bide_redis_bool(reply);
    bide_redis_field(reply, "k");
    size_t taken = text ? size + 1 : count * sizeof(bide_redis_reply);
    for (size_t i = 0; i < count; i++)
        taken += look(r, bide_redis_at(reply, i));
    MUST(!bide_redis_at(reply, count));
    return taken;
}

static int take_all(struct decoder *d, struct result *r, size_t most)
{
    bide_redis_reply *reply = NULL;
    int rc;
    while ((rc = bide__decoder_next(d, &reply)) == 1) {
        MUST(look(r, reply) <= most);
        bide_redis_reply_free(reply);
        r->count++;
    }
    return rc;
}

static struct result decode(const char *text, size_t size, size_t step, size_t most)
{
    struct decoder d;
    struct result r = { 0 };
    MUST(bide__decoder_open(&d, most) == 0);
    for (size_t used = 0; r.rc == 0 && used < size; used += step) {
        size_t piece = size - used < step ? size - used : step;
        r.rc = bide__decoder_feed(&d, text + used, piece);
        if (r.rc == 0)
            r.rc = take_all(&d, &r, most);
    }
    MUST(r.rc <= 0);
    bide__decoder_close(&d);
    return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    const char *text = (const char *)data + 1;
    size_t step = (size_t)data[0] % 40 + 1;
    struct result whole = decode(text, size - 1, size - 1, LARGE);
    struct result parts = decode(text, size - 1, step, LARGE);
    MUST(whole.rc == parts.rc && whole.count == parts.count && whole.sum == parts.sum);
    decode(text, size - 1, step, SMALL);
    return 0;
}
