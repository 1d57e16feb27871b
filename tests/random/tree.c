/* tests/random/tree.c -- nodes, bands and actors, and what follows when one is cancelled, ends, or
 * comes due.  Walks lists of everything each time: slow and plain, so that it can be believed. */
#include "tree.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct node root_node;
struct actor actors[ACTORS_MAX];
struct band bands[BANDS_MAX];
int actor_count, band_count, refusals_to_tell;

static struct node *open_nodes;
static int64_t now_ns;
static uint64_t orders;
static unsigned long decisions; /* calls decided or cancelled so far */

void tree_reset(void)
{
    memset(actors, 0, sizeof actors);
    memset(bands, 0, sizeof bands);
    memset(&root_node, 0, sizeof root_node);
    root_node.due = NEVER;
    actor_count = band_count = refusals_to_tell = 0;
    open_nodes = NULL;
    now_ns = 0;
    orders = 0;
}

int64_t time_now_ns(void)
{
    return llround(bide_now() * 1e9);
}

uint64_t timer_order(void)
{
    return ++orders;
}

/* Nodes. */

bool node_cancelled(const struct node *node)
{
    for (; node; node = node->outer) {
        if (node->cancelled)
            return true;
        if (node->shield)
            return false;
    }
    return false;
}

int64_t node_nearest_due(const struct node *node)
{
    int64_t nearest = NEVER;
    for (; node; node = node->outer) {
        if (node->due < nearest)
            nearest = node->due;
        if (node->shield)
            break;
    }
    return nearest;
}

/* Is one of the nodes from the actor's innermost up to the band's own, without it, cancelled? */
static bool cancelled_within(const struct actor *actor, const struct band *band)
{
    for (const struct node *node = actor->inside; node != &band->node; node = node->outer) {
        if (node->cancelled)
            return true;
        if (node->shield)
            return false;
    }
    return false;
}

static void line_remove(struct actor *actor)
{
    struct line *line = actor->line;
    if (!line)
        return;
    struct actor **link = &line->first;
    while (*link != actor)
        link = &(*link)->next_in_line;
    *link = actor->next_in_line;
    if (line->last == &actor->next_in_line)
        line->last = link;
    actor->line = NULL;
}

/* Waiting for a group, or for the next of it, ends when the group does, except if it is the waiter
 * alone that is cancelled; leaving one, and gathering, always last until all have ended. */
static bool can_interrupt(const struct actor *actor)
{
    if (actor->call.kind == LEAVE || actor->call.kind == GATHERING)
        return false;
    if (actor->call.kind != WAIT && actor->call.kind != NEXT)
        return true;
    const struct band *band = actor->call.on;
    return cancelled_within(actor, band) && !node_cancelled(&band->node);
}

/* Something was marked cancelled: finds out for every actor what that means. */
static void spread(void)
{
    for (int i = 0; i < actor_count; i++) {
        struct actor *actor = &actors[i];
        if (!actor->started || actor->ended || !node_cancelled(actor->inside))
            continue;
        actor->shaken = true;
        if (actor->call.state == DECIDED)
            actor->call.late = true;
        if (actor->call.kind == NO_CALL || actor->call.state != OPEN || !can_interrupt(actor))
            continue;
        line_remove(actor);
        actor->call.state = CANCELLED;
        decisions++;
    }
}

void node_cancel(struct node *node)
{
    if (node->cancelled)
        return;
    node->cancelled = true;
    node->due = NEVER;
    spread();
}

static void node_expire(struct node *node)
{
    node->expired = true;
    node_cancel(node);
}

static void node_set_due(struct node *node, double seconds)
{
    node->due = NEVER;
    if (isinf(seconds))
        return;
    node->due = now_ns + (int64_t)ceil(seconds * 1e9);
    node->order = timer_order();
    if (node->due <= now_ns)
        node_expire(node);
}

void node_open(struct node *node, struct node *outer, bide_scope *real, double seconds,
               bool shield)
{
    *node = (struct node){ .outer = outer, .next_open = open_nodes, .open = true,
                           .shield = shield, .real = real };
    open_nodes = node;
    node_set_due(node, seconds);
}

