/* What cli/crawl_url.c must hold: whatever means the same page is one text. */
#include "cli/crawl_url.c"
#include "test.h"

static struct crawl_url url;

static const char *read_url(const char *text)
{
    return crawl_url_read(&url, text) == 0 ? url.text : NULL;
}

static const char *join(const char *reference)
{
    static struct crawl_url base;
    static const char page[] = "http://example.org/a/b?q";
    CHECK_EQ(crawl_url_read(&base, page), 0);
    return crawl_url_join(&url, &base, reference, strlen(reference)) == 0 ? url.text : NULL;
}

TEST(one_page_has_one_text)
{
    CHECK_STR(read_url("http://example.org"), "http://example.org/");
    CHECK_STR(read_url("HTTP://Example.ORG:80/#part"), "http://example.org/");
    CHECK_STR(read_url("https://example.org:443/a"), "https://example.org/a");
    CHECK_STR(read_url("http://example.org:8080/a?"), "http://example.org:8080/a?");
    CHECK_STR(read_url("http://a/%7ejoe/%c3%a4%2f?%41=%26"), "http://a/~joe/%C3%A4%2F?A=%26");
    CHECK_STR(read_url("http://[0:0::1]:80/"), "http://[::1]/");
}

TEST(its_parts_are_told)
{
    read_url("https://example.org:444/a/b?c");
    CHECK_STR(url.host, "example.org:444");
    CHECK_STR(url.origin, "https://example.org:444");
    CHECK_EQ(url.path_size, 4);
    CHECK_STR(url.text + url.path_at, "/a/b?c");
    CHECK_EQ(url.size, strlen(url.text));
}

TEST(a_reference_is_joined)
{
    CHECK_STR(join("c"), "http://example.org/a/c");
    CHECK_STR(join("../x/./y/../z"), "http://example.org/x/z");
    CHECK_STR(join("?r"), "http://example.org/a/b?r");
    CHECK_STR(join("//other.test"), "http://other.test/");
    CHECK_STR(join("https://other.test/x"), "https://other.test/x");
    CHECK_STR(join("#part"), "http://example.org/a/b?q");
    CHECK_STR(join(""), "http://example.org/a/b?q");
}

TEST(what_people_write_is_read_as_browsers_do)
{
    CHECK_STR(join("a b"), "http://example.org/a/a%20b");
    CHECK_STR(join("\xc3\xa4?\xc3\xa4"), "http://example.org/a/%C3%A4?%C3%A4");
    CHECK_STR(join("x\n\ty"), "http://example.org/a/xy");
    CHECK_STR(join("50%"), "http://example.org/a/50%25");
    CHECK_STR(join("{x}|\"<>^`"), "http://example.org/a/%7Bx%7D%7C%22%3C%3E%5E%60");
}

TEST(what_is_no_page_is_refused)
{
    CHECK_PTR(join("mailto:a@b"), NULL);
    CHECK_PTR(join("javascript:void(0)"), NULL);
    CHECK_PTR(join("ftp://a/"), NULL);
    CHECK_PTR(join("http://"), NULL);
    CHECK_PTR(read_url("/a"), NULL);
    CHECK_PTR(read_url(""), NULL);
    CHECK_PTR(read_url("http://a:99999/"), NULL);
}

TEST(a_url_that_is_too_long_is_refused)
{
    char text[CRAWL_URL_MAX + 100] = "http://a/";
    memset(text + 9, 'x', CRAWL_URL_MAX - 10);
    CHECK_STR(read_url(text), text);
    CHECK_EQ(url.size, CRAWL_URL_MAX - 1);
    memset(text + 9, 'x', CRAWL_URL_MAX);
    CHECK_PTR(read_url(text), NULL);
    CHECK_PTR(join(text), NULL);
}
