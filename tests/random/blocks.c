/* tests/random/blocks.c -- random programs' scopes, groups and gathers.
 *
 * Each function declares a guard, plays inside it, and compares what the runtime says about it
 * with the tree. */
#include "program.h"

#include <stdio.h>
#include <string.h>

/* Scopes. */

static void check_scope(const struct actor *actor, const struct node *node)
{
    EXPECT(bide_scope_cancelled(node->real) == node_cancelled(node),
           "%s: its scope says cancelled: %d", actor->name, !node_cancelled(node));
    EXPECT(bide_scope_expired(node->real) == node->expired, "%s: its scope says expired: %d",
           actor->name, !node->expired);
}

static int judge_result(struct actor *actor, struct node *node, int rc)
{
    bool ours = rc == BIDE_ECANCELED && node->expired && !node_cancelled(node->outer);
    int expected = ours ? BIDE_ETIMEDOUT : rc;
    int result = bide_scope_result(node->real, rc);
    EXPECT(result == expected, "%s: bide_scope_result(%d) is %d, not %d", actor->name, rc,
           result, expected);
    EXPECT(!ours || bide_errcode() == BIDE_ETIMEDOUT, "%s: timed out, but holds %d",
           actor->name, bide_errcode());
    return result;
}

static int play_in_scope(struct actor *actor, int depth, bide_scope *scope, double seconds,
                         bool shield)
{
    struct node node;
    struct node *outer = actor->inside;
    node_open(&node, outer, scope, seconds, shield);
    actor->inside = &node;
    actor->shaken = actor->shaken || node_cancelled(&node);
    trace("%s: %s of %g s", actor->name, shield ? "shield" : "scope", seconds);
    int rc = play_steps(actor, depth + 1);
    time_passes();
    check_scope(actor, &node);
    if (below(4))
        rc = judge_result(actor, &node, rc);
    if (rc == BIDE_ECANCELED && !node_cancelled(outer) && below(4))
        rc = 0;                 /* it was meant */
    node_close(&node);
    actor->inside = outer;
    actor->shaken = actor->shaken || node_cancelled(outer);
    trace("%s: scope left with %d", actor->name, rc);
    return rc;
}

static double any_seconds(void)
{
    return below(12) == 0 ? -below(2) : (below(15) + 1) / 1000.0;
}

static int play_plain(struct actor *actor, int depth)
{
    BIDE_SCOPE(scope);
    return play_in_scope(actor, depth, scope, BIDE_FOREVER, false);
}

static int play_timeout(struct actor *actor, int depth, double seconds)
{
    BIDE_TIMEOUT(scope, seconds);
    return play_in_scope(actor, depth, scope, seconds, false);
}

static int play_shield(struct actor *actor, int depth, double seconds)
{
    BIDE_SHIELD(scope, seconds);
    return play_in_scope(actor, depth, scope, seconds, true);
}

int block_scope(struct actor *actor, int depth)
{
    switch (below(5)) {
    case 0: return play_plain(actor, depth);
    case 1: return play_shield(actor, depth, any_seconds());
    default: return play_timeout(actor, depth, any_seconds());
    }
}

bool is_daring;

struct bounded {
    struct actor *actor;
    int (*call)(struct actor *actor);
    struct node node;
    int rc;
};

static int run_bounded(void *arg)
{
    struct bounded *bounded = arg;
    return bounded->call(bounded->actor);
}

int play_bounded(struct actor *actor, int (*call)(struct actor *actor))
{
    if (node_nearest_due(actor->inside) != NEVER || node_cancelled(actor->inside)
        || (is_daring && below(3) == 0))
        return call(actor);
    calm(actor);
    struct bounded bounded = { .actor = actor, .call = call };
    struct node *outer = actor->inside;
    double seconds = (below(9) + 1) / 1000.0;
    node_open(&bounded.node, outer, NULL, seconds, false);
    actor->inside = &bounded.node;
    int rc = bide_timeout(seconds, run_bounded, &bounded);
    time_passes();
    bool expired = bounded.node.expired && !node_cancelled(outer);
    EXPECT(rc != BIDE_ETIMEDOUT || expired, "%s: bide_timeout timed out early", actor->name);
    EXPECT(rc != BIDE_ECANCELED || !expired, "%s: bide_timeout says cancelled", actor->name);
    node_close(&bounded.node);
    actor->inside = outer;
    actor->shaken = actor->shaken || node_cancelled(outer);
    return rc;
}

