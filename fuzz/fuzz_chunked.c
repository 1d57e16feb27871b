/* Chunks: the same body, the same trailers and the same verdict however the bytes are cut; payload
 * lies inside the input, trailers are whole lines.  Byte 0 chooses the cuts. */
#include "fuzz.h"

#include "http/chunked.h"

#include <string.h>

struct result {
    ssize_t rc;
    size_t taken, payload;
    uint32_t sum;
    bool done;
};

static struct result decode(const char *text, size_t size, size_t step)
{
    struct chunked chunked = { .keep_trailers = true };
    struct result result = { 0 };
    while (result.taken < size && !chunked.done) {
        size_t piece = size - result.taken < step ? size - result.taken : step;
        struct text payload;
        result.rc = bide__chunked_take(&chunked, text + result.taken, piece, &payload);
        if (result.rc < 0) {
            MUST(chunked.why && !chunked.done);
            break;
        }
        MUST(result.rc > 0 && (size_t)result.rc <= piece);
        MUST(payload.size == 0 || (payload.at >= text + result.taken &&
             payload.at + payload.size <= text + result.taken + result.rc));
        for (size_t i = 0; i < payload.size; i++)
            result.sum = result.sum * 31 + (uint8_t)payload.at[i];
        result.payload += payload.size;
        result.taken += (size_t)result.rc;
        result.rc = 0;
    }
    result.done = chunked.done;
    for (size_t i = 0; i < chunked.kept; i++) {
        const char *line = chunked.trailers;
        MUST(line[i] != '\0' && (line[i] != '\n' || (i > 0 && line[i - 1] == '\r')));
        result.sum = result.sum * 31 + (uint8_t)line[i];
    }
    MUST(!chunked.done || chunked.kept == 0 || chunked.trailers[chunked.kept - 1] == '\n');
    bide__chunked_end(&chunked);
    return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    const char *text = (const char *)data + 1;
    struct result whole = decode(text, size - 1, SIZE_MAX);
    struct result parts = decode(text, size - 1, (size_t)data[0] + 1);
    MUST(whole.rc == parts.rc && whole.done == parts.done);
    MUST(whole.payload == parts.payload && whole.sum == parts.sum);
    MUST(whole.rc < 0 || whole.taken == parts.taken);
    return 0;
}
