/* tests/random/things.c -- the models: a flag, a count, a list of numbers, and lines of waiting
 * actors.  Each call changes the model first and the runtime then; nobody runs in between, so both
 * see the same order of calls.  Every unsigned put into a queue is a number used once. */
#include "things.h"

#include <limits.h>
#include <string.h>

enum { EVENTS = 2, SEMAPHORES = 2, QUEUES = 3, ITEMS_MAX = 4000, BAG_MAX = 8 };

struct flag { bide_event real; bool set; struct line line; };
struct gate { bide_semaphore real; size_t limit, taken; struct line line; };
struct pipe {
    bide_queue *real;
    size_t capacity;
    unsigned items[ITEMS_MAX];
    size_t first, end, got, unfinished;
    bool closed;
    struct line getters, putters, drainers;
};

static struct flag flags[EVENTS];
static struct gate gates[SEMAPHORES];
static struct pipe pipes[QUEUES];
static struct { bide_permit *permit; struct gate *gate; } bag[BAG_MAX];
static int bag_count;
static unsigned items;
static unsigned char dropped[ITEMS_MAX];

static void drop_item(void *item)
{
    unsigned number;
    memcpy(&number, item, sizeof number);
    EXPECT(number < items && !dropped[number]++, "item %u was dropped twice", number);
}

void things_make(void)
{
    memset(flags, 0, sizeof flags);
    memset(gates, 0, sizeof gates);
    memset(pipes, 0, sizeof pipes);
    memset(dropped, 0, sizeof dropped);
    bag_count = 0;
    items = 0;
    for (int i = 0; i < SEMAPHORES; i++) {
        gates[i].limit = (size_t)below(3) + 1;
        if (gates[i].limit > 1 || below(2))
            gates[i].real = (bide_semaphore)BIDE_SEMAPHORE(gates[i].limit);
    }
    for (int i = 0; i < QUEUES; i++) {
        pipes[i].capacity = below(4) ? (size_t)below(3) + 1 : BIDE_UNLIMITED;
        pipes[i].real = bide_queue_new(unsigned, pipes[i].capacity, .drop = drop_item);
        EXPECT(pipes[i].real, "no queue: %s", bide_errmsg());
    }
}

static size_t pipe_size(const struct pipe *pipe)
{
    return pipe->end - pipe->first;
}

static void pipe_free(struct pipe *pipe)
{
    struct actor *actor;
    while ((actor = line_take(&pipe->getters)) || (actor = line_take(&pipe->putters))
           || (actor = line_take(&pipe->drainers)))
        call_decide(actor, BIDE_ECLOSED);
    bide_queue_free(pipe->real);
    pipe->real = NULL;
    for (size_t i = pipe->first; i < pipe->end; i++)
        EXPECT(dropped[pipe->items[i]] == 1, "item %u was lost", pipe->items[i]);
    for (size_t i = 0; i < pipe->first; i++)
        EXPECT(!dropped[pipe->items[i]], "item %u was got and dropped", pipe->items[i]);
}

static void check_gate(struct gate *gate)
{
    size_t is_free = bide_semaphore_free(&gate->real);
    EXPECT(is_free == gate->limit - gate->taken, "semaphore %d has %zu permits free, not %zu",
           (int)(gate - gates), is_free, gate->limit - gate->taken);
}

static void gate_release(struct gate *gate, bide_permit *permit)
{
    struct actor *actor = line_take(&gate->line);
    if (actor)
        call_decide(actor, 0);
    else
        gate->taken--;
    trace("semaphore %d: released, %zu taken", (int)(gate - gates), gate->taken);
    bide_permit_release(permit);
    check_gate(gate);
}

void things_end_permits(void)
{
    while (bag_count > 0) {
        bag_count--;
        gate_release(bag[bag_count].gate, bag[bag_count].permit);
    }
}

void things_end_queues(void)
{
    for (int i = 0; i < QUEUES; i++)
        if (pipes[i].real)
            pipe_free(&pipes[i]);
}

void things_end(void)
{
    things_end_permits();
    things_end_queues();
    for (int i = 0; i < SEMAPHORES; i++) {
        EXPECT(gates[i].taken == 0 && !gates[i].line.first, "the test lost a permit");
        check_gate(&gates[i]);
        EXPECT(!gates[i].real.waiters_, "a waiter is left at semaphore %d", i);
    }
    for (int i = 0; i < EVENTS; i++)
        EXPECT(!flags[i].real.waiters_, "a waiter is left at event %d", i);
}

/* Calls. */

int call_yield(struct actor *actor)
{
    calm(actor);
    if (call_begin(actor, YIELD, NULL) == OPEN)
        call_decide(actor, 0);
    return call_end(actor, below(2) ? bide_yield() : bide_sleep(below(2) ? 0.0 : -1.0));
}

