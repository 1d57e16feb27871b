/* A task that never waits.  In Python:
 *
 *     print(asyncio.run(greet("Alice")))      # greet("Alice") alone would run nothing
 *
 * A function that does not wait is simply called; only bide_run() makes it a task. */
#include <bide.h>
#include <stdio.h>

static int greet(void *name)
{
    printf("Hello, %s\n", (char *)name);
    return 0;
}

int main(void)
{
    return bide_run(greet, "Alice", .stop_on_signal = true) < 0;
}
