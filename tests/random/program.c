/* tests/random/program.c -- what the tasks of a random program do, step by step. */
#include "program.h"
#include "locks.h"
#include "things.h"

#include <bide/log.h>
#include <string.h>

enum { DEPTH_MAX = 7, OBJECTS_MAX = 4 };

static struct band *objects[OBJECTS_MAX];
static int object_count;
static bool deadlocked;
static bool is_poor;            /* memory runs out now and then */
bool is_short;
static int refusals_told;
static bool ending;             /* main has ended: what is left is cancelled; objects that nobody
                                   closes then are closed by the loop */
static struct band *root_band;

/* Who is where. */

/* Its handle may be used: it was asked for, and its group is still there. */
static bool is_readable(const struct actor *actor)
{
    return actor->handle && !actor->band->left;
}

static struct actor *any_readable(void)
{
    for (int tries = 0; tries < 6; tries++) {
        struct actor *actor = &actors[below(actor_count)];
        if (is_readable(actor))
            return actor;
    }
    return NULL;
}

struct actor *actor_of(const bide_task *task)
{
    struct actor *actor = bide_task_arg(task);
    return actor >= actors && actor < actors + ACTORS_MAX ? actor : *(struct actor **)actor;
}

static const char *name_of(const struct actor *actor)
{
    return actor->named ? actor->name : actor->copied ? "play_copy" : "play";
}

static void check_task(const struct actor *actor)
{
    const bide_task *task = actor->handle;
    int result = actor->ended ? actor->result : BIDE_EAGAIN;
    EXPECT(bide_task_done(task) == actor->ended, "%s: done is %d", actor->name, !actor->ended);
    EXPECT(bide_task_result(task) == result, "%s: its result is %d, not %d", actor->name,
           bide_task_result(task), result);
    EXPECT(strcmp(bide_task_name(task), name_of(actor)) == 0, "%s is called %s", actor->name,
           bide_task_name(task));
    EXPECT(actor_of(task) == actor, "%s has the argument of another", actor->name);
    if (!actor->ended)
        return;
    int code = bide_task_error(task)->code;
    EXPECT(actor->failed ? code == actor->code : code == 0 || code == actor->code,
           "%s: its error is %d, its result %d", actor->name, code, result);
}

/* Spawning. */

/* What is copied for a task: larger than what fits beside its stack, so memory is needed. */
struct load { struct actor *actor; char text[300]; };

static void drop_actor(void *arg)
{
    struct actor *actor = arg;
    if (actor < actors || actor >= actors + ACTORS_MAX)
        actor = *(struct actor **)arg;
    EXPECT(actor->ended || is_short, "%s: its argument was dropped while it ran", actor->name);
    actor->drops++;
}

static int really_spawn(struct band *band, struct actor *actor, bool keep)
{
    struct load load = { .actor = actor };
    bide_drop_fn *drop = actor->drop_asked ? drop_actor : NULL;
    const char *name = actor->named ? actor->name : NULL;
    bide_task **handle = keep ? &actor->handle : NULL;
    if (actor->copied)
        return bide_spawn(band->real, play_copy, &load, .drop = drop, .name = name,
                          .handle = handle, .copy = below(2) ? sizeof load : sizeof actor);
    return bide_spawn(band->real, play, actor, .drop = drop, .name = name, .handle = handle);
}

