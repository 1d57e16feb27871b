/* Standing in the way, and being told so.  In Python:
 *
 *     time.sleep(0.3)                 # WRONG: blocks the entire event loop
 *
 *     asyncio.run(main(), debug=True)     # tells of it afterwards
 *
 * A call that blocks keeps every other task waiting.  With .debug, or .slow_step, a watchdog
 * names who does it while it lasts, and what to use instead. */
#include <bide.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int bad_sleep(void *unused)
{
    (void)unused;
    usleep(300000);             /* bide_sleep(0.3) would let the others run */
    return 0;
}

static int program(void *unused)
{
    BIDE_GROUP(g);
    bide_spawn(g, bad_sleep, unused);
    int rc = bide_group_wait(g);
    puts("over");
    return rc;
}

/* Without the numbers, which are never the same. */
static void tell(void *unused, enum bide_log_level level, const char *text)
{
    (void)unused;
    (void)level;
    const char *what = strstr(text, "has kept");
    printf("task 'bad_sleep' %.27s\n", what ? what : text);
}

int main(void)
{
    bide_log_to(tell, NULL, BIDE_LOG_WARNING);
    return bide_run(program, NULL, .stop_on_signal = true, .slow_step = 0.1) < 0;
}
