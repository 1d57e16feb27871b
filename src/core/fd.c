/* The table of descriptors; the rules stand in fd.h. */
#include "core/fd.h"
#include "base/memory.h"
#include "base/sigpipe.h"
#include "base/sys.h"
#include "core/error.h"
#include "core/fd_attempt.h"
#include <fcntl.h>
#include <string.h>

static struct fd_entry *make_entry(struct fd_table *table, int fd)
{
    unsigned chunk = (unsigned)fd / FD_CHUNK;
    if (chunk >= table->chunk_count) {
        unsigned count = chunk + 1 > 2 * table->chunk_count ? chunk + 1 : 2 * table->chunk_count;
        struct fd_entry **chunks = bide__resize(table->chunks, count * sizeof *chunks);
        if (!chunks)
            return NULL;
        memset(chunks + table->chunk_count, 0,
               (count - table->chunk_count) * sizeof *chunks);
        table->chunks = chunks;
        table->chunk_count = count;
    }
    if (!table->chunks[chunk])
        table->chunks[chunk] = bide__zalloc(FD_CHUNK * sizeof(struct fd_entry));
    return table->chunks[chunk] ? &table->chunks[chunk][(unsigned)fd % FD_CHUNK] : NULL;
}

static int set_nonblocking(int fd)
{
    int flags = bide__sys.fcntl(fd, F_GETFL, 0);
    if (flags < 0)
        return -errno;
    if (flags & O_NONBLOCK)
        return 0;
    return bide__sys.fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ? -errno : 0;
}

/* Terminals give a line at a time, and what keeps messages apart a message: there a short read says
 * nothing. */
static void look_at_kind(int fd, struct fd_entry *e)
{
    int type = 0;
    socklen_t size = sizeof type;
    e->socket = getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0;
    e->drains = type == SOCK_STREAM;
}

/* Where watching would keep somebody else's descriptor open, it goes on only while somebody
 * waits. */
static void rest(struct loop *l, const struct fd_entry *e)
{
    if (e->foreign && !e->steady && !e->reader && !e->writer && l->poller.ops->rest)
        l->poller.ops->rest(&l->poller, e->fd);
}

static void forget(int fd, int closing);

int bide__fd_watch(int fd, unsigned ready)
{
    struct loop *l = bide__loop();
    if (!l)
        return bide_fail(BIDE_EPERM, "descriptor %d: works only inside bide_run()", fd);
    int rc = ready & (WATCH_SOCKET | WATCH_FOREIGN | WATCH_AS_IS) ? 0 : set_nonblocking(fd);
    if (rc < 0)
        return bide_fail(rc, "descriptor %d: %s", fd, bide_strerror(rc));
    struct fd_entry *e = make_entry(&l->fds, fd);
    if (!e)
        return bide_fail(BIDE_ENOMEM, "descriptor %d: out of memory", fd);
    if (e->watched && e->foreign && !e->reader && !e->writer)
        forget(fd, 0);          /* closed meanwhile, and its number is somebody else's now */
    if (e->watched)
        return bide_fail(BIDE_EBUSY, "descriptor %d is already in use by another stream", fd);
    e->fd = fd;
    e->generation++;
    e->socket = e->drains = ready & WATCH_SOCKET;
    if (!e->socket)
        look_at_kind(fd, e);
    rc = l->poller.ops->watch(&l->poller, fd, e->generation, e->socket);
    if (rc < 0 && rc != -EPERM)
        return bide_fail(rc, "descriptor %d: %s", fd, bide_strerror(rc));
    e->steady = rc == -EPERM;
    e->ready = (uint8_t)(e->steady ? READY_READ | READY_WRITE : ready & (READY_READ | READY_WRITE));
    e->watched = true;
    e->aborted = false;
    e->foreign = ready & WATCH_FOREIGN;
    e->listens = ready & WATCH_LISTENER && l->poller.accepts;
    e->receivable = ready & WATCH_STREAM && l->poller.receives;
    e->receives = false;
    e->parked = false;
    rest(l, e);
    return 0;
}

