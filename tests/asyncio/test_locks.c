/* Twins of locks.py. */
#include "twin.h"
AREA(locks)

static bide_lock lock;
static bide_semaphore gate;
static bide_condition condition;

struct user { const char *name; double seconds; };

static int use_lock(void *arg)
{
    struct user *u = arg;
    bide_auto(permit) p = bide_lock_acquire(&lock);
    if (!p) {
        say("%s cancelled", u->name);
        return bide_errcode();
    }
    say("%s has it at %s", u->name, now());
    return bide_sleep(u->seconds);
}

TWIN(lock_order)
{
    BIDE_GROUP(g);
    bide_spawn_with(g, use_lock, struct user, .name = "a", .seconds = 1);
    bide_spawn_with(g, use_lock, struct user, .name = "b", .seconds = 1);
    bide_spawn_with(g, use_lock, struct user, .name = "c", .seconds = 1);
    CHECK_EQ(bide_group_wait(g), 0);
}

TWIN(lock_cancelled)
{
    bide_task *b;
    struct user second = { "b", 2 };
    BIDE_GROUP(g);
    bide_spawn_with(g, use_lock, struct user, .name = "a", .seconds = 2);
    bide_spawn(g, use_lock, &second, .handle = &b);
    bide_spawn_with(g, use_lock, struct user, .name = "c", .seconds = 2);
    CHECK_EQ(bide_sleep(1), 0);
    bide_cancel(b);
    CHECK_EQ(bide_group_wait(g), 0);
}

TWIN(lock_not_held)
{
    bide_permit *p = bide_lock_acquire(&lock);
    CHECK_EQ(bide_permit_release(p), 0);
    if (bide_permit_release(p) == BIDE_EINVAL)
        say("refused");
}

TWIN_DIFFERS(lock_again, "a task that acquires what it holds is told so at once, and not left "
             "waiting for ever", "refused\n")
{
    bide_auto(permit) p = bide_lock_acquire(&lock);
    BIDE_TIMEOUT(t, 5);
    if (!bide_lock_acquire(&lock))
        say("%s", bide_scope_result(t, bide_errcode()) == BIDE_EDEADLK ? "refused"
            : "waits for ever");
}

static int tell_having(void *name)
{
    bide_auto(permit) p = bide_lock_acquire(&lock);
    if (!p)
        return bide_errcode();
    say("%s has it", (char *)name);
    return 0;
}

TWIN(lock_newcomer)
{
    bide_permit *p = bide_lock_acquire(&lock);
    BIDE_GROUP(g);
    bide_spawn(g, tell_having, NAME("waiter"));
    CHECK_EQ(bide_yield(), 0);
    CHECK_EQ(bide_permit_release(p), 0);
    bide_spawn(g, tell_having, NAME("newcomer"));
    CHECK_EQ(bide_group_wait(g), 0);
}

static int await_condition(void *arg)
{
    struct user *u = arg;
    bide_auto(permit) p = bide_lock_acquire(&lock);
    int rc = p ? bide_condition_wait(&condition, p) : bide_errcode();
    if (rc < 0)
        return rc;
    say("%s goes on at %s", u->name, now());
    return u->seconds > 0 ? bide_sleep(u->seconds) : 0;
}

static void notify(size_t count)
{
    bide_auto(permit) p = bide_lock_acquire(&lock);
    CHECK(p);
    bide_condition_notify(&condition, count);
}

TWIN(condition_notify)
{
    BIDE_GROUP(g);
    bide_spawn_with(g, await_condition, struct user, .name = "a");
    bide_spawn_with(g, await_condition, struct user, .name = "b");
    bide_spawn_with(g, await_condition, struct user, .name = "c");
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(bide_sleep(1), 0);
        notify(1);
    }
    CHECK_EQ(bide_group_wait(g), 0);
}

TWIN(condition_all)
{
    BIDE_GROUP(g);
    bide_spawn_with(g, await_condition, struct user, .name = "a", .seconds = 1);
    bide_spawn_with(g, await_condition, struct user, .name = "b", .seconds = 1);
    bide_spawn_with(g, await_condition, struct user, .name = "c", .seconds = 1);
    CHECK_EQ(bide_sleep(1), 0);
    {
        bide_auto(permit) p = bide_lock_acquire(&lock);
        bide_condition_notify_all(&condition);
    }
    CHECK_EQ(bide_group_wait(g), 0);
}

static bool is_two(void *count) { return *(int *)count >= 2; }

static int await_two(void *count)
{
    bide_auto(permit) p = bide_lock_acquire(&lock);
    int rc = p ? bide_condition_wait_for(&condition, p, is_two, count) : bide_errcode();
    if (rc == 0)
        say("count is %d", *(int *)count);
    return rc;
}

TWIN(condition_predicate)
{
    int count = 0;
    bide_task *t;
    BIDE_GROUP(g);
    bide_spawn(g, await_two, &count, .handle = &t);
    for (int i = 0; i < 3 && !bide_task_done(t); i++) {
        CHECK_EQ(bide_sleep(1), 0);
        count += count < 2;
        notify(1);
    }
    CHECK_EQ(bide_group_wait(g), 0);
    say("over at %s", now());
}