int call_sleep(struct actor *actor)
{
    calm(actor);
    int milliseconds = below(12) + 1;
    if (call_begin(actor, SLEEP, NULL) == OPEN) {
        actor->call.due = time_now_ns() + milliseconds * INT64_C(1000000);
        actor->call.order = timer_order();
    }
    trace("%s: sleep(%d ms)", actor->name, milliseconds);
    return call_end(actor, bide_sleep(milliseconds / 1000.0));
}

int call_event(struct actor *actor)
{
    calm(actor);
    struct flag *flag = &flags[below(EVENTS)];
    if (call_begin(actor, EVENT, flag) == OPEN) {
        if (flag->set)
            call_decide(actor, 0);
        else
            line_add(&flag->line, actor);
    }
    return call_end(actor, bide_event_wait(&flag->real));
}

static void keep_permit(struct actor *actor, struct gate *gate, bide_permit *permit)
{
    for (int i = 0; i < 4 && below(3); i++) {
        if (actor->permits[i])
            continue;
        actor->permits[i] = permit;
        actor->gates[i] = gate;
        return;
    }
    if (bag_count == BAG_MAX) {
        gate_release(gate, permit);
        return;
    }
    bag[bag_count].permit = permit;
    bag[bag_count++].gate = gate;
}

int call_acquire(struct actor *actor)
{
    calm(actor);
    struct gate *gate = &gates[below(SEMAPHORES)];
    if (call_begin(actor, PERMIT, gate) == OPEN) {
        if (gate->taken < gate->limit) {
            gate->taken++;
            call_decide(actor, 0);
        } else {
            line_add(&gate->line, actor);
        }
    }
    bide_permit *permit = bide_semaphore_acquire(&gate->real);
    int rc = call_end(actor, permit ? 0 : bide_errcode());
    if (permit)
        keep_permit(actor, gate, permit);
    check_gate(gate);
    return rc;
}

static struct pipe *any_pipe(void)
{
    struct pipe *pipe = &pipes[below(QUEUES)];
    return pipe->real ? pipe : NULL;
}

/* A free place is taken by the longest waiting putter. */
static void let_putter_in(struct pipe *pipe)
{
    struct actor *putter = line_take(&pipe->putters);
    if (!putter)
        return;
    pipe->items[pipe->end++] = putter->call.item;
    pipe->unfinished++;
    call_decide(putter, 0);
}

/* BIDE_EAGAIN: has to wait. */
static int model_put(struct pipe *pipe, unsigned item)
{
    if (pipe->closed)
        return BIDE_ECLOSED;
    if (pipe_size(pipe) >= pipe->capacity)
        return BIDE_EAGAIN;
    pipe->items[pipe->end++] = item;
    pipe->unfinished++;
    struct actor *getter = line_take(&pipe->getters);
    if (getter) {
        getter->call.item = pipe->items[pipe->first++];
        pipe->got++;
        call_decide(getter, 1);
    }
    return 0;
}

static int model_get(struct pipe *pipe, unsigned *item)
{
    if (pipe_size(pipe) == 0)
        return pipe->closed ? 0 : BIDE_EAGAIN;
    *item = pipe->items[pipe->first++];
    pipe->got++;
    let_putter_in(pipe);
    return 1;
}

static bool is_full_of_items(void)
{
    return items == ITEMS_MAX;
}

int call_put(struct actor *actor)
{
    calm(actor);
    struct pipe *pipe = any_pipe();
    if (!pipe || is_full_of_items())
        return 0;
    unsigned item = items++;
    if (call_begin(actor, PUT, pipe) == OPEN) {
        int rc = model_put(pipe, item);
        actor->call.item = item;
        if (rc == BIDE_EAGAIN)
            line_add(&pipe->putters, actor);
        else
            call_decide(actor, rc);
    }
    return call_end(actor, bide_queue_put(pipe->real, &item));
}

int call_get(struct actor *actor)
{
    calm(actor);
    struct pipe *pipe = any_pipe();
    if (!pipe)
        return 0;
    unsigned item = UINT_MAX;
    if (call_begin(actor, GET, pipe) == OPEN) {
        int rc = model_get(pipe, &actor->call.item);
        if (rc == BIDE_EAGAIN)
            line_add(&pipe->getters, actor);
        else
            call_decide(actor, rc);
    }
    int rc = call_end(actor, bide_queue_get(pipe->real, &item));
    if (rc == 1)
        EXPECT(item == actor->call.item, "%s got item %u, not %u", actor->name, item,
               actor->call.item);
    else
        EXPECT(item == UINT_MAX, "%s got item %u and %d", actor->name, item, rc);
    return rc;
}