void spawn_into(struct band *band, struct actor *spawner, int depth)
{
    struct actor *actor = actor_new(band, depth);
    if (!actor)
        return;
    bool plain = below(3) == 0, keep = !plain && below(2);
    actor->copied = !plain && below(2);
    actor->drop_asked = !plain && below(2);
    actor->named = !plain && below(2);
    is_short = is_poor && below(4) == 0;
    trace("%s: spawns %s into group %d%s%s", spawner->name, actor->name, band->id,
          keep ? ", with handle" : "", is_short ? ", short of memory" : "");
    int rc = plain ? bide_spawn(band->real, play, actor) : really_spawn(band, actor, keep);
    EXPECT(rc == 0 || (is_short && rc == BIDE_ENOMEM), "spawn returned %d: %s", rc, bide_errmsg());
    EXPECT(rc == 0 || bide_errcode() == rc, "spawn returned %d but holds %d", rc, bide_errcode());
    is_short = false;
    EXPECT(!actor->started, "spawn ran %s", actor->name);
    EXPECT(!keep || !actor->handle == (rc < 0), "spawn gave a wrong handle of %s", actor->name);
    if (rc < 0)
        actor_refused(actor);
}

/* Its owner has been told that it is empty, but has not gone on yet. */
static bool is_told_empty(const struct band *band)
{
    return band->owner && band->alive == 0 && band->owner->call.on == band;
}

/* Into a group that the actor is inside of, so that it cannot end before the actor does. */
static void spawn_around(struct actor *actor, int depth)
{
    struct band *around[BANDS_MAX];
    int count = 0;
    for (const struct node *node = actor->inside; node; node = node->outer)
        for (int i = 0; i < band_count; i++)
            if (node == &bands[i].node && bands[i].real && !bands[i].closed
                && !is_told_empty(&bands[i]))
                around[count++] = &bands[i];
    if (count > 0)
        spawn_into(around[below(count)], actor, depth + 1);
}

/* Tree. */

static void cancel_task(struct actor *actor)
{
    struct actor *victim = any_readable();
    if (!victim)
        return;
    trace("%s: cancels task %s", actor->name, victim->name);
    if (!victim->ended)
        node_cancel(&victim->base);
    bide_cancel(victim->handle);
}

/* A guard's scope, somewhere around a task that runs. */
static struct node *any_scope(void)
{
    for (int tries = 0; tries < 20; tries++) {
        struct actor *actor = &actors[below(actor_count)];
        struct node *node = actor->ended ? NULL : actor->inside;
        for (int n = below(4); node && n > 0; n--)
            node = node->outer;
        if (node && node->real && node->open)
            return node;
    }
    return NULL;
}

static void cancel_group(struct actor *actor)
{
    struct band *band = &bands[below(band_count)];
    if (band->left || band->kind == ROOT || !band->real || band->closed)
        return;
    trace("%s: cancels group %d", actor->name, band->id);
    node_cancel(&band->node);
    bide_group_cancel(band->real);
}

static void check_cancelled(const struct actor *actor)
{
    EXPECT(bide_cancelled() == node_cancelled(actor->inside), "%s: bide_cancelled() is %d",
           actor->name, !node_cancelled(actor->inside));
    int64_t due = node_nearest_due(actor->inside);
    double left = bide_time_left();
    if (node_cancelled(actor->inside))
        return;
    if (due == NEVER)
        EXPECT(left == BIDE_FOREVER, "%s: %g s are left, not for ever", actor->name, left);
    else
        EXPECT(left * 1e9 > (double)(due - time_now_ns()) - 2
               && left * 1e9 < (double)(due - time_now_ns()) + 2, "%s: %g s are left",
               actor->name, left);
}

/* A shield keeps its limit, or nothing could end what waits for ever inside it. */
static void extend_scope(const struct actor *actor, struct node *node)
{
    double seconds = below(8) == 0 ? 0 : (below(20) + 1) / 1000.0;
    if (!node->shield && below(8) == 0)
        seconds = BIDE_FOREVER;
    trace("%s: extends a scope to %g s", actor->name, seconds);
    node_extend(node, seconds);
    bide_scope_extend(node->real, seconds);
}

void act_on_tree(struct actor *actor)
{
    struct node *node = any_scope();
    switch (below(7)) {
    case 0: case 1:
        cancel_task(actor);
        break;
    case 2:
        cancel_group(actor);
        break;
    case 3:
        if (!node)
            break;
        trace("%s: cancels a scope", actor->name);
        node_cancel(node);
        bide_scope_cancel(node->real);
        break;
    case 4:
        if (!node)
            break;
        extend_scope(actor, node);
        break;
    default:
        check_cancelled(actor);
    }
}

