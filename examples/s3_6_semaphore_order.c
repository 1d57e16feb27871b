/* A semaphore serves who came first.  In Python:
 *
 *     gate = asyncio.Semaphore(10)
 *     results = await asyncio.gather(*[fetch(gate, i) for i in range(100)])
 */
#include <bide.h>
#include <stdio.h>

static bide_semaphore ten_at_once = BIDE_SEMAPHORE(10);
static double start;

static int fetch_with_limit(void *arg)
{
    double *done_at = arg;
    bide_auto(permit) permit = bide_semaphore_acquire(&ten_at_once);
    if (!permit)
        return bide_errcode();
    int rc = bide_sleep(1);                     /* stands for the fetch */
    *done_at = bide_now() - start;
    return rc;
}

static int program(void *unused)
{
    (void)unused;
    start = bide_now();
    double done_at[100];
    struct bide_call calls[100];
    for (int i = 0; i < 100; i++)
        calls[i] = (struct bide_call){ .fn = fetch_with_limit, .arg = &done_at[i] };
    int rc = bide_gather(calls, 100);
    if (rc < 0)
        return rc;
    static const int some[] = { 0, 9, 10, 55, 99 };
    for (int i = 0; i < 5; i++)
        printf("item %d at %.0f s\n", some[i], done_at[some[i]]);
    return 0;
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
