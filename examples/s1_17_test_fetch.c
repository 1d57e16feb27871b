/* Tests of functions that wait.  In Python, with pytest-asyncio:
 *
 *     @pytest.mark.asyncio
 *     async def test_concurrent_fetch():
 *         results = await asyncio.gather(*[fetch_data(url) for url in urls])
 *         assert len(results) == 10
 *
 * A test is a program's first task; on the jumping clock its seconds take no time. */
#include <bide.h>
#include <stdio.h>
#include <string.h>

struct fetch { char url[40], found[40]; };

static int fetch_data(void *arg)
{
    struct fetch *fetch = arg;
    int rc = bide_sleep(1);
    if (rc == 0)
        strcpy(fetch->found, fetch->url);
    return rc;
}

static int test_fetch_data(void *unused)
{
    (void)unused;
    struct fetch fetch = { .url = "https://api.example.com/test" };
    int rc = fetch_data(&fetch);
    return rc < 0 ? rc : strcmp(fetch.found, fetch.url) == 0;
}

static int test_concurrent_fetch(void *unused)
{
    (void)unused;
    double start = bide_now();
    struct fetch fetches[10] = { 0 };
    int found = 0;
    for (int i = 0; i < 10; i++)
        snprintf(fetches[i].url, sizeof fetches[i].url, "https://api.example.com/%d", i);
    int rc = bide_map(fetch_data, fetches, 10, .limit = BIDE_UNLIMITED);
    for (int i = 0; i < 10; i++)
        found += fetches[i].found[0] != '\0';
    printf("%d results in %.1f s\n", found, bide_now() - start);
    return rc < 0 ? rc : found == 10;
}

static int test(const char *name, bide_fn *fn)
{
    int rc = bide_run(fn, NULL, .jumping_clock = true);
    printf("%s: %s\n", name, rc == 1 ? "passed" : "FAILED");
    return rc == 1;
}

int main(void)
{
    return test("test_fetch_data", test_fetch_data) +
           test("test_concurrent_fetch", test_concurrent_fetch) != 2;
}
