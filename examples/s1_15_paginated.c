/* The items of something that has pages, one at a time.  In Python:
 *
 *     async def stream_paginated_api(session, base_url):     # ... yield item
 *
 *     async for item in stream_paginated_api(session, url):
 *
 * A page is fetched only when its first item is wanted, and leaving the block closes the generator,
 * so nothing more is fetched for a consumer who has seen enough. */
#include <bide.h>
#include <stdio.h>

enum { PAGES = 3, PAGE_SIZE = 4 };

/* Stands for the request: how many items the page has. */
static int fetch_page(int page)
{
    int rc = bide_sleep(1);
    printf("fetched page %d\n", page);
    return rc < 0 ? rc : page <= PAGES ? PAGE_SIZE : 0;
}

static int items(bide_generator *generator, void *unused)
{
    (void)unused;
    int count, item = 0;
    for (int page = 1; (count = fetch_page(page)) > 0; page++)
        while (count-- > 0) {
            item++;
            int rc = bide_generator_yield(generator, &item);
            if (rc < 0)
                return rc;
        }
    return count;
}

static int take(int wanted)
{
    int item, taken = 0, rc = 0;
    bide_auto(generator) all = bide_generator_new(items, int, NULL);
    while (taken < wanted && (rc = bide_generator_next(all, &item)) == 1) {
        printf("item %d\n", item);
        taken++;
    }
    return rc < 0 ? rc : taken;
}

static int program(void *unused)
{
    (void)unused;
    double start = bide_now();
    printf("%d items taken, that is enough\n", take(6));
    printf("%d items taken, there are no more\n", take(100));
    printf("Total: %.1fs\n", bide_now() - start);
    return 0;
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
