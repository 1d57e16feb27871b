/* A file's life: opened by a thread, entered and left, finished by a thread or closed.
 *
 * Opening never blocks for somebody else (O_NONBLOCK): a FIFO's other end is waited for by the
 * poller.  Closing cannot wait and must not lose bytes silently, so what is still gathered is
 * written there and then: one block, into the system's memory.  A temporary file's end gives
 * all its pages back, which for a large one takes long; then a thread does it. */
#include "io/file.h"
#include "base/memory.h"
#include "base/sys.h"
#include "core/fd.h"
#include "core/park.h"
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static const double close_seconds = 60;
enum { LARGE = 16 << 20, TMPFS = 0x01021994, PERMISSIONS = 0666 };

bool bide__file_stopped(void)
{
    struct job *job = bide__executor_job();
    return job && atomic_load(&job->cancelled);
}

int bide__file_hop(bide_fn *fn, void *arg)
{
    return bide__executor_run(EXECUTOR_FILES, fn, arg);
}

/* --- inside and outside --- */

static int refusal(const bide_file *f, unsigned wants)
{
    if (f->flags & FILE_CLOSED || f->fd < 0)
        return bide_fail(BIDE_ECLOSED, "closed");
    if (wants & ~f->flags)
        return bide_fail(-EBADF, "not opened to be %s", wants & FILE_READS ? "read" : "written");
    return 0;
}

/* A line's NUL stands where the next byte was. */
static void restore(bide_file *f)
{
    if (f->flags & FILE_LINE)
        f->block[f->begin] = f->replaced;
    f->flags &= ~(unsigned)FILE_LINE;
}

int bide__file_enter(bide_file *f, unsigned wants, const char *verb)
{
    if (!f)
        return bide_errcode();
    if (f->flags & FILE_BUSY)
        return bide_fail(BIDE_EBUSY, "%s: %s: another task is in it", verb, f->path);
    f->flags |= FILE_BUSY;
    int rc = bide__enter();
    if (rc == 0)
        rc = refusal(f, wants);
    if (rc < 0)
        return (int)bide__file_leave(f, verb, rc);
    restore(f);
    return 0;
}

static void end(bide_file *f);

static void end_if_last(bide_file *f)
{
    if (f->flags & FILE_CLOSED && !(f->flags & FILE_BUSY) && !f->inside)
        end(f);
}

/* The name is said before the file may be gone. */
static int64_t leave(bide_file *f, const char *verb, int64_t rc)
{
    if (rc < 0 && rc != BIDE_ECANCELED)
        bide_within("%s: %s", verb, f->path);
    end_if_last(f);
    return rc;
}

int64_t bide__file_leave(bide_file *f, const char *verb, int64_t rc)
{
    if (f->flags & FILE_STALE)
        bide__file_forget(f);
    f->flags &= ~(unsigned)FILE_BUSY;
    return leave(f, verb, rc);
}

static int flush_own(bide_file *f, const char *verb)
{
    int rc = bide__file_enter(f, 0, verb);
    return rc < 0 ? rc : (int)bide__file_leave(f, verb, bide__file_push(f));
}

/* Where another task is just gathering, there is no order between it and this one. */
int bide__file_enter_at(bide_file *f, unsigned wants, const char *verb)
{
    if (!f)
        return bide_errcode();
    f->inside++;
    int rc = bide__enter();
    if (rc == 0)
        rc = refusal(f, wants);
    if (rc == 0 && !(f->flags & FILE_PLAIN))
        rc = bide_fail(-ESPIPE, "it cannot seek");
    if (rc < 0)
        return (int)bide__file_leave_at(f, verb, rc);
    if (f->flags & FILE_GATHERS && !(f->flags & FILE_BUSY) && (rc = flush_own(f, verb)) < 0) {
        f->inside--;
        end_if_last(f);
    }
    return rc;
}

int64_t bide__file_leave_at(bide_file *f, const char *verb, int64_t rc)
{
    f->inside--;
    return leave(f, verb, rc);
}

/* --- opening --- */

