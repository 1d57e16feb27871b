/* Stalls of whatever lets many go: COUNT (100,000) tasks wait for the same.
 *
 *     bench_releases [COUNT [NAME...]]
 *
 * How it is measured stands in stall.h. */
#include "stall.h"

static bide_barrier barrier;
static bide_condition condition;
static bide_lock lock;
static bide_once once;
static bide_watch *watch;
static bide_queue *line;
static bide_promise *promise;
static bide_rwlock rwlock;
static bide_semaphore semaphore;
static bide_broadcast *broadcast;
static bide_event go;
static bide_task *joined;

/* Lets them go in one call, and looks on until all have gone. */
static int let_go(bide_fn *waits, void (*go_on)(void))
{
    BIDE_GROUP(g);
    spawn_all(g, waits, NULL);
    begin();
    go_on();
    turn();
    int rc = bide_group_wait(g);
    end();
    return rc;
}

static int wait_for_event(void *event)
{
    int rc = bide_event_wait(event);
    turn();
    return rc;
}

static int events(void)
{
    bide_event event = { 0 };
    BIDE_GROUP(g);
    spawn_all(g, wait_for_event, &event);
    begin();
    bide_event_set(&event);
    turn();
    int rc = bide_group_wait(g);
    end();
    return rc;
}

static int wait_at_barrier(void *unused)
{
    (void)unused;
    int rc = bide_barrier_wait(&barrier);
    turn();
    return rc < 0 ? rc : 0;
}

static void pass_barrier(void)
{
    bide_ignore(bide_barrier_wait(&barrier));
}

static int barriers(void)
{
    barrier = (bide_barrier){ .parties_ = (size_t)count + 1 };
    return let_go(wait_at_barrier, pass_barrier);
}

static int wait_for_condition(void *unused)
{
    (void)unused;
    bide_auto(permit) held = bide_lock_acquire(&lock);
    int rc = bide_condition_wait(&condition, held);
    turn();
    return rc;
}

static void notify_all(void)
{
    bide_condition_notify_all(&condition);
}

static int conditions(void)
{
    return let_go(wait_for_condition, notify_all);
}

static int wait_for_go(void *unused)
{
    (void)unused;
    return bide_event_wait(&go);
}

static int run_once(void *unused)
{
    (void)unused;
    int rc = bide_once_run(&once, wait_for_go, NULL);
    turn();
    return rc;
}

static void set_go(void)
{
    bide_event_set(&go);
}

static int onces(void)
{
    once = (bide_once){ .done_ = 0 };
    go = (bide_event){ .set_ = 0 };
    return let_go(run_once, set_go);
}

static int wait_for_change(void *unused)
{
    (void)unused;
    uint64_t seen = 1;
    int value, rc = bide_watch_changed(watch, &seen, &value);
    turn();
    return rc < 0 ? rc : 0;
}

static void change(void)
{
    int value = 1;
    bide_ignore(bide_watch_set(watch, &value));
}

static int watches(void)
{
    bide_auto(watch) made = watch = bide_watch_new(int, &(int){ 0 });
    return let_go(wait_for_change, change);
}

static int get_last(void *unused)
{
    (void)unused;
    int item, rc = bide_queue_get(line, &item);
    turn();
    return rc;
}

static void close_line(void)
{
    bide_queue_close(line);
}

static int getters(void)
{
    bide_auto(queue) made = line = bide_queue_new(int, 1);
    return let_go(get_last, close_line);
}

static int wait_for_promise(void *unused)
{
    (void)unused;
    int value, rc = bide_promise_wait(promise, &value);
    turn();
    return rc;
}

static void keep_promise(void)
{
    int value = 1;
    bide_ignore(bide_promise_set(promise, &value));
}

static int promises(void)
{
    bide_auto(promise) made = promise = bide_promise_new(int);
    return let_go(wait_for_promise, keep_promise);
}

static int join_one(void *unused)
{
    (void)unused;
    int rc = bide_join(joined);
    turn();
    return rc;
}

static int joins(void)
{
    BIDE_GROUP(g);
    go = (bide_event){ .set_ = 0 };
    bide_spawn(g, wait_for_go, NULL, .handle = &joined);
    return let_go(join_one, set_go);
}

static int read_shared(void *unused)
{
    (void)unused;
    bide_auto(permit) held = bide_rwlock_read(&rwlock);
    turn();
    return held ? 0 : bide_errcode();
}

static bide_permit *written;

static void stop_writing(void)
{
    bide_permit_release(written);
}

static int readers(void)
{
    written = bide_rwlock_write(&rwlock);
    return let_go(read_shared, stop_writing);
}

static int acquire(void *unused)
{
    (void)unused;
    bide_auto(permit) held = bide_semaphore_acquire(&semaphore);
    turn();
    return held ? 0 : bide_errcode();
}

static void make_room(void)
{
    bide_ignore(bide_semaphore_resize(&semaphore, (size_t)count));
    bide_permit_release(written);
}

static int permits(void)
{
    semaphore = (bide_semaphore)BIDE_SEMAPHORE(1);
    written = bide_semaphore_acquire(&semaphore);
    return let_go(acquire, make_room);
}

static int subscribe(void *unused)
{
    (void)unused;
    bide_auto(subscriber) s = bide_broadcast_subscribe(broadcast);
    int item, rc = bide_subscriber_get(s, &item);
    turn();
    return rc < 0 ? rc : 0;
}

static void send_to_all(void)
{
    int item = 1;
    bide_ignore(bide_broadcast_send(broadcast, &item));
}

static int broadcasts(void)
{
    bide_auto(broadcast) made = broadcast = bide_broadcast_new(int, 4);
    return let_go(subscribe, send_to_all);
}

static const struct stall kinds[] = {
    { "event", events }, { "barrier", barriers }, { "condition", conditions },
    { "once", onces }, { "watch", watches }, { "getters", getters }, { "promise", promises },
    { "join", joins }, { "readers", readers }, { "permits", permits },
    { "broadcast", broadcasts },
};

int main(int argc, char **argv)
{
    return measure_stalls(kinds, sizeof kinds / sizeof *kinds, argc, argv);
}
