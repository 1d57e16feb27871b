/* A task with a result.  In Python:
 *
 *     print(asyncio.run(fetch_data()))
 *
 * A task's own result is a number; what else it has to say goes through its argument. */
#include <bide.h>
#include <stdio.h>

static int fetch_data(void *arg)
{
    const char **data = arg;
    int rc = bide_sleep(1);                     /* stands for input and output */
    if (rc == 0)
        *data = "data";
    return rc;
}

int main(void)
{
    const char *data;
    if (bide_run(fetch_data, &data, .stop_on_signal = true) < 0)
        return 1;
    puts(data);
    return 0;
}
