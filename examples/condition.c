/* A shop with room for three loaves: the baker waits for room, customers for bread.  In Python:
 *
 *     async with lock:
 *         await has_bread.wait_for(lambda: shelf > 0)
 *
 * A bide_queue would do; this shows how one is made. */
#include <bide.h>
#include <stdio.h>

static bide_lock lock;
static bide_condition has_room, has_bread;
static int shelf;

static bool is_there_room(void *unused) { (void)unused; return shelf < 3; }
static bool is_there_bread(void *unused) { (void)unused; return shelf > 0; }

static int bake(void *unused)
{
    for (int loaf = 1; loaf <= 6; loaf++) {
        bide_auto(permit) held = bide_lock_acquire(&lock);
        int rc = bide_condition_wait_for(&has_room, held, is_there_room, unused);
        if (rc < 0)
            return rc;
        printf("%.1f s: loaf %d, %d on the shelf\n", bide_now(), loaf, ++shelf);
        bide_condition_notify(&has_bread, 1);
    }                                           /* the lock is released here, on every path */
    return 0;
}

struct customer { const char *name; double seconds; };

static int buy(void *arg)
{
    const struct customer *me = arg;
    for (int i = 0; i < 3; i++) {
        int rc = bide_sleep(me->seconds);
        bide_auto(permit) held = rc < 0 ? NULL : bide_lock_acquire(&lock);
        rc = bide_condition_wait_for(&has_bread, held, is_there_bread, NULL);
        if (rc < 0)
            return rc;                          /* the lock is held here too, and released */
        printf("%.1f s: %s buys, %d left\n", bide_now(), me->name, --shelf);
        bide_condition_notify(&has_room, 1);
    }
    return 0;
}

static int program(void *unused)
{
    (void)unused;
    BIDE_GROUP(g);
    bide_spawn(g, bake, NULL);
    bide_spawn_with(g, buy, struct customer, "Ann", 1);
    bide_spawn_with(g, buy, struct customer, "Ben", 1.5);
    return bide_group_wait(g);
}

int main(void)
{
    return bide_run(program, NULL) < 0;
}
