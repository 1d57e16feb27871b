/* JSON: what is accepted is written as a text that reads as the same, also by way of a copy;
 * what is refused is refused with a place. */
#include "fuzz.h"

#include <bide/json.h>
#include <string.h>

static char *write_copy(const bide_json *j, size_t *size)
{
    bide_json *out = bide_json_new_array();
    bide_json_set_copy(out, NULL, j);
    char *text = bide_json_check(out) == 0 ? bide_json_write(bide_json_at(out, "0"), size) : NULL;
    bide_json_free(out);
    return text;
}

/* Touches every value. */
static size_t count_all(const bide_json *j, int depth)
{
    size_t count = 1;
    if (depth == 0)
        return count;
    for (const bide_json *item = NULL; (item = bide_json_next(j, item));) {
        const char *name = bide_json_name(item);
        count += count_all(item, depth - 1) + (name ? strlen(name) : 0);
    }
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bide_json *j = bide_json_parse((const char *)data, size);
    if (!j) {
        MUST(strncmp(bide_errmsg(), "line ", 5) == 0);
        return 0;
    }
    size_t once, twice, copied;
    char *first = bide_json_write(j, &once), *copy = write_copy(j, &copied);
    MUST(first && count_all(j, 50) > 0);
    bide_json *again = bide_json_parse(first, once);
    MUST(again);
    char *second = bide_json_write(again, &twice, .indent = data[0] % 4);
    MUST(second && (data[0] % 4 || (twice == once && memcmp(first, second, once) == 0)));
    MUST(!copy || copied <= once);      /* of members of the same name one is left */
    bide_json_text_free(first);
    bide_json_text_free(second);
    bide_json_text_free(copy);
    bide_json_free(j);
    bide_json_free(again);
    return 0;
}
