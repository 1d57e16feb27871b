/* URLs: what parses parses again to the same; whatever is made normal, or joined, is accepted by
 * the strict reader, has only legal bytes, and stays as it is. */
#include "fuzz.h"

#include "http/url.h"

#include <string.h>

enum { ROOM = 3 * (URL_SIZE_MAX + 1) + 2 * URL_ORIGIN_SIZE };

static const char page[] = "https://u:p@a.example:444/b/c/d;p?q";

static bool same(struct text one, struct text other)
{
    return one.size == other.size && (one.size == 0 || memcmp(one.at, other.at, one.size) == 0);
}

static void check_legal(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        MUST(text[i] > 0x20 && text[i] < 0x7f && !strchr("\"<>\\^`{|}", text[i]));
    MUST(text[size] == '\0');
}

/* Makes text normal; the size, or < 0. */
static ssize_t resolve(char *out, const struct url *base, struct text text, int flags)
{
    struct writer w = { .at = out, .room = ROOM };
    const char *why = NULL;
    ssize_t size = bide__url_resolve(&w, base, text, flags, &why);
    MUST(size >= 0 || (why && w.size == 0 && w.code == 0));
    MUST(size < 0 || w.size == (size_t)size + 1);
    return size;
}

static void check_normal(const char *text, size_t size, struct url *url)
{
    static char again[ROOM];
    const char *why;
    check_legal(text, size);
    MUST(bide__url_parse(url, text, size, &why) == 0);
    MUST(resolve(again, NULL, text_of(text, size), 0) == (ssize_t)size);
    MUST(memcmp(again, text, size + 1) == 0);
}

/* A URL that is read strictly means the same when it is made normal. */
static void check_strict(const struct url *url, const char *text, size_t size)
{
    static char out[ROOM];
    struct url normal;
    const char *why = NULL;
    ssize_t length = resolve(out, NULL, text_of(text, size), 0);
    if (length < 0) {                           /* its path of "/" was one byte too many */
        MUST(size == URL_SIZE_MAX);
        return;
    }
    MUST(bide__url_parse(&normal, out, (size_t)length, &why) == 0);
    MUST(strcmp(normal.origin, url->origin) == 0);
    MUST(same(normal.user, url->user) && same(normal.password, url->password));
    MUST(same(normal.path, url->path) && same(normal.query, url->query));
    MUST(same(normal.fragment, url->fragment));
    MUST(!normal.query.at == !url->query.at && !normal.fragment.at == !url->fragment.at);
}

static void check_shown(const char *text, size_t size)
{
    char shown[URL_SHOWN_SIZE], *copy = malloc(size + 1);
    MUST(copy);
    memcpy(copy, text, size);
    copy[size] = '\0';
    bide__url_show(shown, copy);
    for (const char *at = shown; *at; at++)
        MUST((uint8_t)*at >= 0x20 && *at != 0x7f);
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char out[ROOM];
    struct url url, base;
    const char *why = NULL, *text = (const char *)data;
    int rc = bide__url_parse(&url, text, size, &why);
    MUST(rc == 0 || why);
    if (rc == 0)
        check_strict(&url, text, size);
    MUST(bide__url_parse(&base, page, sizeof page - 1, &why) == 0);
    for (int flags = 0; flags < 8; flags++) {
        ssize_t length = resolve(out, flags & 1 ? NULL : &base, text_of(text, size), flags);
        if (length < 0)
            continue;
        check_normal(out, (size_t)length, &url);
        MUST(!(flags & URL_DROP_USER && url.user.at));
        MUST(!(flags & URL_DROP_FRAGMENT && url.fragment.at));
    }
    check_shown(text, size);
    return 0;
}
