// tests/cplusplus.cc -- a C++ program can use <bide.h>: it compiles, links and runs.
//
// The option macros are what differs between the languages, so each kind of them is here.
#include <bide.h>
#include <bide/db.h>

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

int count_up(bide_generator *g, void *)
{
    for (int i = 1; i <= 3; i++) {
        int rc = bide_generator_yield(g, &i);
        if (rc < 0)
            return rc;
    }
    return 0;
}

int next_of(void *g, void *item)
{
    return bide_generator_next(static_cast<bide_generator *>(g), static_cast<int *>(item));
}

int sum;

int add(void *item)
{
    sum += *static_cast<int *>(item);
    return sum;
}

const bide_local name = { nullptr, nullptr };

int flow(void *)
{
    char text[] = "flow";
    int numbers[2] = { 10, 20 };
    BIDE_LOCAL(local, &name, text);
    bide_auto(generator) g = bide_generator_new(count_up, int, nullptr);
    bide_auto(strset) set = bide_strset_new(.count_max = 2);
    bide_auto(strmap) map = bide_strmap_new();
    int rc = bide_map(add, numbers, 2, .limit = 1);
    if (rc == 0)
        rc = bide_map_from(add, int, next_of, g, .limit = 2);
    if (rc == 0)
        rc = bide_retry(add, numbers, .attempts = 2, .jitter = BIDE_NO_JITTER);
    bool held = bide_strset_add(set, "a") == 1 && bide_strmap_set(map, "a", text) == 1 &&
                bide_local_get(&name) == text;
    return rc == 46 && held ? 0 : bide_fail(BIDE_EINVAL, "added up to %d", rc);
}

/* Nothing is open, so nothing is asked: what counts is that values of all types go in. */
int ask(void *)
{
    bide_db *db = nullptr;
    bide_fail(BIDE_EINVAL, "no database");
    bide_auto(rows) rows = bide_db_query(db, "select $1, $2", bide_value(1), bide_value("x"));
    int64_t rc = bide_db_execute(db, "begin");
    bide_auto(db) change = bide_db_begin(db, .read_only = true);
    return !rows && !change && rc == BIDE_EINVAL ? 0 : bide_fail(BIDE_EPERM, "asked");
}

}

int main()
{
    int rc = bide_run(all, nullptr, .jumping_clock = true);
    if (rc == 0)
        rc = bide_run(flow, nullptr, .jumping_clock = true);
    if (rc == 0)
        rc = bide_run(ask, nullptr);
    if (rc < 0)
        std::printf("%s\n", bide_errmsg());
    int timed_out = bide_run(late, nullptr, .jumping_clock = true);
    if (timed_out != BIDE_ETIMEDOUT)
        std::printf("late: %d\n", timed_out);
    return rc < 0 || timed_out != BIDE_ETIMEDOUT;
}