/* The poller forgets a descriptor that its owner has closed; a new one of that number would
 * never be reported. */
static int watch_again(struct loop *l, int fd, const struct fd_entry *e)
{
    int rc = e->foreign ? l->poller.ops->watch(&l->poller, fd, e->generation, e->socket) : -EEXIST;
    return rc == 0 || rc == -EEXIST ? 0 : bide_fail(rc, "descriptor %d: %s", fd, bide_strerror(rc));
}

/* A wait for both directions stands in both slots. */
static void clear(struct fd_entry *e, const struct wait *w)
{
    if (e->reader == w)
        e->reader = NULL;
    if (e->writer == w)
        e->writer = NULL;
    w->task->loop->fds.waiters--;
    rest(w->task->loop, e);
}

static void settle(struct fd_entry *e, struct wait *w, int rc)
{
    if (!w)
        return;
    clear(e, w);
    if (rc < 0)
        bide__hold(w->task, rc, bide_strerror(rc));
    bide__settle_wait(w, rc);
}

static struct fd_idler *call_back(struct loop *l, struct fd_entry *e)
{
    struct fd_idler *idler = e->idler;
    e->parked = false;
    e->idler = NULL;
    l->fds.waiters--;
    return idler;
}

static void settle_reader(struct loop *l, struct fd_entry *e, int rc)
{
    if (!e->parked) {
        settle(e, e->reader, rc);
        return;
    }
    struct fd_idler *idler = call_back(l, e);
    idler->wake(idler);
}

static void settle_both(struct loop *l, struct fd_entry *e, int rc)
{
    settle_reader(l, e, rc);
    settle(e, e->writer, rc);
}

void bide__fd_abort(int fd)
{
    struct fd_entry *e = bide__loop() ? fd_watched(bide__loop(), fd) : NULL;
    if (!e)
        return;
    e->aborted = true;
    settle_both(bide__loop(), e, BIDE_ECLOSED);
}

static void forget(int fd, int closing)
{
    struct loop *l = bide__loop();
    struct fd_entry *e = l ? fd_watched(l, fd) : NULL;
    if (!e)
        return;
    settle_both(l, e, BIDE_ECLOSED);
    if (!e->steady)
        l->poller.ops->unwatch(&l->poller, fd, closing);
    e->watched = false;
    e->generation++;
}

void bide__fd_unwatch(int fd)
{
    forget(fd, 0);
}

void bide__fd_close(int fd)
{
    if (fd < 0)
        return;
    forget(fd, 1);
    bide__sys.close(fd);
}

bool bide__fd_looks_readable(int fd)
{
    struct loop *l = bide__loop();
    const struct fd_entry *e = l ? fd_watched(l, fd) : NULL;
    return e && (l->poller.ops->want || e->ready & READY_READ);
}

void bide__fd_event(struct loop *l, const struct poller_event *event)
{
    struct fd_entry *e = fd_watched(l, event->fd);
    if (!e || e->generation != event->generation)
        return;
    e->ready |= (uint8_t)event->ready;
    if (event->ready & READY_READ)
        settle_reader(l, e, 0);
    if (event->ready & READY_WRITE)
        settle(e, e->writer, 0);
}

static bool undo(struct wait *w)
{
    struct poller *p = &w->task->loop->poller;
    const struct fd_entry *e = w->data;
    clear(w->data, w);
    if (e->listens)
        p->ops->accept_stop(p, e->fd);
    return true;
}
static const struct waitkind reading = { .what = "a descriptor to read", .undo = undo };
static const struct waitkind writing = { .what = "a descriptor to write", .undo = undo };

/* Somebody is going to wait for something to read. */
static void receive(struct loop *l, struct fd_entry *e)
{
    if (!e->receivable)
        return;
    if (!bide__sys_receives()) {
        if (e->receives)
            l->poller.ops->receive_stop(&l->poller, e->fd);
        return;
    }
    e->receives = true;
    l->poller.ops->receive(&l->poller, e->fd);
}

