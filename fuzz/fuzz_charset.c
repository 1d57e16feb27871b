/* Charsets: whatever label and body, the result is valid UTF-8 within its limit.  The first line is
 * the Content-Type. */
#include "fuzz.h"

#include "base/memory.h"
#include "http/charset.h"

#include <bide/error.h>
#include <bide/json.h>
#include <string.h>

enum { LIMIT = 1 << 16 };

/* The builder of JSON takes valid UTF-8 only. */
static bool is_utf8(struct text text)
{
    bide_json *array = bide_json_new_array();
    bide_json_add(array, bide_value_sized(text.at ? text.at : "", text.size));
    bool valid = bide_json_check(array) == 0;
    bide_json_free(array);
    return valid;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *start = (const char *)data, *line = memchr(start, '\n', size);
    size_t head = line ? (size_t)(line - start) : 0;
    struct text type = text_of(start, head), label = bide__charset_of(type);
    struct text body = text_of(start + head, size - head), text;
    char *memory = NULL;
    MUST(!label.at || (label.at >= start && label.at + label.size <= start + head));
    int rc = bide__charset_decode(body, label, NULL, LIMIT, &text, &memory);
    MUST(rc == 0 || rc == BIDE_ELIMIT);
    MUST(rc < 0 || (text.size <= LIMIT && is_utf8(text)));
    if (rc == 0)
        bide__free(memory);
    return 0;
}
