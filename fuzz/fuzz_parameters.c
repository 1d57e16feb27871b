/* Parameters and what is made of them: links, names of downloads, ranges, Keep-Alive, the netrc.
 * Whatever the bytes, a name of a file is harmless, and every reader comes to an end. */
#include "fuzz.h"

#include "http/disposition.h"
#include "http/links.h"
#include "http/netrc.h"
#include "http/ranges.h"

#include <string.h>

static char out[1 << 16];

static void check_parameters(struct text all, const char *stops)
{
    struct reader r = reader_of(all);
    struct parameter p;
    const char *before = r.at;
    while (bide__read_parameter(&r, stops, &p) > 0) {
        MUST(r.at > before && r.at <= r.end && p.name.size > 0);
        ssize_t size = bide__parameter_text(&p, out, sizeof out);
        MUST(size >= 0 && (size_t)size <= p.value.size && out[size] == '\0');
        MUST(bide__parameter_extended(&p, out, 4) < 4);
        bide__parameter_extended(&p, out, sizeof out);
        before = r.at;
    }
}

static void check_links(struct text all)
{
    static const char page[] = "https://a.example/b?c";
    struct url base;
    struct reader r = reader_of(all);
    struct link link;
    const char *why = NULL, *before = r.at;
    MUST(bide__url_parse(&base, page, sizeof page - 1, &why) == 0);
    while (bide__link_next(&r, &link) > 0) {
        MUST(r.at > before && r.at <= r.end);
        bide__link_is(&link, "next");
        bide__link_text(&link, "title", out, sizeof out);
        bide__link_url(&link, &base, out, sizeof out, &why);
        before = r.at;
    }
}

static void check_name(struct text all)
{
    char name[DISPOSITION_NAME_SIZE];
    ssize_t size = bide__disposition_filename(all, name);
    if (size < 0)
        return;
    MUST(size > 0 && strlen(name) == (size_t)size && name[0] != '.' && name[0] != ' ');
    MUST(!strpbrk(name, "/\\\r\n\t\x1b\x7f"));
}

static void check_numbers(struct text all)
{
    struct keep_alive keep;
    bide__accepts_ranges(all);
    bide__keep_alive_read(all, &keep);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text all = text_of((const char *)data, size);
    struct netrc_login login;
    size_t line = 0;
    const char *why = NULL;
    if (size == 0 || size > sizeof out / 2)
        return 0;
    check_parameters(all, NULL);
    check_parameters(all, ";");
    check_parameters(all, ";,");
    check_links(all);
    check_name(all);
    check_numbers(all);
    int rc = bide__netrc_find(all, "a", NULL, &login, &line, &why);
    MUST(rc == 0 || rc == 1 || (why && line > 0));
    if (rc == 1)
        MUST(memchr(login.login, 0, sizeof login.login) &&
             memchr(login.password, 0, sizeof login.password));
    return 0;
}
