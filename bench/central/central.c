/* A list of URLs: so many at a time, five seconds for each, tried again where that is worth it, an
 * error for each that fails, the others untouched.
 *
 *     bench_central URLS LIMIT
 */
#include <bide.h>

#include <stdio.h>
#include <stdlib.h>

static bide_session *session;
static FILE *urls;
static int fetched, failed;

static int next_url(void *unused, void *item)
{
    (void)unused;
    return fscanf(urls, "%2000s", (char *)item) == 1;
}

static int fetch(void *url)
{
    bide_auto(response) res = bide_get(session, url, .timeout = 5, .retries = 2);
    return bide_response_check(res) < 0 || !bide_response_text(res, NULL) ? bide_errcode() : 0;
}

static int ended(void *unused, void *url, int rc)
{
    (void)unused;
    if (rc < 0)
        printf("%s: %s\n", (char *)url, bide_errmsg());
    ++*(rc < 0 ? &failed : &fetched);
    return 0;
}

static int fetch_all(void *limit)
{
    bide_auto(session) opened = session = bide_session_open(.limit = *(size_t *)limit);
    return bide_map_from(fetch, char[2001], next_url, NULL, .limit = *(size_t *)limit,
                         .keep_going = true, .each = ended);
}

int main(int argc, char **argv)
{
    size_t limit = argc > 2 ? strtoul(argv[2], NULL, 10) : 10;
    urls = argc > 1 ? fopen(argv[1], "r") : NULL;
    if (!urls || bide_run(fetch_all, &limit, .stop_on_signal = true) < 0)
        return 2;
    printf("Fetched %d of %d URLs\n", fetched, fetched + failed);
    return failed > 0;
}
