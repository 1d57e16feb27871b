/* SQLite: transfers by processes that are killed in the middle of them (db/transfers.h). */
#include "db/service.h"

#include <bide/sqlite.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "db/transfers.h"

enum { PROCESSES = 2 };

static int work(void *bank) { return do_transfers(bank); }

static pid_t begin_one(struct bank *b)
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(bide_run(work, b) == 0 ? 0 : 1);
    CHECK(pid > 0);
    return pid;
}

static void kill_one(struct bank *b, pid_t *pid)
{
    kill(*pid, SIGKILL);
    CHECK_EQ(waitpid(*pid, NULL, 0), *pid);
    *pid = begin_one(b);
    b->killed++;
}

static void wait_for(pid_t pid)
{
    int status;
    CHECK_EQ(waitpid(pid, &status, 0), pid);
    CHECK_EQ(status, 0);
}

/* While one is killed and begun anew, the other goes on. */
static void kill_until_done(struct bank *b)
{
    pid_t pids[PROCESSES];
    for (int i = 0; i < PROCESSES; i++)
        pids[i] = begin_one(b);
    while (b->done < b->wanted) {
        nanosleep(&(struct timespec){ .tv_nsec = 2000000 }, NULL);
        if (is_time_to_kill(b))
            kill_one(b, &pids[b->killed % PROCESSES]);
    }
    for (int i = 0; i < PROCESSES; i++)
        wait_for(pids[i]);
}

static int make(void *bank)
{
    make_books(bank);
    return 0;
}

static int check(void *bank)
{
    check_books(bank);
    return 0;
}

TEST(transfers_under_kills_keep_the_sum)
{
    char folder[] = "/tmp/bide-sqlite-XXXXXX", url[60];
    CHECK(mkdtemp(folder) != NULL);
    snprintf(url, sizeof url, "sqlite:%s/bank", folder);
    struct bank *b = bank_new(url, &bide_sqlite_driver);
    b->immediate = true;
    CHECK_EQ(bide_run(make, b), 0);
    kill_until_done(b);
    CHECK_EQ(bide_run(check, b), 0);
    munmap(b, sizeof *b);
    service_remove(folder);
}
