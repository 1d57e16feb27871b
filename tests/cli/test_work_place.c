/* What cli/work_place.c must hold: a list's URL is a server's and a stream. */
#include "cli/work_place.c"
#include "test.h"

static struct work_place place;

static bool reads(const char *url, const char *server, const char *stream)
{
    return work_place_read(&place, url) == 0 && strcmp(place.server, server) == 0 &&
           strcmp(place.stream, stream) == 0;
}

TEST(the_last_step_is_the_stream)
{
    CHECK(reads("redis://h/urls", "redis://h", "urls"));
    CHECK(reads("redis://h:7000/urls", "redis://h:7000", "urls"));
    CHECK(reads("redis://h/2/urls", "redis://h/2", "urls"));
    CHECK(reads("REDISS://u:p@h/2/urls", "REDISS://u:p@h/2", "urls"));
    CHECK(reads("redis://[::1]:7000/urls", "redis://[::1]:7000", "urls"));
    CHECK(reads("redis://h/a/b", "redis://h", "a/b"));
    CHECK(reads("redis://h/2021-urls", "redis://h", "2021-urls"));
    CHECK(reads("redis://h/a%2Fb%20c%25", "redis://h", "a/b c%"));
}

TEST(a_socket_names_it_in_its_query)
{
    CHECK(reads("unix:/run/redis?stream=urls", "unix:/run/redis", "urls"));
    CHECK(reads("unix:/run/redis?db=3&stream=urls", "unix:/run/redis?db=3", "urls"));
    CHECK_STR(place.shown, "unix:/run/redis");
    CHECK_EQ(work_place_read(&place, "unix:/run/redis?xstream=urls"), BIDE_EURL);
    CHECK_EQ(work_place_read(&place, "unix:/run/redis?stream=urls&db=3"), BIDE_EURL);
}

TEST(who_logs_in_is_not_shown)
{
    CHECK(reads("redis://user:word@h:1/urls", "redis://user:word@h:1", "urls"));
    CHECK_STR(place.shown, "h:1");
}

TEST(what_is_no_list_is_refused)
{
    static const char *const bad[] = {
        "", "urls", "http://h/urls", "redis:h/urls", "redis://h", "redis://h/", "redis://h/0",
        "redis://h/0/", "redis://h/a?b", "redis://h/a#b", "redis://h/a%00b", "redis://h/a%2",
        "unix:/x", "unix:/x?stream=",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CHECK_EQ(work_place_read(&place, bad[i]), BIDE_EURL);
        CHECK(strstr(bide_errmsg(), "expected redis://HOST[:PORT][/DATABASE]/STREAM"));
    }
}

TEST(long_ones_are_refused)
{
    char url[WORK_URL_MAX + 2] = "redis://h/";
    memset(url + 10, 'a', WORK_NAME_MAX);
    CHECK_EQ(work_place_read(&place, url), 0);
    url[10 + WORK_NAME_MAX] = 'a';
    CHECK_EQ(work_place_read(&place, url), BIDE_EURL);
    memset(url + 10, 'a', WORK_URL_MAX - 9);
    CHECK_EQ(work_place_read(&place, url), BIDE_EURL);
}