void bide__fd_expose(int fd)
{
    struct loop *l = bide__loop();
    struct fd_entry *e = l ? fd_watched(l, fd) : NULL;
    if (!e)
        return;
    e->receivable = false;
    if (!e->receives)
        return;
    l->poller.ops->receive_stop(&l->poller, fd);
    if (!l->poller.ops->holds(&l->poller, fd))
        return;
    e->ready |= READY_READ;
    settle_reader(l, e, 0);
}

/* Puts the wait into the slot of each direction. */
static int line_up(struct loop *l, int fd, struct fd_entry *e, unsigned directions, struct wait *w)
{
    int rc;
    if ((directions & READY_READ && e->reader) || (directions & READY_WRITE && e->writer))
        return bide_fail(BIDE_EBUSY, "another task already waits to %s here",
                         directions & READY_READ && e->reader ? "read" : "write");
    if (l->poller.ops->want && l->poller.ops->want(&l->poller, fd, e->generation, directions) < 0)
        return bide_fail(BIDE_ENOMEM, "the poller is out of memory");
    if (l->poller.ops->rest && (rc = watch_again(l, fd, e)) < 0)
        return rc;
    if (directions & READY_READ)
        receive(l, e);
    w->kind = directions & READY_READ ? &reading : &writing;
    w->data = e;
    if (directions & READY_READ)
        e->reader = w;
    if (directions & READY_WRITE)
        e->writer = w;
    l->fds.waiters++;
    return 0;
}

bool bide__fd_park(int fd, struct fd_idler *idler)
{
    struct loop *l = bide__loop();
    struct fd_entry *e = fd_watched(l, fd);
    if (!e || e->reader || e->aborted || e->ready & READY_READ)
        return false;
    if (l->poller.ops->want && l->poller.ops->want(&l->poller, fd, e->generation, READY_READ) < 0)
        return false;
    receive(l, e);
    e->idler = idler;
    e->parked = true;
    l->fds.waiters++;
    return true;
}

void bide__fd_unpark(int fd)
{
    struct loop *l = bide__loop();
    struct fd_entry *e = l ? fd_watched(l, fd) : NULL;
    if (e && e->parked)
        call_back(l, e);
}

/* Waits for an edge in one direction, or in either.  0: try (again).  Who was woken for nothing
 * (somebody else read it) may have been cancelled before it ran. */
static int wait_for(struct loop *l, int fd, struct fd_entry *e, unsigned directions)
{
    struct wait w;
    if (bide_cancelled())
        return bide_fail(BIDE_ECANCELED, "cancelled");
    int rc = line_up(l, fd, e, directions, &w);
    return rc < 0 ? rc : bide__wait_alone(&w);
}

void bide__fd_drained(struct fd_entry *e)
{
    e->ready &= (uint8_t)~READY_READ;
    if (e->receives)
        receive(bide__loop(), e);
}

int bide__fd_retry(struct fd_entry *e, unsigned direction)
{
    if (errno == EINTR)
        return 0;
    if (errno != EAGAIN && errno != EWOULDBLOCK)
        return bide__fail_errno("");
    if (direction == READY_READ)
        bide__fd_drained(e);
    else
        e->ready &= (uint8_t)~direction;
    return 0;
}

int bide__fd_await(int fd, struct fd_entry *e, unsigned direction)
{
    uint32_t generation = e->generation;
    while (!(e->ready & direction)) {
        int rc = wait_for(bide__loop(), fd, e, direction);
        if (rc < 0)
            return rc;
        if (e->generation != generation || e->aborted)
            return bide_fail(BIDE_ECLOSED, "closed");
    }
    return 0;
}

/* A call may have raised the signal after a part was written, whose size it then returns. */
static void let_signal(const sigset_t *before, ssize_t result, size_t size)
{
    bide__sigpipe_let(before, result < 0 ? errno == EPIPE : (size_t)result < size);
}