int call_drain(struct actor *actor)
{
    calm(actor);
    struct pipe *pipe = any_pipe();
    if (!pipe)
        return 0;
    if (call_begin(actor, DRAIN, pipe) == OPEN) {
        if (pipe->unfinished == 0)
            call_decide(actor, 0);
        else
            line_add(&pipe->drainers, actor);
    }
    return call_end(actor, bide_queue_join(pipe->real));
}

/* What never waits. */

void act_on_event(void)
{
    struct flag *flag = &flags[below(EVENTS)];
    EXPECT(bide_event_is_set(&flag->real) == flag->set, "event %d is %d, not %d",
           (int)(flag - flags), !flag->set, flag->set);
    flag->set = below(2);
    trace("event %d %s", (int)(flag - flags), flag->set ? "set" : "clear");
    if (!flag->set) {
        bide_event_clear(&flag->real);
        return;
    }
    for (struct actor *actor; (actor = line_take(&flag->line));)
        call_decide(actor, 0);
    bide_event_set(&flag->real);
}

static void act_nowait_permit(struct actor *actor, struct gate *gate)
{
    bool there = gate->taken < gate->limit;
    bide_permit *permit = bide_semaphore_acquire_nowait(&gate->real);
    trace("%s: semaphore %d: %zu taken, acquire_nowait %s", actor->name, (int)(gate - gates),
          gate->taken, permit ? "succeeds" : "fails");
    EXPECT((permit != NULL) == there, "semaphore %d %s a permit at once", (int)(gate - gates),
           permit ? "gave" : "refused");
    if (!permit) {
        EXPECT(bide_errcode() == BIDE_EAGAIN, "refused with %d", bide_errcode());
        return;
    }
    gate->taken++;
    keep_permit(actor, gate, permit);
}

void act_on_permit(struct actor *actor)
{
    int which = below(4);
    if (below(3) == 0) {
        act_nowait_permit(actor, &gates[below(SEMAPHORES)]);
    } else if (below(2) && bag_count > 0) {
        bag_count--;
        gate_release(bag[bag_count].gate, bag[bag_count].permit);
    } else if (actor->permits[which]) {
        bide_permit *permit = actor->permits[which];
        actor->permits[which] = NULL;
        gate_release(actor->gates[which], permit);
    }
}

void release_all(struct actor *actor)
{
    for (int i = 0; i < 4; i++) {
        bide_permit *permit = actor->permits[i];
        actor->permits[i] = NULL;
        if (permit)
            gate_release(actor->gates[i], permit);
    }
}

static void pipe_close(struct pipe *pipe)
{
    struct actor *actor;
    pipe->closed = true;
    while ((actor = line_take(&pipe->putters)))
        call_decide(actor, BIDE_ECLOSED);
    while ((actor = line_take(&pipe->getters)))
        call_decide(actor, 0);
    bide_queue_close(pipe->real);
}

static void pipe_done(struct pipe *pipe)
{
    int expected = pipe->got > 0 ? 0 : BIDE_EINVAL;
    if (pipe->got > 0) {
        pipe->got--;
        pipe->unfinished--;
    }
    for (struct actor *actor; pipe->unfinished == 0 && (actor = line_take(&pipe->drainers));)
        call_decide(actor, 0);
    int rc = bide_queue_done(pipe->real);
    EXPECT(rc == expected, "queue_done returned %d, not %d", rc, expected);
}

static void act_nowait_put(struct pipe *pipe)
{
    unsigned item = items;
    if (is_full_of_items())
        return;
    int expected = model_put(pipe, item);
    int rc = bide_queue_put_nowait(pipe->real, &item);
    EXPECT(rc == expected, "put_nowait returned %d, not %d", rc, expected);
    if (rc == 0)
        items++;
}

static void act_nowait_get(struct pipe *pipe)
{
    unsigned item = UINT_MAX, wanted = UINT_MAX;
    int expected = model_get(pipe, &wanted);
    int rc = bide_queue_get_nowait(pipe->real, &item);
    EXPECT(rc == expected && item == wanted, "get_nowait returned %d and %u, not %d and %u", rc,
           item, expected, wanted);
}

void act_on_queue(void)
{
    struct pipe *pipe = any_pipe();
    if (!pipe)
        return;
    int choice = below(40);
    trace("queue %d: %s", (int)(pipe - pipes), choice == 0 ? "free" : choice == 1 ? "close"
          : choice < 16 ? "put" : choice < 28 ? "get" : "done");
    if (choice == 0)
        pipe_free(pipe);
    else if (choice == 1)
        pipe_close(pipe);
    else if (choice < 16)
        act_nowait_put(pipe);
    else if (choice < 28)
        act_nowait_get(pipe);
    else
        pipe_done(pipe);
    if (pipe->real)
        EXPECT(bide_queue_size(pipe->real) == pipe_size(pipe), "queue %d has %zu items, not %zu",
               (int)(pipe - pipes), bide_queue_size(pipe->real), pipe_size(pipe));
}
