/* A daemon: SIGHUP makes it read its settings again while it goes on working, SIGTERM ends it.
 * In Python:
 *
 *     loop.add_signal_handler(signal.SIGHUP, read_settings)
 *
 * where the callback may not wait.  Here each signal arrives in a task, which may.  The signals
 * are opened before the first task runs, so none is missed. */
#include <bide.h>
#include <stdio.h>
#include <unistd.h>

static int settings = 1;

static int reload(void *signals)
{
    int number;
    while ((number = bide_signals_wait(signals)) > 0) {
        int rc = bide_sleep(0.1);       /* read from a file, or asked from somewhere */
        if (rc < 0)
            return rc;
        printf("settings %d\n", ++settings);
    }
    return number;
}

static int stop(void *group)
{
    int number = bide_signal_wait(SIGTERM, SIGINT);
    if (number > 0)
        bide_group_cancel(group);
    return number < 0 ? number : 0;
}

static int work(void *name)
{
    int rc;
    do
        printf("%s with settings %d\n", (char *)name, settings);
    while ((rc = bide_sleep(1)) == 0);
    printf("%s stops\n", (char *)name);
    return rc;
}

static int program(void *unused)
{
    (void)unused;
    bide_auto(signals) hangups = bide_signals_open(SIGHUP);
    BIDE_GROUP(g);
    bide_spawn(g, reload, hangups);
    bide_spawn(g, stop, g);
    bide_spawn(g, work, "work");
    int rc = bide_sleep(1.5);
    kill(getpid(), SIGHUP);             /* what an administrator would do */
    if (rc == 0)
        rc = bide_sleep(1);
    kill(getpid(), SIGTERM);
    return rc < 0 ? rc : bide_group_wait(g);
}

int main(void) { return bide_run(program, NULL) < 0; }
