/* What cli/site.c must hold: whose hosts are the crawl's, and which paths go round in circles. */
#include "cli/crawl_url.c"
#include "cli/site.c"
#include "test.h"

static struct crawl_url url;

static const struct crawl_url *of(const char *text)
{
    CHECK_EQ(crawl_url_read(&url, text), 0);
    return &url;
}

TEST(a_site_is_its_hosts)
{
    struct site site;
    CHECK_EQ(site_open(&site, false, false, 1), 0);
    CHECK_EQ(site_add(&site, "example.org"), 0);
    CHECK_EQ(site_add(&site, "example.org"), 0);
    CHECK(site_has(&site, of("http://example.org/a")));
    CHECK(site_has(&site, of("https://EXAMPLE.org:443/")));
    CHECK(!site_has(&site, of("http://example.org:8080/")));
    CHECK(!site_has(&site, of("http://www.example.org/")));
    CHECK(!site_has(&site, of("http://example.com/")));
    site_close(&site);
}

TEST(hosts_below_belong_to_it_when_asked)
{
    struct site site;
    CHECK_EQ(site_open(&site, true, false, 1), 0);
    CHECK_EQ(site_add(&site, "example.org"), 0);
    CHECK(site_has(&site, of("http://www.example.org/")));
    CHECK(site_has(&site, of("http://a.b.example.org/")));
    CHECK(!site_has(&site, of("http://badexample.org/")));
    CHECK(!site_has(&site, of("http://www.example.org:81/")));
    CHECK(!site_has(&site, of("http://org/")));
    CHECK(!site_has(&site, of("http://[::1]/")));
    site_close(&site);
    CHECK_EQ(site_open(&site, false, true, 1), 0);
    CHECK(site_has(&site, of("http://anybody.test/")));
    site_close(&site);
}

static bool is_circle(const char *path)
{
    char text[4096];
    sprintf(text, "http://a%s", path);
    return site_is_circle(of(text));
}

TEST(what_goes_round_more_than_three_times_is_a_circle)
{
    CHECK(!is_circle("/"));
    CHECK(!is_circle("/a/a/a"));
    CHECK(!is_circle("/a/a/a/"));
    CHECK(is_circle("/a/a/a/a"));
    CHECK(is_circle("/a/a/a/a/"));
    CHECK(is_circle("/x/y/a/a/a/a/index.html"));
    CHECK(is_circle("/a/b/a/b/a/b/a/b"));
    CHECK(!is_circle("/a/b/a/b/a/b/a"));
    CHECK(is_circle("/a/b/c/a/b/c/a/b/c/a/b/c/"));
    CHECK(!is_circle("/2020/10/10/10/a"));
    CHECK(is_circle("////////"));
    char deep[600] = "";
    for (int i = 0; i < STEPS_MAX; i++)
        sprintf(deep + strlen(deep), "/%d", i);
    CHECK(is_circle(deep));
}

TEST(queries_of_one_path_are_counted)
{
    struct site site;
    CHECK_EQ(site_open(&site, false, false, 2), 0);
    CHECK_EQ(site_count_query(&site, of("http://a/x?1")), 0);
    CHECK_EQ(site_count_query(&site, of("http://a/x")), 0);
    CHECK_EQ(site_count_query(&site, of("http://a/x?2")), 0);
    CHECK_EQ(site_count_query(&site, of("http://a/x?3")), 1);
    CHECK_EQ(site_count_query(&site, of("http://a/y?3")), 0);
    CHECK_EQ(site_count_query(&site, of("http://b/x?3")), 0);
    site_close(&site);
    CHECK_EQ(site_open(&site, false, false, BIDE_UNLIMITED), 0);
    for (int i = 0; i < 5; i++)
        CHECK_EQ(site_count_query(&site, of("http://a/x?1")), 0);
    site_close(&site);
}