ssize_t bide__fd_write_unsignalled(int fd, const struct iovec *pieces, int count)
{
    sigset_t before = bide__sigpipe_hold();
    size_t size = 0;
    for (int i = 0; i < count; i++)
        size += pieces[i].iov_len;
    ssize_t n = bide__sys.writev(fd, pieces, count);
    let_signal(&before, n, size);
    return n;
}

static ssize_t sendfile_unsignalled(int fd, int file, int64_t at, size_t size)
{
    sigset_t before = bide__sigpipe_hold();
    off_t from = at;
    ssize_t n = bide__sys.sendfile(fd, file, &from, size);
    let_signal(&before, n, size);
    return n;
}

static ssize_t write_pieces(int fd, const struct fd_entry *e, const struct iovec *pieces, int count)
{
    if (!e->socket)
        return bide__fd_write_unsignalled(fd, pieces, count);
    if (count == 1)
        return bide__sys.send(fd, pieces->iov_base, pieces->iov_len, MSG_NOSIGNAL);
    struct msghdr m = { .msg_iov = (struct iovec *)(uintptr_t)pieces,
                        .msg_iovlen = (size_t)count };
    return bide__sys.sendmsg(fd, &m, MSG_NOSIGNAL);
}

ssize_t bide__fd_write_now(int fd, const struct iovec *pieces, int count)
{
    struct loop *l = bide__loop();
    const struct fd_entry *e = l ? fd_entry_of(&l->fds, fd) : NULL;
    ssize_t n = e ? write_pieces(fd, e, pieces, count)
                  : bide__fd_write_unsignalled(fd, pieces, count);
    return n >= 0 ? n : errno == EAGAIN || errno == EINTR ? 0 : -errno;
}

ssize_t bide__fd_writev(int fd, const struct iovec *pieces, int count)
{
    struct fd_entry *e = bide__fd_begin(fd);
    int rc = e ? 0 : bide_errcode();
    while (rc == 0 && (rc = bide__fd_ensure(fd, e, READY_WRITE)) == 0) {
        ssize_t n = write_pieces(fd, e, pieces, count);
        bide__loop()->fds.operations++;
        bide__charge(n);
        if (n >= 0)
            return n;
        rc = bide__fd_retry(e, READY_WRITE);
    }
    return rc;
}

ssize_t bide__fd_sendfile(int fd, int file, int64_t at, size_t size)
{
    struct fd_entry *e = bide__fd_begin(fd);
    int rc = e ? 0 : bide_errcode();
    while (rc == 0 && (rc = bide__fd_ensure(fd, e, READY_WRITE)) == 0) {
        ssize_t n = sendfile_unsignalled(fd, file, at, size);
        bide__loop()->fds.operations++;
        bide__charge(n);
        if (n >= 0)
            return n;
        rc = bide__fd_retry(e, READY_WRITE);
    }
    return rc;
}

/* The descriptor is watched only after connect() was called: before, it would be reported as
 * hung up. */
int bide__fd_connect(int fd, const struct sockaddr *address, socklen_t size)
{
    int rc = bide__enter();
    if (rc < 0)
        return rc;
    unsigned kind = WATCH_SOCKET | (address->sa_family != AF_UNIX ? WATCH_STREAM : 0);
    if (bide__sys.connect(fd, address, size) == 0)
        return bide__fd_watch(fd, READY_WRITE | kind);
    if (errno != EINPROGRESS && errno != EINTR)
        return bide__fail_errno("");
    if ((rc = bide__fd_watch(fd, kind)) < 0)
        return rc;
    struct fd_entry *e = fd_watched(bide__loop(), fd);
    bide__loop()->fds.operations++;
    if ((rc = bide__fd_ensure(fd, e, READY_WRITE)) < 0)
        return rc;
    int problem = 0;
    socklen_t length = sizeof problem;
    if (bide__sys.getsockopt(fd, SOL_SOCKET, SO_ERROR, &problem, &length) < 0)
        return bide__fail_errno("");
    return problem ? bide_fail(-problem, "%s", bide_strerror(-problem)) : 0;
}