void node_extend(struct node *node, double seconds)
{
    if (!node->cancelled)
        node_set_due(node, seconds);
}

void node_close(struct node *node)
{
    struct node **link = &open_nodes;
    while (*link != node)
        link = &(*link)->next_open;
    *link = node->next_open;
    node->open = false;
}

/* Time. */

static bool is_earlier(int64_t due, uint64_t order, int64_t than_due, uint64_t than_order)
{
    return due < than_due || (due == than_due && order < than_order);
}

static struct node *first_node_due(void)
{
    struct node *first = NULL;
    for (struct node *node = open_nodes; node; node = node->next_open)
        if (node->due <= now_ns
            && (!first || is_earlier(node->due, node->order, first->due, first->order)))
            first = node;
    return first;
}

static struct actor *first_sleeper_due(void)
{
    struct actor *first = NULL;
    for (int i = 0; i < actor_count; i++) {
        struct call *call = &actors[i].call;
        if (call->kind == SLEEP && call->state == OPEN && call->due <= now_ns
            && (!first || is_earlier(call->due, call->order, first->call.due,
                                     first->call.order)))
            first = &actors[i];
    }
    return first;
}

/* The clock may pass a deadline only if that let nobody go on. */
static void handle_due(struct node *node, struct actor *sleeper)
{
    unsigned long before = decisions;
    int64_t due = node ? node->due : sleeper->call.due;
    if (node)
        node_expire(node);
    else
        call_decide(sleeper, 0);
    EXPECT(due == now_ns || decisions == before, "the clock jumped %.9f s past a timer",
           (double)(now_ns - due) / 1e9);
}

void time_passes(void)
{
    int64_t now = time_now_ns();
    EXPECT(now >= now_ns, "the clock went back from %.9f to %.9f", (double)now_ns / 1e9,
           (double)now / 1e9);
    if (now == now_ns)
        return;
    now_ns = now;
    for (;;) {
        struct node *node = first_node_due();
        struct actor *sleeper = first_sleeper_due();
        if (!node && !sleeper)
            return;
        if (node && sleeper && !is_earlier(node->due, node->order, sleeper->call.due,
                                           sleeper->call.order))
            node = NULL;
        handle_due(node, sleeper);
    }
}

/* Bands. */

struct band *band_new(enum band_kind kind, struct actor *owner)
{
    if (band_count == BANDS_MAX)
        return NULL;
    struct band *band = &bands[band_count];
    band->id = band_count++;
    band->kind = kind;
    band->owner = owner;
    band->left = false;
    struct node *outer = owner ? owner->inside : &root_node;
    node_open(&band->node, outer, NULL, BIDE_FOREVER, false);
    if (owner)
        owner->inside = &band->node;
    return band;
}

void band_leave(struct band *band)
{
    struct actor *owner = band->owner;
    owner->inside = &band->node;
    owner->call = (struct call){ .kind = LEAVE, .on = band };
    if (band->alive > 0)
        node_cancel(&band->node);
    else
        call_decide(owner, 0);
}

static void check_told(const struct band *band)
{
    for (int i = 0; i < actor_count; i++) {
        const struct actor *actor = &actors[i];
        if (actor->band != band)
            continue;
        EXPECT(actor->ended, "group %d was left while %s ran", band->id, actor->name);
        EXPECT(actor->drops == actor->drop_asked, "%s: its argument was dropped %d times",
               actor->name, actor->drops);
        if (actor->refused)
            continue;
        EXPECT(!actor->failed || actor->heard || actor->reported,
               "the failure of %s (%d) went unheard", actor->name, actor->result);
        EXPECT(!actor->failed || !actor->heard || !actor->reported,
               "the failure of %s (%d) was reported though it was heard", actor->name,
               actor->result);
    }
}

