/* The floor of processes.c: posix_spawn(3) and waitpid(2), eight children at a time, or one. */
#include "meter.h"
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

enum { COUNT = 10000 };

static int start(void)
{
    char *const argv[] = { (char[]){ "/bin/true" }, NULL };
    pid_t pid;
    return posix_spawn(&pid, argv[0], NULL, NULL, argv, environ);
}

int main(int argc, char **argv)
{
    static const struct { int at_once; const char *name; } ways[] = {
        { 8, "processes" }, { 1, "processes_one_at_once" },
    };
    long count = argc > 1 ? atol(argv[1]) : COUNT;
    for (int i = 0; i < 2; i++) {
        long started = 0, running = 0;
        int64_t begun = meter_wall_ns();
        while (started < count || running) {
            for (; running < ways[i].at_once && started < count; running++, started++)
                if (start() != 0)
                    return 1;
            if (waitpid(-1, NULL, 0) > 0)
                running--;
        }
        meter_print(ways[i].name, (double)(meter_wall_ns() - begun) / (double)count, "ns");
    }
    return 0;
}
