/* Hello after a second.  In Python:
 *
 *     async def greet(name):
 *         await asyncio.sleep(1)
 *         return f"Hello, {name}"
 *
 * There is no async and no await: greet() is a function, and calling it waits for it. */
#include <bide.h>
#include <stdio.h>

static int greet(const char *name, char *greeting, size_t size)
{
    int rc = bide_sleep(1);     /* this task waits; others would run meanwhile */
    if (rc < 0)
        return rc;              /* cancelled, by Ctrl-C for one */
    snprintf(greeting, size, "Hello, %s", name);
    return 0;
}

static int program(void *name)
{
    char greeting[64];
    int rc = greet(name, greeting, sizeof greeting);
    if (rc == 0)
        puts(greeting);
    return rc;
}

int main(void)
{
    return bide_run(program, "Muneer", .stop_on_signal = true) < 0;
}
