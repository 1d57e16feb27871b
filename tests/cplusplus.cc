// tests/cplusplus.cc -- a C++ program can use <bide.h>: it compiles, links and runs.
//
// The option macros are what differs between the languages, so each kind of them is here.
#include <bide.h>

#include <cstdio>

namespace {

struct job {
    int id;
    double seconds;
};

int done;

int nap(void *arg)
{
    const job *mine = static_cast<job *>(arg);
    int rc = bide_sleep(mine->seconds);
    if (rc == 0)
        done += mine->id;
    return rc;
}

int late(void *)
{
    BIDE_TIMEOUT(t, 1);
    return bide_scope_result(t, bide_sleep(60));
}

int all(void *)
{
    job jobs[2] = { { 1, 1.0 }, { 2, 2.0 } };
    bide_task *second = nullptr;
    BIDE_GROUP(g);
    bide_spawn(g, nap, &jobs[0]);
    bide_spawn(g, nap, &jobs[1], .name = "second", .handle = &second);
    int rc = bide_group_wait(g);
    if (rc < 0)
        return rc;
    return bide_task_result(second) == 0 && done == 3 ? 0 : bide_fail(BIDE_EINVAL, "lost a nap");
}

}

int main()
{
    int rc = bide_run(all, nullptr, .jumping_clock = true);
    if (rc < 0)
        std::printf("all: %s\n", bide_errmsg());
    int timed_out = bide_run(late, nullptr, .jumping_clock = true);
    if (timed_out != BIDE_ETIMEDOUT)
        std::printf("late: %d\n", timed_out);
    return rc < 0 || timed_out != BIDE_ETIMEDOUT;
}
