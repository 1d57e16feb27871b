/* URLs: what parses parses again to the same, and a joined URL is never longer than it may be. */
#include "fuzz.h"

#include "http/url.h"

#include <string.h>

static void check_again(const struct url *url)
{
    char text[URL_ORIGIN_SIZE + 2 * URL_SIZE_MAX];
    struct url again;
    const char *why;
    int size = snprintf(text, sizeof text, "%s%.*s%s%.*s", url->origin, (int)url->path.size,
                        url->path.at, url->query.at ? "?" : "", (int)url->query.size,
                        url->query.at ? url->query.at : "");
    if (size > URL_SIZE_MAX)
        return;
    MUST(bide__url_parse(&again, text, (size_t)size, &why) == 0);
    MUST(strcmp(again.origin, url->origin) == 0);
    MUST(again.path.size == url->path.size && again.query.size == url->query.size);
    MUST(url_host_field(url).size <= url_host_field(&again).size);
}

/* The input is a reference on a fixed page, too. */
static void join(const char *text, size_t size)
{
    static const char page[] = "https://a.example:444/b/c/d;p?q";
    struct url base, joined;
    char *out = malloc(size + sizeof page);
    const char *why = NULL;
    MUST(out && bide__url_parse(&base, page, sizeof page - 1, &why) == 0);
    ssize_t length = bide__url_join(&base, text, size, out, size + sizeof page, &why);
    MUST(length >= 0 && out[length] == '\0');
    if (bide__url_parse(&joined, out, (size_t)length, &why) == 0)
        check_again(&joined);
    free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct url url;
    const char *why = NULL, *text = (const char *)data;
    int rc = bide__url_parse(&url, text, size, &why);
    MUST(rc == 0 || why);
    if (rc == 0)
        check_again(&url);
    join(text, size);
    return 0;
}
