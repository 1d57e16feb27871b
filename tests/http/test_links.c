/* Link headers. */
#include "test.h"

#include "http/links.h"

#include <string.h>

static const char *url_of(const struct link *link)
{
    static char out[200];
    struct url base;
    const char *why = NULL;
    CHECK_EQ(bide__url_parse(&base, "https://api.example/repos?page=1", 32, &why), 0);
    return bide__link_url(link, &base, out, sizeof out, &why) < 0 ? NULL : out;
}

TEST(links_are_read_one_by_one)
{
    struct reader r = reader_of(text_from(
        "<https://api.example/repos?page=2>; rel=\"next\", </x,y>;rel=prev; title=\"a, b\" ,"
        "<?page=9> ; REL = \"last Other\" ;rel=first,, <z>"));
    struct link link;
    char title[20];
    CHECK_EQ(bide__link_next(&r, &link), 1);
    CHECK_STR(url_of(&link), "https://api.example/repos?page=2");
    CHECK(bide__link_is(&link, "Next") && !bide__link_is(&link, "nex"));
    CHECK_EQ(bide__link_text(&link, "title", title, sizeof title), -1);
    CHECK_EQ(bide__link_next(&r, &link), 1);
    CHECK_STR(strrchr(url_of(&link), '/'), "/x,y");
    CHECK(bide__link_is(&link, "prev"));
    CHECK_EQ(bide__link_text(&link, "title", title, sizeof title), 4);
    CHECK_STR(title, "a, b");
    CHECK_EQ(bide__link_text(&link, "title", title, 4), -1);
    CHECK_EQ(bide__link_next(&r, &link), 1);
    CHECK_STR(url_of(&link), "https://api.example/repos?page=9");
    CHECK(bide__link_is(&link, "last") && bide__link_is(&link, "other"));
    CHECK(!bide__link_is(&link, "first"));
    CHECK_EQ(bide__link_next(&r, &link), 1);
    CHECK_EQ(link.rel.value.size, 0);
    CHECK(!bide__link_is(&link, ""));
    CHECK_EQ(bide__link_next(&r, &link), 0);
}

TEST(an_extended_title_is_preferred)
{
    struct reader r = reader_of(text_from("<x>; title=\"plain\"; title*=UTF-8''%c3%a4; type=a/b"));
    struct link link;
    char out[20];
    CHECK_EQ(bide__link_next(&r, &link), 1);
    CHECK_EQ(bide__link_text(&link, "title", out, sizeof out), 2);
    CHECK_STR(out, "\xc3\xa4");
    CHECK_EQ(bide__link_text(&link, "type", out, sizeof out), 3);
}

TEST(what_is_broken_ends_its_link_alone)
{
    struct reader r = reader_of(text_from("<a>; =x; rel=\"no,\", <b>; rel=next"));
    struct link link;
    CHECK_EQ(bide__link_next(&r, &link), 1);
    CHECK(!bide__link_is(&link, "no,"));
    CHECK_EQ(bide__link_next(&r, &link), 1);
    CHECK(bide__link_is(&link, "next"));
    CHECK_EQ(bide__link_next(&r, &link), 0);
    static const char *const bad[] = { "x", "<x", "x>; rel=next", "\"" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        r = reader_of(text_from(bad[i]));
        CHECK_EQ(bide__link_next(&r, &link), -1);
    }
    r = reader_of(text_from(""));
    CHECK_EQ(bide__link_next(&r, &link), 0);
}
