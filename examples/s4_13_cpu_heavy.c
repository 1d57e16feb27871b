/* Data through a function that computes for long.  In Python:
 *
 *     result = await asyncio.to_thread(cpu_heavy, data)
 *
 * The function works on the caller's own memory, which stays as long as the thread needs it. */
#include <bide.h>
#include <stdio.h>
#include <stdlib.h>

static int smaller_first(const void *a, const void *b)
{
    const int *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static int cpu_heavy(void *data)
{
    qsort(data, 6, sizeof(int), smaller_first);
    return 0;
}

static int program(void *unused)
{
    int data[] = { 31, 4, 15, 9, 2, 6 };
    (void)unused;
    int rc = bide_to_thread(cpu_heavy, data);
    printf("processed:");
    for (int i = 0; i < 6; i++)
        printf(" %d", data[i]);
    puts("");
    return rc;
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
