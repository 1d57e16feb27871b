/* A supervisor: keeps a program running, and waits longer each time it has crashed, up to a
 * limit.  In Python one writes the same around asyncio.create_subprocess_exec(), and a
 * try/finally that kills the child; here the process is ended with its block. */
#include <bide.h>
#include <stdio.h>

struct service { const char *line; int crashes, crashes_max; double pause; };

static int run_once(struct service *s)
{
    struct bide_exit how;
    bide_auto(process) p = bide_shell(s->line, .group = true, .grace = 1);
    int rc = bide_process_wait(p, &how);
    if (rc < 0)
        return rc;
    printf("the service %s\n", how.text);
    return how.code == 0;
}

static int supervise(void *arg)
{
    struct service *s = arg;
    for (;;) {
        int rc = run_once(s);
        if (rc != 0)
            return rc < 0 ? rc : 0;
        if (++s->crashes == s->crashes_max)
            return bide_fail(BIDE_EPROCESS, "gave up after %d crashes", s->crashes);
        printf("again in %g s\n", s->pause);
        rc = bide_sleep(s->pause);
        if (rc < 0)
            return rc;
        s->pause = s->pause < 8 ? s->pause * 2 : 8;
    }
}

int main(void)
{
    struct service crashing = { "kill -SEGV $$", .crashes_max = 5, .pause = 1 };
    struct service good = { "exit 0", .crashes_max = 5, .pause = 1 };
    int rc = bide_run(supervise, &crashing, .stop_on_signal = true);
    if (rc < 0)
        printf("%s\n", bide_errmsg());
    return bide_run(supervise, &good) < 0;
}