static int run_nested(void *arg)
{
    struct bounded *bounded = arg;
    bounded->rc = play_steps(bounded->actor, 5);
    return bounded->rc;
}

int block_nested(struct actor *actor)
{
    calm(actor);
    struct bounded bounded = { .actor = actor, .rc = BIDE_ECANCELED };
    struct node *outer = actor->inside;
    node_open(&bounded.node, outer, NULL, BIDE_FOREVER, false);
    actor->inside = &bounded.node;
    trace("%s: a loop inside", actor->name);
    int rc = bide_run(run_nested, &bounded);
    time_passes();
    EXPECT(rc == bounded.rc, "%s: bide_run inside returned %d, not %d", actor->name, rc,
           bounded.rc);
    node_close(&bounded.node);
    actor->inside = outer;
    return rc;
}

/* Groups. */

static void check_band(const struct band *band)
{
    bide_task *list[MEMBERS_MAX];
    EXPECT(bide_group_count(band->real) == (size_t)band->alive, "group %d counts %zu, not %d",
           band->id, bide_group_count(band->real), band->alive);
    size_t count = bide_group_failures(band->real, list, MEMBERS_MAX), listed = 0;
    EXPECT(count == (size_t)band->failed_count, "group %d knows of %zu failures, not %d",
           band->id, count, band->failed_count);
    for (size_t i = 0; i < count; i++)
        if (!band->failed[i]->refused)
            EXPECT(actor_of(list[listed++]) == band->failed[i],
                   "failure %zu of group %d is another one's", i, band->id);
}

static void check_refused(const struct band *band)
{
    const struct actor *first = band->failed[0];
    char sentence[300];
    snprintf(sentence, sizeof sentence, "spawn %s: out of memory", first->named ? first->name
             : first->copied ? "play_copy" : "play");
    EXPECT(strcmp(bide_errmsg(), sentence) == 0, "group %d: the sentence is \"%s\", not \"%s\"",
           band->id, bide_errmsg(), sentence);
}

static void check_sentence(const struct band *band)
{
    const struct actor *first = band->failed[0];
    char sentence[300];
    bide_task *list[1];
    if (first->refused) {
        check_refused(band);
        return;
    }
    EXPECT(bide_group_failures(band->real, list, 1) > 0, "group %d: the failures are gone",
           band->id);
    snprintf(sentence, sizeof sentence, "%s%s%s", first->named ? first->name : "",
             first->named ? ": " : "", bide_task_error(list[0])->text);
    EXPECT(strncmp(bide_errmsg(), sentence, 251) == 0,
           "group %d: the sentence is \"%s\", not \"%s\"", band->id, bide_errmsg(), sentence);
}

static int call_wait(struct actor *actor, struct band *band)
{
    calm(actor);
    trace("%s: waits for group %d", actor->name, band->id);
    call_begin(actor, WAIT, band);
    bool fresh = !band->told;
    int rc = bide_group_wait(band->real);
    time_passes();
    bool alone = actor->call.state == CANCELLED;
    call_end(actor, rc);
    if (alone)
        return rc;
    EXPECT(band->alive == 0, "group_wait returned %d with %d tasks left", rc, band->alive);
    if (fresh && band->failed_count > 0)
        check_sentence(band);
    band_heard(band);
    check_band(band);
    return rc;
}

static int call_next(struct actor *actor, struct band *band)
{
    bide_task *done = NULL;
    calm(actor);
    if (call_begin(actor, NEXT, band) == OPEN
        && (band->taken_count < band->ended_count || band->alive == 0))
        call_decide(actor, band->taken_count < band->ended_count);
    int rc = call_end(actor, bide_group_next(band->real, &done));
    if (rc != 1)
        return rc;
    struct actor *first = band->ended[band->taken_count++];
    EXPECT(actor_of(done) == first && bide_task_result(done) == first->result,
           "group_next handed out %s, not %s", actor_of(done)->name, first->name);
    first->heard = first->failed;
    return rc;
}

int call_outer_group(struct actor *actor)
{
    struct band *own[BANDS_MAX];
    int count = 0;
    for (int i = 0; i < band_count; i++)
        if (bands[i].owner == actor && !bands[i].left && bands[i].real)
            own[count++] = &bands[i];
    if (count == 0)
        return 0;
    struct band *band = own[below(count)];
    return band->kind == COLLECT ? call_next(actor, band) : call_wait(actor, band);
}