ssize_t bide__fd_do(int fd, unsigned direction, bide__fd_attempt *attempt, void *arg)
{
    struct fd_entry *e = bide__fd_begin(fd);
    int rc = e ? 0 : bide_errcode();
    while (rc == 0 && (rc = bide__fd_ensure(fd, e, direction)) == 0) {
        ssize_t n = attempt(fd, arg);   /* does not wait: one system call */
        bide__loop()->fds.operations++;
        if (n >= 0)
            return n;
        rc = bide__fd_retry(e, direction);
    }
    return rc;
}

int bide__fd_ready(int fd, unsigned wanted)
{
    struct fd_entry *e = bide__fd_begin(fd);
    if (!e)
        return bide_errcode();
    int rc = bide__fd_ensure(fd, e, wanted);
    return rc < 0 ? rc : (int)(e->ready & wanted);
}

static int check_events(int fd, int events)
{
    if (events & (POLLIN | POLLOUT))
        return 0;
    return bide_fail(BIDE_EINVAL, "descriptor %d: neither POLLIN nor POLLOUT is waited for", fd);
}

static int watch_foreign(struct loop *l, int fd)
{
    if (!l || fd < 0 || fd_watched(l, fd))
        return 0;
    int rc = bide__fd_watch(fd, WATCH_FOREIGN);
    if (rc < 0 || !fd_watched(l, fd)->steady)
        return rc;
    bide__fd_unwatch(fd);
    return bide_fail(-EPERM, "descriptor %d is a plain file: always ready", fd);
}

static unsigned directions_of(int events)
{
    return (events & POLLIN ? READY_READ : 0u) | (events & POLLOUT ? READY_WRITE : 0u);
}

static int ask(struct loop *l, const struct fd_entry *e, int events)
{
    static const struct timespec at_once;
    struct pollfd asked = { .fd = e->fd, .events = (short)events };
    if (e->listens && events & POLLIN && l->poller.ops->accept_stop(&l->poller, e->fd))
        return POLLIN;
    if (events & POLLIN && bide__fd_has_received(e->fd))
        return POLLIN;
    return bide__sys.poll(&asked, 1, &at_once) > 0 ? asked.revents : 0;
}

/* A foreign descriptor: whoever reads it does not tell us that it is drained, so the system is
 * asked each time and edges only wake us up.  Its flags belong to others too (a terminal's,
 * standard input's), so they stay as they are. */
int bide_fd_wait(int fd, int events)
{
    int rc = check_events(fd, events);
    if (rc < 0 || (rc = watch_foreign(bide__loop(), fd)) < 0)
        return rc;
    struct fd_entry *e = bide__fd_begin(fd);
    if (!e)
        return bide_errcode();
    while (rc == 0) {
        int ready = ask(bide__loop(), e, events);
        if (ready)
            return ready;
        e->ready &= (uint8_t)~directions_of(events);
        rc = watch_again(bide__loop(), fd, e);
        if (rc == 0)
            rc = bide__fd_ensure(fd, e, directions_of(events));
    }
    return rc;
}

int bide__fd_look(int fd, int events)
{
    int rc = check_events(fd, events);
    if (rc < 0 || (rc = watch_foreign(bide__loop(), fd)) < 0)
        return rc;
    const struct fd_entry *e = fd_watched(bide__loop(), fd);
    return e && !e->aborted ? ask(bide__loop(), e, events)
                            : bide_fail(BIDE_ECLOSED, "closed");
}

int bide__fd_join(int fd, int events, struct wait *w)
{
    struct loop *l = bide__loop();
    struct fd_entry *e = fd_watched(l, fd);
    e->ready &= (uint8_t)~directions_of(events);
    int rc = watch_again(l, fd, e);
    return rc < 0 ? rc : line_up(l, fd, e, directions_of(events), w);
}

void bide_fd_forget(int fd)
{
    bide__fd_unwatch(fd);
}

void bide__fd_table_close(struct fd_table *table)
{
    for (unsigned i = 0; i < table->chunk_count; i++)
        bide__free(table->chunks[i]);
    bide__free(table->chunks);
    *table = (struct fd_table){ .chunks = NULL };
}
