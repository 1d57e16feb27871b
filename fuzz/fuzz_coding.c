/* Content codings: the same text and the same verdict however the bytes are cut, and never more
 * than the limits say.  Byte 0 chooses the coding, byte 1 the cuts. */
#include "fuzz.h"

#include "http/coding.h"

#include <string.h>

enum { SIZE_MAX_OUT = 1 << 20 };

struct result {
    int rc;
    const char *why;
    size_t size;
    uint32_t sum;
};

static struct result decode(const char *value, const char *in, size_t in_size, size_t step)
{
    struct coding_limits limits = { .size_max = SIZE_MAX_OUT };
    struct result result = { 0 };
    struct coding *coding;
    result.rc = bide__coding_open(&coding, text_of(value, strlen(value)), &limits, &result.why);
    while (result.rc == 0) {
        static char out[65536];
        size_t piece = in_size < step ? in_size : step, left = piece;
        size_t room = step < sizeof out ? step : sizeof out;
        result.rc = bide__coding_run(coding, &in, &left, out, &room, piece == in_size);
        MUST(left <= piece && room <= sizeof out);
        in_size -= piece - left;
        result.size += room;
        for (size_t i = 0; i < room; i++)
            result.sum = result.sum * 31 + (uint8_t)out[i];
    }
    MUST(result.rc < 0 || (in_size == 0 && result.size <= SIZE_MAX_OUT));
    MUST(result.size < 2 * SIZE_MAX_OUT);
    result.why = bide__coding_why(coding);
    MUST((result.rc < 0) == (result.why != NULL) || !coding);
    bide__coding_free(coding);
    return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const values[] = {
        "gzip", "deflate", "br", "zstd", "gzip, gzip", "deflate, br", "zstd, gzip", "identity",
    };
    if (size < 2)
        return 0;
    const char *value = values[data[0] % 8], *text = (const char *)data + 2;
    struct result whole = decode(value, text, size - 2, SIZE_MAX);
    struct result parts = decode(value, text, size - 2, (size_t)data[1] + 1);
    MUST((whole.rc == 1) == (parts.rc == 1));
    MUST(whole.rc != 1 || (whole.size == parts.size && whole.sum == parts.sum));
    return 0;
}