/* Owned groups and the root group. */

static void drop_object(void *arg)
{
    struct band *band = arg;
    trace("group %d is dropped", band->id);
    EXPECT(band->closed || ending, "group %d was dropped though open", band->id);
    EXPECT(band->alive == 0, "group %d was dropped with %d tasks", band->id, band->alive);
    EXPECT(!band->dropped, "group %d was dropped twice", band->id);
    band->dropped = band->left = true;
}

static void open_object(struct actor *actor)
{
    if (object_count == OBJECTS_MAX)
        return;
    if (ending) {
        EXPECT(!bide_group_open("late", NULL, NULL) && bide_errcode() == BIDE_ECLOSED,
               "a group was opened though the loop ends");
        return;
    }
    struct band *band = band_new(OWNED, NULL);
    if (!band)
        return;
    objects[object_count++] = band;
    band->real = bide_group_open("object", drop_object, band);
    trace("%s: opens group %d", actor->name, band->id);
    EXPECT(band->real, "no group: %s", bide_errmsg());
}

static void close_object(struct band *band)
{
    if (band->closed)
        return;
    trace("group %d is closed, %d alive", band->id, band->alive);
    band->closed = true;
    if (band->alive > 0)
        node_cancel(&band->node);
    bide_group_close(band->real);
    EXPECT(band->dropped == (band->alive == 0), "closing group %d with %d tasks %s it", band->id,
           band->alive, band->dropped ? "dropped" : "did not drop");
}

void act_on_objects(struct actor *actor)
{
    if (below(3) == 0) {
        open_object(actor);
    } else if (below(5) == 0) {
        spawn_into(root_band, actor, 3);
    } else if (object_count > 0) {
        struct band *band = objects[below(object_count)];
        if (band->dropped)
            return;
        if (below(4) == 0)
            close_object(band);
        else if (!band->closed)
            spawn_into(band, actor, 3);
    }
}

/* Calls on tasks. */

int call_join(struct actor *actor)
{
    calm(actor);
    struct actor *other = any_readable();
    if (!other || other == actor)
        return 0;
    trace("%s: joins %s", actor->name, other->name);
    if (call_begin(actor, JOIN, other) == OPEN) {
        if (other->ended)
            call_decide(actor, 0);
        else
            line_add(&other->joiners, actor);
    }
    int rc = call_end(actor, bide_join(other->handle));
    if (rc == 0 && is_readable(other))
        check_task(other);
    return rc;
}

/* Steps. */

static int play_step(struct actor *actor, int depth)
{
    switch (below(depth < DEPTH_MAX ? 26 : 19)) {
    case 0: case 1: return call_yield(actor);
    case 2: case 3: return call_sleep(actor);
    case 4: return play_bounded(actor, below(2) ? call_event : call_meet);
    case 5: case 6: return play_bounded(actor, below(2) ? call_acquire : call_lock);
    case 7: case 8: return play_bounded(actor, call_put);
    case 9: case 10: return play_bounded(actor, call_get);
    case 11: return below(3) ? play_bounded(actor, call_join)
                             : play_bounded(actor, call_drain);
    case 12:
        if (below(2))
            act_on_event();
        else
            act_on_barrier();
        return 0;
    case 13:
        if (below(2))
            act_on_permit(actor);
        else
            act_on_lock(actor);
        return 0;
    case 14: act_on_queue(); return 0;
    case 15: case 16: act_on_tree(actor); return 0;
    case 17:
        if (below(2))
            act_on_objects(actor);
        else
            spawn_around(actor, depth);
        return 0;
    case 18: return call_outer_group(actor);
    case 19: case 20: return block_scope(actor, depth);
    case 21: return below(4) ? block_scope(actor, depth) : block_nested(actor);
    case 22: return block_gather(actor, depth);
    default: return block_group(actor, depth);
    }
}