static int await_cancelled(void *unused)
{
    (void)unused;
    bide_auto(permit) p = bide_lock_acquire(&lock);
    int rc = bide_condition_wait(&condition, p);
    if (rc == BIDE_ECANCELED)
        say("cancelled, locked %s at %s", bide_lock_is_held(&lock) ? "True" : "False", now());
    return rc;
}

TWIN(condition_cancelled)
{
    bide_task *t;
    BIDE_GROUP(g);
    bide_spawn(g, await_cancelled, NULL, .handle = &t);
    CHECK_EQ(bide_sleep(1), 0);
    {
        bide_auto(permit) p = bide_lock_acquire(&lock);
        bide_cancel(t);
        CHECK_EQ(bide_sleep(2), 0);
        say("main leaves at %s", now());
    }
    CHECK_EQ(bide_join(t), 0);
}

TWIN(condition_unlocked)
{
    bide_permit *p = bide_lock_acquire(&lock);
    CHECK_EQ(bide_permit_release(p), 0);
    if (bide_condition_wait(&condition, p) < 0)
        say("refused");
}

static int pass_gate(void *arg)
{
    struct user *u = arg;
    bide_auto(permit) p = bide_semaphore_acquire(&gate);
    if (!p)
        return bide_errcode();
    say("%s in at %s", u->name, now());
    return bide_sleep(u->seconds);
}

TWIN(semaphore)
{
    gate = (bide_semaphore)BIDE_SEMAPHORE(2);
    static const char *const names[] = { "a", "b", "c", "d", "e" };
    BIDE_GROUP(g);
    for (int i = 0; i < 5; i++)
        bide_spawn_with(g, pass_gate, struct user, .name = names[i], .seconds = 1);
    CHECK_EQ(bide_group_wait(g), 0);
}

TWIN(semaphore_bounded)
{
    bide_permit *p = bide_semaphore_acquire(&gate);
    CHECK_EQ(bide_permit_release(p), 0);
    if (bide_permit_release(p) == BIDE_EINVAL)
        say("refused");
}

static int pass_and_tell(void *name)
{
    bide_auto(permit) p = bide_semaphore_acquire(&gate);
    if (p)
        say("%s in", (char *)name);
    return p ? 0 : bide_errcode();
}

TWIN(semaphore_cancelled)
{
    bide_task *a;
    bide_permit *p = bide_semaphore_acquire(&gate);
    BIDE_GROUP(g);
    bide_spawn(g, pass_and_tell, NAME("a"), .handle = &a);
    bide_spawn(g, pass_and_tell, NAME("b"));
    CHECK_EQ(bide_yield(), 0);
    bide_cancel(a);
    CHECK_EQ(bide_permit_release(p), 0);
    CHECK_EQ(bide_group_wait(g), 0);
    say("locked %s", bide_semaphore_free(&gate) ? "False" : "True");
}

static int meet(void *arg)
{
    static bide_barrier meeting = BIDE_BARRIER(3);
    struct user *u = arg;
    int rc = bide_sleep(u->seconds);
    if (rc == 0 && (rc = bide_barrier_wait(&meeting)) >= 0)
        say("%s goes on at %s", u->name, now());
    return rc;
}

TWIN(barrier)
{
    BIDE_GROUP(g);
    bide_spawn_with(g, meet, struct user, .name = "a", .seconds = 1);
    bide_spawn_with(g, meet, struct user, .name = "b", .seconds = 3);
    bide_spawn_with(g, meet, struct user, .name = "c", .seconds = 2);
    CHECK_EQ(bide_group_wait(g), 0);
}

static bide_barrier two = BIDE_BARRIER(2);
static int meet_two(void *name)
{
    int rc = bide_barrier_wait(&two);
    if (rc >= 0)
        say("%s goes on at %s", (char *)name, now());
    else if (rc == BIDE_ECLOSED)
        say("broken at %s", now());
    return rc == BIDE_ECLOSED ? 0 : rc;
}

TWIN(barrier_cancelled)
{
    bide_task *a;
    BIDE_GROUP(g);
    bide_spawn(g, meet_two, NAME("a"), .handle = &a);
    CHECK_EQ(bide_sleep(1), 0);
    bide_cancel(a);
    CHECK_EQ(bide_join(a), 0);
    bide_spawn(g, meet_two, NAME("b"));
    bide_spawn(g, meet_two, NAME("c"));
    CHECK_EQ(bide_group_wait(g), 0);
}

TWIN(barrier_aborted)
{
    BIDE_GROUP(g);
    bide_spawn(g, meet_two, NAME("a"));
    CHECK_EQ(bide_sleep(1), 0);
    bide_barrier_abort(&two);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_EQ(meet_two(NAME("b")), 0);
}

TWIN(barrier_of_zero)
{
    bide_barrier none = BIDE_BARRIER(0);
    if (bide_barrier_wait(&none) == BIDE_EINVAL)
        say("refused");
}
