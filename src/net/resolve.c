/* The resolver's jobs, their queue and its threads; the rules stand in resolve.h. */
#include "net/resolve.h"
#include "base/memory.h"
#include "core/park.h"
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>

/* One look-up; the tasks that want it and the thread that does it hold it. */
struct job {
    struct post post;           /* first */
    struct job *next;           /* in the queue */
    struct job *next_wanted;    /* in the loop's list */
    struct inbox *inbox;        /* the loop's, held */
    struct waitlist waiters;    /* the loop's matter; empty: nobody wants it any more */
    atomic_uint holders;
    int code;                   /* 0 or EAI_... */
    struct address_list found;
    char host[HOST_SIZE];
};

static int ask_system(const char *host, struct address_list *found);

/* The process's. */
static struct {
    pthread_mutex_t lock;
    struct job *first;
    unsigned threads;
    _Atomic(bide__look_up_fn *) look_up;
} resolver = { .lock = PTHREAD_MUTEX_INITIALIZER, .look_up = ask_system };

/* This loop's look-ups that are wanted and not answered: who asks for the same name joins in. */
static __thread struct job *wanted;

void bide__resolve_with(bide__look_up_fn *fn)
{
    atomic_store(&resolver.look_up, fn ? fn : ask_system);
}

static int ask_system(const char *host, struct address_list *found)
{
    struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM }, *list;
    int code = getaddrinfo(host, NULL, &hints, &list);
    if (code != 0)
        return code;
    for (struct addrinfo *a = list; a && found->count < ADDRESSES_MAX; a = a->ai_next) {
        if (a->ai_addrlen > sizeof found->list->is)
            continue;
        struct address *to = &found->list[found->count++];
        to->size = a->ai_addrlen;
        memcpy(&to->is, a->ai_addr, a->ai_addrlen);
    }
    freeaddrinfo(list);
    return found->count ? 0 : EAI_NONAME;
}

static void drop_job(struct job *job)
{
    if (atomic_fetch_sub(&job->holders, 1) > 1)
        return;
    bide__inbox_drop(job->inbox);
    bide__free(job);
}

/* Neither counts as coming from outside nor is joined any more. */
static void forget(struct job *job)
{
    struct job **link = &wanted;
    while (*link != job)
        link = &(*link)->next_wanted;
    *link = job->next_wanted;
    atomic_fetch_sub(&job->inbox->outside, 1);
}

/* On the loop: the answer has come. */
static void answer(struct post *post)
{
    struct job *job = (struct job *)(void *)post;
    if (job->waiters.head) {
        forget(job);
        bide__settle_all(&job->waiters, 0);
    }
    drop_job(job);
}

static struct job *take_job(void)
{
    pthread_mutex_lock(&resolver.lock);
    struct job *job = resolver.first;
    if (job)
        resolver.first = job->next;
    else
        resolver.threads--;
    pthread_mutex_unlock(&resolver.lock);
    return job;
}

/* A thread of the resolver's: goes when there is nothing left to ask, so idle programs have
 * none. */
static void *work(void *unused)
{
    struct job *job;
    while ((job = take_job())) {
        job->post.run = answer;
        job->code = atomic_load(&resolver.look_up)(job->host, &job->found);
        if (!bide__inbox_post(job->inbox, &job->post))
            drop_job(job);
    }
    return unused;
}

/* Signals are for the program's own threads. */
static int start_thread(void)
{
    sigset_t all, before;
    pthread_t thread;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int code = pthread_create(&thread, &attributes, work, NULL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return -code;
}

static void append(struct job *job)
{
    struct job **link = &resolver.first;
    while (*link)
        link = &(*link)->next;
    job->next = NULL;
    *link = job;
}

static bool take_out(const struct job *job)
{
    struct job **link = &resolver.first;
    while (*link && *link != job)
        link = &(*link)->next;
    if (!*link)
        return false;
    *link = job->next;
    return true;
}

/* Puts it into the queue and sees to it that a thread comes for it. */
static int hand_over(struct job *job)
{
    int rc = 0;
    pthread_mutex_lock(&resolver.lock);
    append(job);
    if (resolver.threads < RESOLVER_THREADS) {
        rc = start_thread();
        if (rc == 0)
            resolver.threads++;
        else if (resolver.threads)
            rc = 0;
        else
            take_out(job);
    }
    pthread_mutex_unlock(&resolver.lock);
    return rc;
}

/* A task no longer wants it; if it was the last and no thread has taken the job, none will. */
static bool abandon(struct wait *w)
{
    struct job *job = w->data;
    bide__unlink(w);
    if (job->waiters.head)
        return true;
    forget(job);
    pthread_mutex_lock(&resolver.lock);
    bool waiting = take_out(job);
    pthread_mutex_unlock(&resolver.lock);
    if (waiting)
        drop_job(job);
    return true;
}
static const struct waitkind resolving = { .what = "a name to be resolved", .undo = abandon };

/* A job for this host that is under way, or a new one, held for the caller. */
static struct job *find_job(const char *host)
{
    for (struct job *job = wanted; job; job = job->next_wanted)
        if (strcmp(job->host, host) == 0) {
            atomic_fetch_add(&job->holders, 1);
            return job;
        }
    struct job *job = bide__zalloc(sizeof *job);
    if (!job)
        return NULL;
    strcpy(job->host, host);
    job->inbox = bide__loop()->inbox;
    bide__inbox_hold(job->inbox);
    atomic_init(&job->holders, 1);
    return job;
}

/* A new job: from here on a thread holds it too. */
static int begin(struct job *job)
{
    atomic_fetch_add(&job->holders, 1);
    int rc = hand_over(job);
    if (rc < 0) {
        drop_job(job);
        return bide_fail(rc, "dns: %s: no thread: %s", job->host, bide_strerror(rc));
    }
    job->next_wanted = wanted;
    wanted = job;
    atomic_fetch_add(&job->inbox->outside, 1);
    return 0;
}

static int ask(struct job *job)
{
    struct wait w = { .kind = &resolving, .data = job };
    int rc = job->waiters.head ? 0 : begin(job);
    return rc < 0 ? rc : bide__wait(&job->waiters, &w);
}

static int meaning(const struct job *job, struct address_list *found, uint16_t port)
{
    if (job->code == EAI_MEMORY)
        return bide_fail(BIDE_ENOMEM, "dns: %s: out of memory", job->host);
    if (job->code != 0)
        return bide_fail(BIDE_EDNS, "dns: %s: %s", job->host, gai_strerror(job->code));
    *found = job->found;
    for (int i = 0; i < found->count; i++)
        bide__address_set_port(&found->list[i], port);
    return 0;
}

int bide__resolve(const char *host, uint16_t port, struct address_list *found)
{
    int rc = bide__enter();
    if (rc < 0)
        return rc;
    if (bide__address_local(host, port, found) > 0)
        return 0;
    if (strlen(host) >= HOST_SIZE)
        return bide_fail(BIDE_EDNS, "dns: %.80s...: the name is too long", host);
    struct job *job = find_job(host);
    if (!job)
        return bide_fail(BIDE_ENOMEM, "dns: %s: out of memory", host);
    rc = ask(job);
    if (rc == 0)
        rc = meaning(job, found, port);
    drop_job(job);
    return rc;
}