int play_steps(struct actor *actor, int depth)
{
    for (int n = below(7) + 1; n > 0 && actor->calls < CALLS_MAX; n--) {
        int rc = play_step(actor, depth);
        time_passes();
        if (rc < 0 && below(10) < 6)
            return rc;
    }
    return 0;
}

int play(void *arg)
{
    struct actor *actor = arg;
    actor_begin(actor);
    trace("%s starts", actor->name);
    int rc = play_steps(actor, actor->depth);
    if (rc >= 0 && below(8) == 0)
        rc = bide_fail(-2000 - actor->id, "%s fell over", actor->name);
    else if (rc >= 0)
        rc = below(100);
    release_all(actor);
    locks_release(actor);
    actor_end(actor, rc);
    return rc;
}

int play_copy(void *arg)
{
    return play(*(struct actor **)arg);
}

/* Programs. */

void hear_failure(const bide_task *task, const struct bide_error *why)
{
    if (!task) {
        EXPECT(why->code == BIDE_ENOMEM, "nobody is reported with %d", why->code);
        refusals_told++;
        return;
    }
    struct actor *actor = actor_of(task);
    trace("%s is reported", actor->name);
    EXPECT(actor->ended && actor->failed, "%s was reported, but has not failed", actor->name);
    EXPECT(!actor->reported, "%s was reported twice", actor->name);
    EXPECT(why->code == actor->code, "%s was reported with %d, not %d",
           actor->name, why->code, actor->result);
    actor->reported = true;
}

void hear_log(const char *text)
{
    trace("log: %s", text);
    if (strncmp(text, "deadlock: every task", 20) != 0)
        return;
    EXPECT(!deadlocked, "a second deadlock in one program");
    deadlocked = true;
    tree_deadlock();
}

static int play_main(void *arg)
{
    struct actor *actor = arg;
    actor_begin(actor);
    for (int n = below(8) + 4; n > 0 && actor->calls < CALLS_MAX; n--) {
        bide_ignore(below(2) ? block_group(actor, 0) : play_steps(actor, 0));
        time_passes();
    }
    release_all(actor);
    locks_release(actor);
    for (int i = 0; i < object_count; i++)
        if (below(4))
            close_object(objects[i]);
    if (below(2))
        things_end_queues();
    if (below(2))
        things_end_permits();
    trace("main ends");
    actor_end(actor, 0);
    node_cancel(&root_node);
    ending = true;
    return 7;
}

void program_run(uint64_t seed)
{
    tree_reset();
    object_count = 0;
    ending = deadlocked = false;
    is_daring = below(5) == 0;
    is_poor = below(5) == 0;
    refusals_told = 0;
    things_make();
    locks_make();
    root_band = band_new(ROOT, NULL);
    struct actor *actor = actor_new(root_band, 0);
    bool shuffled = below(2);
    trace("program %llu%s", (unsigned long long)seed, shuffled ? ", shuffled" : "");
    int rc = bide_run(play_main, actor, .jumping_clock = true, .on_failure = hear_failure,
                      .shuffle_seed = shuffled ? seed : 0,
                      .poller = below(2) ? "poll" : "epoll");
    EXPECT(rc == (deadlocked ? BIDE_EDEADLK : 7), "bide_run returned %d: %s", rc, bide_errmsg());
    for (int i = 0; i < object_count; i++) {
        EXPECT(objects[i]->dropped, "group %d was never dropped",
               objects[i]->id);
        band_left(objects[i]);
    }
    band_left(root_band);
    EXPECT(refusals_told == refusals_to_tell, "%d refused tasks were reported, not %d",
           refusals_told, refusals_to_tell);
    things_end();
    locks_end();
}