bide_file *bide__file_new(const char *path)
{
    bide_file *f = bide__zalloc(sizeof *f + strlen(path) + 1);
    if (!f) {
        bide_fail(BIDE_ENOMEM, "out of memory");
        return NULL;
    }
    strcpy(f->path, path);
    f->fd = -1;
    f->line_max = BIDE_LINE_MAX;
    return f;
}

int bide__file_look(struct opening *o)
{
    struct statfs system;
    if (bide__sys.fstat(o->fd, &o->st) < 0)
        return bide__fail_errno("");
    if (S_ISDIR(o->st.st_mode))
        return bide_fail(-EISDIR, "%s", bide_strerror(-EISDIR));
    o->memory = bide__sys.fstatfs(o->fd, &system) == 0 && system.f_type == TMPFS;
    return 0;
}

static int open_job(void *arg)
{
    struct opening *o = arg;
    o->fd = bide__sys.open(o->path, o->flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, o->permissions);
    if (o->fd < 0 && errno == ENXIO && (o->flags & O_ACCMODE) == O_WRONLY)
        return bide_fail(-ENXIO, "nobody reads this FIFO");
    if (o->fd < 0)
        return bide__fail_errno("");
    int rc = bide__file_look(o);
    if (rc < 0)
        bide__sys.close(o->fd);
    return rc;
}

/* A small file has a small block. */
static size_t block_for(const struct stat *st)
{
    size_t size = (size_t)st->st_size;
    if (!S_ISREG(st->st_mode) || st->st_size <= 0 || size >= FILE_BLOCK)
        return 0;
    return (size / FILE_BLOCK_LEAST + 1) * FILE_BLOCK_LEAST;
}

int bide__file_adopt(bide_file *f, const struct opening *o, unsigned flags)
{
    bool plain = S_ISREG(o->st.st_mode) || S_ISBLK(o->st.st_mode);
    int rc = plain ? 0 : bide__fd_watch(o->fd, READY_WRITE);
    if (rc < 0)
        return rc;
    f->fd = o->fd;
    f->flags = flags | (plain ? FILE_PLAIN : 0) | (o->memory ? FILE_MEMORY : 0);
    if (!f->block_size && !(flags & FILE_WRITES))
        f->block_size = block_for(&o->st);
    if (flags & FILE_APPENDS && plain)
        f->where = o->st.st_size;
    return 0;
}

/* O_... of a mode, or BIDE_EINVAL. */
static int flags_of(const char *mode)
{
    static const char first[] = "rwax";
    static const int flags[] = { 0, O_CREAT | O_TRUNC, O_CREAT | O_APPEND, O_CREAT | O_EXCL };
    const char *kind = mode && *mode ? strchr(first, *mode) : NULL;
    size_t more = kind ? strspn(mode + 1, "+bx") : 0;
    if (!kind || mode[1 + more])
        return bide_fail(BIDE_EINVAL, "open: no such mode: '%s'", mode ? mode : "");
    int access = strchr(mode, '+') ? O_RDWR : *mode == 'r' ? O_RDONLY : O_WRONLY;
    int found = flags[kind - first] | access;
    if (!strchr(mode, 'x'))
        return found;
    if (*mode == 'r' || *mode == 'a')
        return bide_fail(BIDE_EINVAL, "open: no such mode: '%s'", mode);
    return (found & ~O_TRUNC) | O_EXCL;
}

static unsigned rights_of(int flags)
{
    int access = flags & O_ACCMODE;
    return (access != O_WRONLY ? FILE_READS : 0u) | (access != O_RDONLY ? FILE_WRITES : 0u) |
           (flags & O_APPEND ? FILE_APPENDS : 0u);
}

static int open_it(bide_file *f, int flags, const struct bide_file_open_opts *opts)
{
    struct opening o = { .path = f->path, .flags = flags,
                         .permissions = opts->permissions ? opts->permissions : PERMISSIONS };
    int rc = bide__file_hop(open_job, &o);
    if (rc < 0)
        return rc;
    f->block_size = opts->block;
    if (opts->line_max)
        f->line_max = opts->line_max;
    rc = bide__file_adopt(f, &o, rights_of(flags));
    if (rc < 0)
        bide__sys.close(o.fd);
    return rc;
}