static int play_member(struct actor *actor, struct band *band, int depth)
{
    int choice = below(10);
    if (choice < 5)
        spawn_into(band, actor, depth + 1);
    else if (choice == 5)
        check_band(band);
    else if (choice == 6 && band->kind != COLLECT)
        return call_wait(actor, band);
    else if (choice < 9 && band->kind == COLLECT)
        return call_next(actor, band);
    else
        return play_steps(actor, depth + 2);
    return 0;
}

static int play_in_group(struct actor *actor, int depth, struct band *band, bide_group *real)
{
    int rc = 0;
    band->real = real;
    trace("%s: group %d", actor->name, band->id);
    for (int n = below(8) + 2; n > 0 && actor->calls < CALLS_MAX; n--) {
        rc = play_member(actor, band, depth);
        if (rc < 0 && below(4))
            break;
    }
    if (rc >= 0 && below(4))
        rc = band->kind == COLLECT ? call_next(actor, band) : call_wait(actor, band);
    time_passes();
    bide_ignore(bide_fail(-1900 - band->id, "leaving"));
    trace("%s: leaves group %d, %d alive", actor->name, band->id, band->alive);
    band_leave(band);
    return rc;
}

static void check_left(struct actor *actor, struct band *band)
{
    time_passes();
    EXPECT(bide_errcode() == -1900 - band->id, "%s: leaving group %d changed the error to %d",
           actor->name, band->id, bide_errcode());
    trace("%s: group %d left", actor->name, band->id);
    band_left(band);
}

#define PLAY_GROUP_(NAME, DECLARE) \
    static int NAME(struct actor *actor, int depth, struct band *band) \
    { \
        DECLARE(group); \
        return play_in_group(actor, depth, band, group); \
    }
PLAY_GROUP_(play_fail_fast, BIDE_GROUP)
PLAY_GROUP_(play_keep_going, BIDE_KEEP_GOING)
PLAY_GROUP_(play_collect, BIDE_COLLECT)

int block_group(struct actor *actor, int depth)
{
    int kind = below(5);
    struct band *band = band_new(kind == 0 ? COLLECT : kind == 1 ? KEEP_GOING : FAIL_FAST,
                                 actor);
    if (!band)
        return 0;
    int rc = kind == 0 ? play_collect(actor, depth, band)
           : kind == 1 ? play_keep_going(actor, depth, band)
           : play_fail_fast(actor, depth, band);
    check_left(actor, band);
    return rc;
}

/* Gathers. */

static void judge_call(const struct bide_call *call, struct actor *actor, struct band *band)
{
    if (!actor->started) {      /* it was not even tried */
        EXPECT(call->rc == BIDE_ECANCELED, "%s did not run, but has %d", actor->name, call->rc);
        actor->ended = true;
        node_close(&actor->base);
        band->alive--;
        return;
    }
    EXPECT(actor->ended, "gather returned while %s ran", actor->name);
    EXPECT(call->rc == actor->result, "gather says %d for %s, not %d", call->rc, actor->name,
           actor->result);
    EXPECT(call->rc >= 0 || call->error.code == actor->code, "gather's error for %s is %d, not %d",
           actor->name, call->error.code, call->rc);
}

int block_gather(struct actor *actor, int depth)
{
    struct bide_call calls[4];
    struct actor *kids[4];
    size_t count = (size_t)below(5);
    calm(actor);
    struct band *band = band_new(below(2) ? GATHER : GATHER_ALL, actor);
    if (!band)
        return 0;
    for (size_t i = 0; i < count; i++) {
        kids[i] = actor_new(band, depth + 1);
        if (!kids[i])
            count = i;
        else
            calls[i] = (struct bide_call){ .fn = play, .arg = kids[i] };
    }
    trace("%s: gathers %zu as group %d", actor->name, count, band->id);
    call_begin(actor, GATHERING, band);
    int rc = band->kind == GATHER ? bide_gather(calls, count) : bide_gather_all(calls, count);
    int alive = band->alive;
    for (size_t i = 0; i < count; i++)
        judge_call(&calls[i], kids[i], band);
    if (alive > 0 && band->alive == 0)
        call_decide(actor, BIDE_ECANCELED);
    rc = call_end(actor, rc);
    band_heard(band);
    band_left(band);
    return rc;
}
