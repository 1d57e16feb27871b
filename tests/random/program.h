/* tests/random/program.h -- the random programs themselves. */
#ifndef RANDOM_PROGRAM_H
#define RANDOM_PROGRAM_H
#include "tree.h"

/* Makes a loop and runs the program of this seed in it. */
void program_run(uint64_t seed);

/* What an actor does: a few random steps; returns < 0 to unwind. */
int play_steps(struct actor *actor, int depth);
/* The body of every spawned task; arg is the actor, or a copy of the pointer to it. */
int play(void *arg);
int play_copy(void *arg);
/* Runs a call that could wait for ever, mostly under a deadline if none is there yet. */
int play_bounded(struct actor *actor, int (*call)(struct actor *actor));

/* In this program calls may wait without a deadline, and so all of them for ever. */
extern bool is_daring;

/* Blocks with a guard in them. */
int block_scope(struct actor *actor, int depth);
int block_group(struct actor *actor, int depth);
/* bide_run() inside a task. */
int block_nested(struct actor *actor);
int block_gather(struct actor *actor, int depth);
/* Waits for one of the groups that it is in the block of, maybe from within scopes inside. */
int call_outer_group(struct actor *actor);
/* Ends what others are doing: scopes, tasks and groups, wherever they are. */
void act_on_tree(struct actor *actor);
/* Owned groups and the root group. */
void act_on_objects(struct actor *actor);
int call_join(struct actor *actor);
void spawn_into(struct band *band, struct actor *spawner, int depth);

/* Whose task this is: tasks are known by their arguments. */
struct actor *actor_of(const bide_task *task);
/* What the runtime logs. */
void hear_log(const char *text);
/* While it is set, there may be no memory. */
extern bool is_short;
void hear_failure(const bide_task *task, const struct bide_error *why);

#endif