void band_left(struct band *band)
{
    struct actor *owner = band->owner;
    band->left = true;
    check_told(band);
    if (owner && band->failed_count > 0 && !band->told && band->failed[0]->refused)
        refusals_to_tell++;
    if (owner) {
        owner->inside = band->node.outer;
        owner->call = (struct call){ .kind = NO_CALL };
        owner->shaken = owner->shaken || node_cancelled(owner->inside);
    }
    node_close(&band->node);
}

static bool is_within(const struct node *node, const struct node *outer)
{
    for (; node && node != outer; node = node->outer)
        if (node->shield)
            return false;
    return node == outer;
}

/* The mark is lifted for the owner; who was reached by it in groups further in stays cancelled, for
 * it is on its way out, and its BIDE_ECANCELED must not turn into a failure. */
static void lift(struct band *band)
{
    for (int i = 0; band->node.cancelled && i < actor_count; i++)
        if (!actors[i].ended && actors[i].band->owner == band->owner
            && is_within(&actors[i].base, &band->node))
            actors[i].base.cancelled = true;
    band->node.cancelled = false;
}

void band_heard(struct band *band)
{
    for (int i = 0; i < band->failed_count; i++)
        band->failed[i]->heard = true;
    band->told = true;
    lift(band);
}

/* All have ended: what has bide_group_wait() or bide_gather() to say?  A failure goes first, for
 * it must not pass unheard.  Looked at when the waiter goes on, not before. */
static int verdict(const struct band *band)
{
    if (band->kind != GATHER_ALL && band->failed_count > 0 && !band->told)
        return band->failed[0]->code;
    return node_cancelled(band->node.outer) ? BIDE_ECANCELED : 0;
}

static bool waits_for_band(const struct actor *actor, const struct band *band)
{
    return actor && actor->call.on == band && actor->call.state == OPEN
        && (actor->call.kind == WAIT || actor->call.kind == GATHERING
            || actor->call.kind == LEAVE || actor->call.kind == NEXT);
}

static void member_ended(struct band *band, struct actor *actor)
{
    struct actor *owner = band->owner;
    band->alive--;
    if (band->kind == COLLECT && !actor->refused)
        band->ended[band->ended_count++] = actor;
    if (actor->failed) {
        band->failed_count = band->told ? 0 : band->failed_count;
        band->told = false;
        band->failed[band->failed_count++] = actor;
        if (band->kind == FAIL_FAST || band->kind == GATHER)
            node_cancel(&band->node);
    }
    if (actor->refused || !waits_for_band(owner, band))
        return;
    if (owner->call.kind == NEXT)
        call_decide(owner, 1);
    else if (band->alive == 0)
        call_decide(owner, 0);
}

/* Actors. */

struct actor *actor_new(struct band *band, int depth)
{
    if (actor_count == ACTORS_MAX || band->count == MEMBERS_MAX)
        return NULL;
    struct actor *actor = &actors[actor_count];
    actor->id = actor_count++;
    snprintf(actor->name, sizeof actor->name, "t%d", actor->id);
    actor->depth = depth;
    actor->band = band;
    actor->joiners.last = &actor->joiners.first;
    node_open(&actor->base, &band->node, NULL, BIDE_FOREVER, false);
    actor->inside = &actor->base;
    band->alive++;
    band->count++;
    return actor;
}

void actor_begin(struct actor *actor)
{
    EXPECT(!actor->started, "%s was started twice", actor->name);
    actor->started = true;
    actor->shaken = node_cancelled(actor->inside);
    time_passes();
}

void actor_end(struct actor *actor, int rc)
{
    EXPECT(actor->inside == &actor->base, "the test itself forgot a scope of %s", actor->name);
    actor->ended = true;
    actor->result = rc;
    actor->code = rc;
    if (rc == BIDE_ECANCELED && bide_errcode() == BIDE_ETIMEDOUT)
        actor->code = BIDE_ETIMEDOUT;
    actor->failed = rc < 0 && (rc != BIDE_ECANCELED || !node_cancelled(&actor->base));
    trace("%s ends with %d%s", actor->name, rc, actor->failed ? ", failed" : "");
    for (struct actor *joiner; (joiner = line_take(&actor->joiners));)
        call_decide(joiner, 0);
    node_close(&actor->base);
    member_ended(actor->band, actor);
}

