/* What a client may ask for.  The kernel keeps names beneath the directory whatever they are
 * (web/file_root.h); here is refused what two readers could understand in two ways: encoded
 * slashes, backslashes, dots, empty names. */
#include "web/static.h"

#include <string.h>

/* %2f, %5c and %00, in any case. */
static bool has_hidden_code(struct text raw)
{
    for (size_t i = 0; i + 2 < raw.size; i++) {
        const char *code = raw.at + i;
        char digit = char_lower(code[2]);
        if (code[0] == '%' && ((code[1] == '2' && digit == 'f') ||
                               (code[1] == '5' && digit == 'c') ||
                               (code[1] == '0' && digit == '0')))
            return true;
    }
    return false;
}

static bool is_name(const char *name, size_t size, bool hidden)
{
    bool dots = size <= 2 && strspn(name, ".") >= size;
    return size > 0 && !dots && (hidden || name[0] != '.') && !memchr(name, '\\', size);
}

enum static_path bide__static_path_read(struct text raw, const char *path, bool hidden)
{
    if (has_hidden_code(raw) || strlen(path) > STATIC_PATH_MAX)
        return STATIC_NOWHERE;
    while (*path) {
        size_t size = strcspn(path, "/");
        if (!is_name(path, size, hidden))
            return STATIC_NOWHERE;
        path += size;
        if (*path == '\0')
            return STATIC_NAME;
        path++;
    }
    return STATIC_DIRECTORY;
}
