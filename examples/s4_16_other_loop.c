/* The same program on another event loop.  In Python:
 *
 *     uvloop.install()                # before asyncio.run()
 *
 * There is nothing to install: .poller, or BIDE_POLLER=poll in the environment. */
#include <bide.h>
#include <stdio.h>

struct job { const char *name; double seconds; };

static int work(void *arg)
{
    struct job *job = arg;
    int rc = bide_sleep(job->seconds);
    if (rc == 0)
        printf("%s is done\n", job->name);
    return rc;
}

static int program(void *unused)
{
    (void)unused;
    struct job jobs[] = { { "slow", 0.03 }, { "quick", 0.01 }, { "middling", 0.02 } };
    return bide_map(work, jobs, 3);
}

static int run_on(const char *poller)
{
    printf("on %s:\n", poller);
    return bide_run(program, NULL, .poller = poller);
}

int main(void)
{
    return run_on("epoll") < 0 || run_on("poll") < 0;
}