bide_file *bide_file_open_opts(const char *path, const struct bide_file_open_opts *opts)
{
    int flags = path ? flags_of(opts->mode) : bide_fail(BIDE_EINVAL, "open: no path");
    bide_file *f = flags >= 0 ? bide__file_new(path) : NULL;
    if (!f)
        return NULL;
    int rc = open_it(f, flags, opts);
    if (rc == 0)
        return f;
    if (rc != BIDE_ECANCELED)
        bide_within("open: %s", path);
    bide__free(f);
    return NULL;
}

/* --- ending --- */

struct closing { int fd; bool begun; };

static int close_job(void *arg)
{
    struct closing *c = arg;
    c->begun = true;
    int rc = bide__sys.close(c->fd);
    return rc < 0 && errno != EINTR ? bide__fail_errno("") : 0;
}

static int finish(bide_file *f)
{
    int rc = bide__file_push(f);
    if (rc < 0)
        return rc;
    if (f->inside)
        return bide_fail(BIDE_EBUSY, "another task is in it");
    struct closing c = { .fd = f->fd };
    f->fd = -1;
    if (!(f->flags & FILE_PLAIN)) {
        bide__fd_close(c.fd);
        return 0;
    }
    rc = bide__file_hop(close_job, &c);
    if (!c.begun)
        f->fd = c.fd;           /* cancelled, or there is no thread */
    if (rc == 0 && f->sync_code)
        rc = bide_fail(f->sync_code, "an earlier sync failed: %s", bide_strerror(f->sync_code));
    return rc;
}

int bide_file_finish(bide_file *f)
{
    int rc = bide__file_enter(f, 0, "finish");
    return rc < 0 ? rc : (int)bide__file_leave(f, "finish", finish(f));
}

static void write_rest(bide_file *f)
{
    struct transfer t = { .fd = f->fd, .data = f->block + f->begin, .size = f->end - f->begin,
                          .at = f->where, .append = f->flags & FILE_APPENDS };
    int rc = f->flags & FILE_PLAIN ? bide__file_write_job(&t)
        : bide_fail(BIDE_EAGAIN, "%s", bide_strerror(BIDE_EAGAIN));
    if (rc < 0)
        bide_log(BIDE_LOG_WARNING, "file '%s' was closed without bide_file_finish(): its last %zu "
                 "bytes are lost: %s", f->path, t.size - t.done, bide_errmsg());
}

static int close_task(void *arg)
{
    BIDE_SHIELD(shield, close_seconds);
    struct closing c = { .fd = (int)(intptr_t)arg };
    int rc = bide__file_hop(close_job, &c);
    if (!c.begun)
        bide__sys.close(c.fd);
    return rc;
}

static void close_descriptor(const bide_file *f)
{
    struct stat st;
    bool late = f->flags & FILE_TEMPORARY && fstat(f->fd, &st) == 0 && st.st_size > LARGE &&
                bide__run_later("closing a file", close_task, (void *)(intptr_t)f->fd);
    if (late)
        return;
    if (f->flags & FILE_PLAIN)
        bide__sys.close(f->fd);
    else
        bide__fd_close(f->fd);
}

static void end(bide_file *f)
{
    BIDE_KEEP_ERROR(held);
    bide__file_end_view(f);
    if (f->fd >= 0 && f->flags & FILE_GATHERS)
        write_rest(f);
    if (f->flags & FILE_NAMED)
        unlink(f->path);
    if (f->fd >= 0)
        close_descriptor(f);
    bide__free(f->block);
    bide__free(f);
}

void bide_file_close(bide_file *f)
{
    if (!f)
        return;
    f->flags |= FILE_CLOSED;
    if (!(f->flags & FILE_PLAIN) && f->fd >= 0)
        bide__fd_abort(f->fd);
    end_if_last(f);
}

const char *bide_file_path(const bide_file *f)
{
    return f ? f->path : NULL;
}

int bide_file_fd(const bide_file *f)
{
    return f ? f->fd : -1;
}
