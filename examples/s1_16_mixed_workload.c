/* A computation in another process, and input and output here.  In Python:
 *
 *     cpu_result = await loop.run_in_executor(ProcessPoolExecutor(), cpu_heavy_function, data)
 *     io_result = await fetch_data("https://api.example.com/data")
 *
 * Bytes go in and bytes come out.  The two are independent, so here they run at once; and should
 * the computation crash, that is a failed call, and no more. */
#include <bide.h>
#include <stdio.h>
#include <string.h>

struct workload { bide_workers *pool; char cpu_result[40]; };

/* In a worker process. */
static int cpu_heavy_function(const void *in, size_t size, bide_reply *reply)
{
    const unsigned char *data = in;
    unsigned sum = 0;
    char text[40];
    for (size_t i = 0; i < size; i++)
        sum += (unsigned)(data[i] - '0') * (unsigned)(data[i] - '0');
    snprintf(text, sizeof text, "sum of squares %u", sum);
    return bide_reply_add(reply, text, strlen(text));
}

static int compute(void *arg)
{
    struct workload *work = arg;
    struct bide_answer answer;
    int rc = bide_workers_run(work->pool, "12345", 5, &answer);
    if (rc >= 0)
        snprintf(work->cpu_result, sizeof work->cpu_result, "%s", answer.data);
    bide_answer_free(&answer);
    return rc;
}

static int fetch_data(void *unused)
{
    (void)unused;
    return bide_sleep(1);
}

static int mixed_workload(void *unused)
{
    (void)unused;
    bide_auto(workers) pool = bide_workers_new(cpu_heavy_function, .processes = 1);
    struct workload work = { .pool = pool };
    struct bide_call calls[] = { { .fn = compute, .arg = &work }, { .fn = fetch_data } };
    int rc = bide_gather(calls, 2);
    if (rc == 0)
        printf("('%s', 'data from api.example.com')\n", work.cpu_result);
    return rc;
}

int main(void)
{
    return bide_run(mixed_workload, NULL, .stop_on_signal = true) < 0;
}
