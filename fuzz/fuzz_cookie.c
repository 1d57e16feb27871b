/* Cookies: the first line is a URL, each further one a Set-Cookie header from there; and all of it
 * is a cookie file.  Whatever comes, the jar keeps its limits and its order, what is sent is a
 * header, and a file that is written is read again to the same. */
#include "fuzz.h"

#include "http/cookie_date.h"
#include "http/cookie_text.h"

#include <string.h>

enum { NOW = 1767225600, COUNT_MAX = 6, DOMAIN_MAX = 4 };

static char first[1 << 20], second[1 << 20];

static size_t print(const bide_cookies *jar, char *out)
{
    struct writer w = { .at = out, .room = sizeof first };
    MUST(bide__cookies_print(jar, NOW, &w) >= 0 && w.code == 0);
    return w.size;
}

static void check_file(const bide_cookies *jar)
{
    bide_cookies *again = bide_cookies_new(.count_max = COUNT_MAX, .domain_max = DOMAIN_MAX);
    size_t line, size = print(jar, first);
    const char *why = NULL;
    MUST(again && bide__cookies_read(again, text_of(first, size), NOW, &line, &why) >= 0);
    MUST(print(again, second) == size && memcmp(first, second, size) == 0);
    bide_cookies_free(again);
}

static void check_jar(const bide_cookies *jar)
{
    size_t count = 0, secure = 0;
    uint64_t number = 0;
    for (struct cookie_link *at = jar->all.after; at != &jar->all; at = at->after) {
        const struct cookie *c = cookie_of(at, all);
        MUST(c->number > number && c->domain->count <= DOMAIN_MAX);
        MUST(bide__cookies_domain(jar, cookie_domain(c)) == c->domain);
        number = c->number;
        secure += c->secure;
        count++;
    }
    MUST(count == jar->count && count <= COUNT_MAX && secure == jar->secure_count);
}

static void check_sent(bide_cookies *jar, const struct url *url)
{
    struct writer w = { .at = first, .room = sizeof first };
    MUST(bide__cookies_write(jar, url, &w) == (w.size > 0));
    MUST(bide__chars_skip_field(first, first + w.size) == first + w.size);
    const struct cookie *before = NULL;
    for (const struct cookie *c = bide__cookies_choose(jar, url); c; before = c, c = c->sent)
        MUST(!before || before->path_size > c->path_size ||
             (before->path_size == c->path_size && before->number < c->number));
}

static struct text next_line(struct text *rest)
{
    const char *end = memchr(rest->at, '\n', rest->size);
    struct text line = text_of(rest->at, end ? (size_t)(end - rest->at) : rest->size);
    size_t gone = line.size + (end != NULL);
    *rest = text_of(rest->at + gone, rest->size - gone);
    return line;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text all = text_of((const char *)data, size), rest = all;
    struct url url;
    const char *why = NULL;
    int64_t seconds;
    size_t line;
    if (size == 0 || size > sizeof first / 2)
        return 0;
    if (bide__cookie_date(all, &seconds))
        MUST(seconds >= INT64_C(-11644473600) && seconds < INT64_C(253402300800));
    bide_cookies *jar = bide_cookies_new(.count_max = COUNT_MAX, .domain_max = DOMAIN_MAX);
    MUST(jar);
    if (bide__cookies_read(jar, all, NOW, &line, &why) < 0)
        MUST(why && line > 0 && jar->count == 0);
    check_jar(jar);
    check_file(jar);
    struct text where = next_line(&rest);
    if (bide__url_parse(&url, where.at, where.size, &why) == 0)
        while (rest.size > 0) {
            bide__cookies_learn(jar, &url, next_line(&rest));
            check_jar(jar);
            check_sent(jar, &url);
        }
    check_file(jar);
    bide_cookies_free(jar);
    return 0;
}