void tree_deadlock(void)
{
    time_passes();
    for (const struct node *node = open_nodes; node; node = node->next_open)
        EXPECT(node->due == NEVER, "a deadlock, though a deadline is to come");
    for (int i = 0; i < actor_count; i++) {
        const struct actor *actor = &actors[i];
        const struct call *call = &actor->call;
        if (actor->ended)
            continue;
        EXPECT(actor->started, "a deadlock, though %s was never started", actor->name);
        EXPECT(call->kind != NO_CALL && call->kind != SLEEP && call->state == OPEN,
               "a deadlock, though %s could go on from %s", actor->name, call_name(call->kind));
    }
    node_cancel(&root_node);
}

void actor_refused(struct actor *actor)
{
    actor->refused = actor->ended = actor->failed = true;
    actor->result = actor->code = BIDE_ENOMEM;
    if (!actor->band->owner)
        refusals_to_tell++;
    node_close(&actor->base);
    member_ended(actor->band, actor);
}

/* Calls. */

void line_add(struct line *line, struct actor *actor)
{
    if (!line->first)
        line->last = &line->first;
    actor->next_in_line = NULL;
    actor->line = line;
    *line->last = actor;
    line->last = &actor->next_in_line;
}

struct actor *line_take(struct line *line)
{
    struct actor *actor = line->first;
    if (actor)
        line_remove(actor);
    return actor;
}

void call_decide(struct actor *actor, int rc)
{
    actor->call.state = DECIDED;
    actor->call.rc = rc;
    decisions++;
}

void calm(struct actor *actor)
{
    while (actor->shaken && !node_cancelled(actor->inside)) {
        actor->shaken = false;
        actor->call = (struct call){ .kind = YIELD, .state = DECIDED };
        call_end(actor, bide_yield());
    }
}

enum call_state call_begin(struct actor *actor, enum call_kind kind, void *on)
{
    time_passes();
    actor->calls++;
    actor->call = (struct call){ .kind = kind, .on = on, .due = NEVER };
    if (node_cancelled(actor->inside) && can_interrupt(actor))
        actor->call.state = CANCELLED;
    else if ((kind == WAIT || kind == GATHERING) && ((struct band *)on)->alive == 0)
        call_decide(actor, 0);
    return actor->call.state;
}

/* What the call has to return; *other is also right. */
static int call_verdict(const struct call *call, int *other)
{
    int rc = call->rc;
    if (call->state == CANCELLED)
        rc = BIDE_ECANCELED;
    else if (call->kind == WAIT || call->kind == GATHERING)
        rc = verdict(call->on);
    *other = call->kind == YIELD && call->late ? BIDE_ECANCELED : rc;
    if (call->kind == NEXT && call->state == DECIDED && rc == 0
        && node_cancelled(((struct band *)call->on)->node.outer))
        *other = BIDE_ECANCELED;
    return rc;
}

int call_end(struct actor *actor, int rc)
{
    time_passes();
    struct call *call = &actor->call;
    trace("%s: %s returns %d", actor->name, call_name(call->kind), rc);
    if (call->state == OPEN)
        wrong("%s: %s returned %d without a cause", actor->name, call_name(call->kind), rc);
    int other, expected = call_verdict(call, &other);
    if (rc != expected && rc != other)
        wrong("%s: %s returned %d, not %d", actor->name, call_name(call->kind), rc, expected);
    if (rc < 0)
        EXPECT(bide_errcode() == rc, "%s: %s returned %d but holds %d", actor->name,
               call_name(call->kind), rc, bide_errcode());
    call->kind = NO_CALL;
    call->state = OPEN;
    return rc;
}

const char *call_name(enum call_kind kind)
{
    static const char *const names[] = {
        "none", "yield", "sleep", "event_wait", "semaphore_acquire", "queue_put", "queue_get",
        "queue_join", "lock_acquire", "barrier_wait", "join", "group_wait", "group_next", "gather",
        "leave"
    };
    return names[kind];
}
