/* A child process from inside.
 *
 * Nobody collects a child but who waits for it, and the one who closes it; so until then its
 * number stays its own, and no signal goes astray.  The first task that waits watches the
 * child's descriptor (pidfd), the others line up behind it; when it is cancelled the next one
 * takes its place.  Whoever is inside of a process holds it; it is freed when it is closed, its
 * child has been collected and the last one has left. */
#ifndef IO_PROCESS_H
#define IO_PROCESS_H
#include "core/park.h"
#include <bide/process.h>

enum { PROCESS_NAME = 64, CHILD_STREAMS = 3 };

/* What a child wrote, as far as it was read. */
struct output { char *data; size_t size, room; bool ended; };
struct bide_process {
    struct waitlist waiters;    /* behind the one who watches */
    pid_t pid;
    int pidfd;                  /* -1: there is none here, the child is asked for now and then */
    bide_stream *streams[CHILD_STREAMS];        /* NULL: no pipe */
    bide_group *closing;        /* holds it, and the task that ends the child */
    uint32_t holders;
    bool watched;               /* somebody waits at the pidfd */
    bool registered;            /* the loop watches it */
    bool ended;                 /* `exit` is known */
    bool collected;             /* its number may be another's */
    bool closed, talking;
    bool own_group;
    double grace;
    struct bide_exit exit;
    struct output got[2];       /* from its output, from its errors */
    size_t output_max;
    size_t fed;                 /* bytes of its input that it has */
    char name[PROCESS_NAME];    /* for messages */
};

/* What the child does before it becomes another program.  It shares our memory meanwhile. */
enum launch_step { LAUNCH_STREAMS, LAUNCH_GROUP, LAUNCH_FOLDER, LAUNCH_PROGRAM };
enum { STREAM_SAME = -1, STREAM_NULL = -2, STREAM_OUT = -3 };
struct launch {
    const char *const *argv;
    const char *const *env;
    const char *path;           /* folders to look for the program in; NULL: it has a slash */
    const char *cwd;            /* NULL: here */
    int streams[CHILD_STREAMS]; /* descriptors, or STREAM_... */
    bool group, session;
    int report;                 /* where a failure is told, if memory is not shared; -1 */
    volatile int begun;         /* seen here: memory is shared */
    struct launch_problem { int code; enum launch_step step; } problem;
};
/* Starts the child: 0, its number and its pidfd (or -1); < 0 with the error held, and there is
 * no child. */
int bide__launch(struct launch *launch, pid_t *pid, int *pidfd);
/* The child's half; in our memory, so it calls nothing but the system. */
int bide__launch_child(void *launch);

/* Its environment from the two options, to be freed; a list that needs none is returned itself.
 * NULL: out of memory. */
const char *const *bide__environment(const char *const *all, const char *const *added);
void bide__environment_free(const char *const *made, const char *const *added);
const char *bide__environment_get(const char *const *env, const char *name);

static inline bide_process *bide__process_hold(bide_process *p)
{
    p->holders++;
    return p;
}
void bide__process_drop(bide_process *p);
/* Has it ended?  Asks the system, and collects it if that may be now. */
bool bide__process_look(bide_process *p);
/* A signal to it or to its group: 0 or -errno. */
int bide__process_send(bide_process *p, int signal);
/* Ends and collects a child, as long as that may take: a task of `closing`. */
BIDE_WAITS int bide__process_end(void *process);
/* Who waits fails: it is closed. */
void bide__process_refuse(bide_process *p);
/* Kills and collects it here and now. */
void bide__process_kill(bide_process *p);

#endif
