/* robots.txt: any file is read, and answers for any path.  The input is a file; what stands in it
 * behind a '/' is a path, too.  A rule that is the path itself decides for it, if it is alone. */
#include "fuzz.h"

#include "cli/robots.h"

#include <string.h>

/* The file itself, asked for each path in it. */
static void ask(const char *text, size_t size)
{
    struct robots robots;
    MUST(robots_read(&robots, text, size, "bide") == 0);
    MUST(robots.delay >= 0 && robots.text_size <= 3 * size);
    for (size_t i = 0; i < robots.count; i++)
        MUST(robots.rules[i].at + robots.rules[i].size <= robots.text_size);
    for (size_t i = 0, asked = 0; i < size && asked < 50; i++) {
        if (text[i] != '/')
            continue;
        const char *end = memchr(text + i, '\n', size - i);
        size_t length = end ? (size_t)(end - text) - i : size - i;
        asked++;
        bool once = robots_allow(&robots, text + i, length);
        MUST(robots_allow(&robots, text + i, length) == once);
        MUST(robots.count > 0 || once);
    }
    MUST(robots_allow(&robots, "/robots.txt", 11));
    robots_free(&robots);
    MUST(robots_allow(&robots, "/", 1));
}

/* A file that forbids just this path, written plainly. */
static void forbid(const char *path, size_t size)
{
    static const char start[] = "User-agent: *\nDisallow: /";
    for (size_t i = 0; i < size; i++)
        if (path[i] <= ' ' || strchr("#$*%", path[i]) || path[i] == 0x7f)
            return;
    char *file = malloc(sizeof start + size);
    struct robots robots;
    MUST(file);
    memcpy(file, start, sizeof start - 1);
    memcpy(file + sizeof start - 1, path, size);
    MUST(robots_read(&robots, file, sizeof start - 1 + size, "bide") == 0);
    bool itself = size == 10 && memcmp(path, "robots.txt", 10) == 0;
    MUST(robots_allow(&robots, file + sizeof start - 2, size + 1) == itself);
    robots_free(&robots);
    free(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ask((const char *)data, size);
    forbid((const char *)data, size < 200 ? size : 200);
    return 0;
}
