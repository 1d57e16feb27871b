/* tests/random/tree.h -- the tree of scopes as the test sees it.
 *
 * The random programs keep their own record of who is in which scope, group and task, who was
 * cancelled by whom, and what is due when.  From it follows, for every call, what it has to
 * return; nothing here ever asks the runtime.  A node is a scope, a band is a group, an actor is
 * a task: other words, so that the two sides cannot be mixed up.
 *
 * An actor's call is open until it returns.  It is decided the moment its cause occurs (a permit
 * is handed over, the node around it is cancelled, its time comes): whatever comes first counts,
 * as in the runtime, but found by walking the tree instead of reading marks. */
#ifndef RANDOM_TREE_H
#define RANDOM_TREE_H
#include <bide/group.h>
#include <bide/scope.h>
#include <stdint.h>

enum { ACTORS_MAX = 120, BANDS_MAX = 120, MEMBERS_MAX = 14, CALLS_MAX = 90 };
#define NEVER INT64_MAX

struct actor;

struct node {
    struct node *outer;
    struct node *next_open;     /* all nodes that can still be cancelled or expire */
    bool open, shield;
    bool cancelled;             /* this very node was */
    bool expired;               /* by its deadline */
    int64_t due;
    uint64_t order;             /* among timers due at the same time */
    bide_scope *real;
};

enum band_kind { FAIL_FAST, KEEP_GOING, COLLECT, GATHER, GATHER_ALL, OWNED, ROOT };

struct band {
    int id;
    enum band_kind kind;
    struct node node;
    bide_group *real;           /* NULL: not for anybody to spawn into */
    struct actor *owner;        /* NULL: an object's, or the root */
    int alive, count;           /* members that have not ended; ever */
    struct actor *ended[MEMBERS_MAX];   /* COLLECT: in the order of their ends */
    int ended_count, taken_count;
    struct actor *failed[MEMBERS_MAX];  /* in time order; begun anew
                                           by the first after a report */
    int failed_count;
    bool told;                  /* the failures in the list have been reported */
    bool closed, dropped, left;
};

enum call_kind {
    NO_CALL, YIELD, SLEEP, EVENT, PERMIT, PUT, GET, DRAIN, LOCK, MEET, JOIN, WAIT, NEXT, GATHERING,
    LEAVE
};
enum call_state { OPEN, DECIDED, CANCELLED };

struct call {
    enum call_kind kind;
    enum call_state state;
    bool late;                  /* cancelled after it was decided */
    int rc;                     /* what it has to return when DECIDED */
    int64_t due;
    uint64_t order;
    void *on;                   /* event, semaphore, queue, band, actor */
    unsigned item;              /* PUT: what it brings; GET: what it has to get */
};

struct line { struct actor *first, **last; };   /* waiting actors, longest first */

struct actor {
    int id, depth, calls;
    char name[16];
    struct band *band;
    struct node base;           /* its own scope, what bide_cancel() cancels */
    struct node *inside;        /* the innermost around it now */
    struct call call;
    struct line *line;          /* where it waits */
    struct actor *next_in_line;
    struct line joiners;
    bide_task *handle;          /* NULL: was not asked for */
    int result;
    int code;                   /* of its failure: a forgotten time-out's is not its result */
    int drops;
    void *permits[4];           /* held, and of which semaphore */
    void *gates[4];
    bool named, copied, drop_asked, started, ended, failed, heard, reported;
    bool refused;               /* there was no memory to start it */
    bool shaken;                /* has been cancelled: the next call may yield before it acts */
};

extern struct node root_node;
extern struct actor actors[ACTORS_MAX];
extern struct band bands[BANDS_MAX];
extern int actor_count, band_count;

/* Everything as before the first program. */
void tree_reset(void);
/* Handles what has become due by now.  To be called whenever a task goes on. */
void time_passes(void);
int64_t time_now_ns(void);
uint64_t timer_order(void);

/* Is a node around it, up to the next shield, cancelled? */
bool node_cancelled(const struct node *node);
int64_t node_nearest_due(const struct node *node);
void node_open(struct node *node, struct node *outer, bide_scope *real, double seconds,
               bool shield);
void node_cancel(struct node *node);
void node_extend(struct node *node, double seconds);
void node_close(struct node *node);

struct band *band_new(enum band_kind kind, struct actor *owner);
/* The owner leaves the block: what runs is cancelled. */
void band_leave(struct band *band);
void band_left(struct band *band);
/* Its failures have been told: it is as new. */
void band_heard(struct band *band);
/* NULL: enough of them. */
struct actor *actor_new(struct band *band, int depth);
void actor_begin(struct actor *actor);
void actor_end(struct actor *actor, int rc);
/* It could not start: a failure of its group. */
void actor_refused(struct actor *actor);
/* How often the hook has to be told of one that could not start. */
extern int refusals_to_tell;

void line_add(struct line *line, struct actor *actor);
struct actor *line_take(struct line *line);
/* The first in line has what it waited for. */
void call_decide(struct actor *actor, int rc);
/* After a cancellation that no longer concerns it, the runtime may let others run before the next
 * call acts: yields there, so that calls act in the order in which they are made.  Before each. */
void calm(struct actor *actor);
/* The call is about to be made: OPEN, or CANCELLED if it has to fail at once. */
enum call_state call_begin(struct actor *actor, enum call_kind kind, void *on);
/* It has returned rc: judged.  Returns rc. */
int call_end(struct actor *actor, int rc);
const char *call_name(enum call_kind kind);

/* Ends the process: the runtime and the tree differ. */
_Noreturn void wrong(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
#define EXPECT(condition_, ...) ((condition_) ? (void)0 : wrong(__VA_ARGS__))
/* One line of the story, with --trace. */
void trace(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* The runtime says that nobody can go on: so says the tree, or it is wrong.  All are cancelled. */
void tree_deadlock(void);
/* A number below limit, the next of this program's. */
int below(int limit);

#endif
