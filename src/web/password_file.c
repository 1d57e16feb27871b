/* Following the file, hashing on threads, and remembering.
 *
 * One lock over what changes, held for look-ups and never for hashing or reading.  The file is
 * looked at by the first who comes when a second has passed since the last look.  One that cannot
 * be read any more, or has a wrong line, is told in the log once, and who was known before stays
 * known: a file that is just being written must lock nobody out.  While a change may hide behind
 * the time of the last one, it is read again. */
#include "web/password_file.h"

#include "base/memory.h"
#include "base/siphash.h"
#include "base/sys.h"
#include "http/random_bytes.h"
#include "web/password_hash.h"
#include "web/passwords.h"
#include "web/secret.h"

#include <bide/log.h>
#include <bide/thread.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>

enum { REMEMBERED = 256, MARK_SIZE = 16, SETTLED_S = 2 };

static const double look_each = 1;      /* seconds */

/* Which version of the file. */
struct version {
    struct timespec modified;
    off_t size;
    ino_t inode;
};

struct password_file {
    char *path;
    bide_executor *threads;
    pthread_mutex_t lock;       /* over the rest */
    struct passwords users;
    double looked;              /* bide_now(), when somebody last went to look */
    struct version version;
    bool settled;               /* it has its version since long enough */
    bool lost;                  /* it could not be opened when last looked for: told in the log */
    uint64_t keys[2][2];        /* of marks */
    char marks[REMEMBERED][MARK_SIZE];  /* of what has fitted, each where its bytes say; 0: none */
};

/* ---- reading ---- */

static int open_file(const char *path, struct stat *st)
{
    int fd = bide__sys.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
    if (fd < 0)
        return bide_fail(-errno, "cannot be opened: %s", bide_strerror(-errno));
    int rc = bide__sys.fstat(fd, st) < 0 ? bide_fail(-errno, "%s", bide_strerror(-errno)) : 0;
    if (rc == 0 && !S_ISREG(st->st_mode))
        rc = bide_fail(BIDE_EINVAL, "is no file");
    if (rc == 0)
        return fd;
    bide__sys.close(fd);
    return rc;
}

/* As far as there is room, or < 0 with the error held. */
static ssize_t read_into(int fd, char *text, size_t room)
{
    size_t size = 0;
    ssize_t n;
    while (size < room && (n = bide__sys.read(fd, text + size, room - size)) != 0) {
        if (n < 0 && errno != EINTR)
            return bide_fail(-errno, "cannot be read: %s", bide_strerror(-errno));
        size += n > 0 ? (size_t)n : 0;
    }
    return (ssize_t)size;
}

static int read_users(int fd, struct passwords *users)
{
    char *text = bide__alloc(PASSWORD_FILE_MAX + 1);
    if (!text)
        return bide_fail(BIDE_ENOMEM, "out of memory");
    ssize_t size = read_into(fd, text, PASSWORD_FILE_MAX + 1);
    int rc = size < 0 ? (int)size : 0;
    if (size > PASSWORD_FILE_MAX)
        rc = bide_fail(BIDE_ELIMIT, "more than %d bytes", PASSWORD_FILE_MAX);
    if (rc == 0)
        rc = bide__passwords_read(users, text, (size_t)size);
    if (size > 0)
        explicit_bzero(text, (size_t)size);
    bide__free(text);
    return rc;
}

static bool is_settled(const struct stat *st)
{
    struct timespec now;
    bide__sys.clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec - st->st_mtim.tv_sec >= SETTLED_S;
}

static bool is_version(const struct version *v, const struct stat *st)
{
    return v->modified.tv_sec == st->st_mtim.tv_sec &&
           v->modified.tv_nsec == st->st_mtim.tv_nsec && v->size == st->st_size &&
           v->inode == st->st_ino;
}

/* ---- following ---- */

/* Under the lock: keeps what was read; returns what is to be ended. */
static struct passwords put(struct password_file *f, struct passwords users)
{
    struct passwords before = f->users;
    memcpy(users.key, before.key, sizeof users.key);
    f->users = users;
    return before;
}

static void tell(const struct password_file *f)
{
    bide_log(BIDE_LOG_ERROR, "basic auth: %s: %s; the users from before stay", f->path,
             bide_errmsg());
}

/* The descriptor of a file that has changed; < 0: it has not, or that has been told. */
static int open_changed(struct password_file *f, struct stat *st, bool *is_new)
{
    int fd = open_file(f->path, st);
    pthread_mutex_lock(&f->lock);
    bool told = fd < 0 && f->lost;
    f->lost = fd < 0;
    *is_new = fd >= 0 && !is_version(&f->version, st);
    bool changed = *is_new || !f->settled;
    pthread_mutex_unlock(&f->lock);
    if (fd >= 0 && !changed) {
        bide__sys.close(fd);
        return -1;
    }
    if (fd < 0 && !told)
        tell(f);
    return fd;
}

/* On a thread, or before anybody else. */
static int look(struct password_file *f, bool first)
{
    struct stat st;
    struct passwords users = { 0 };
    bool is_new = true;
    int fd = first ? open_file(f->path, &st) : open_changed(f, &st, &is_new);
    int rc = fd < 0 ? fd : read_users(fd, &users);
    if (fd < 0)
        return rc;
    bide__sys.close(fd);
    pthread_mutex_lock(&f->lock);
    f->version = (struct version){ st.st_mtim, st.st_size, st.st_ino };
    f->settled = is_settled(&st);
    struct passwords ended = rc == 0 ? put(f, users) : users;
    pthread_mutex_unlock(&f->lock);
    bide__passwords_end(&ended);
    if (rc < 0 && is_new && !first)
        tell(f);
    return rc;
}

/* ---- remembering ---- */

/* Of what one user says. */
struct attempt {
    struct password_file *file;
    const char *user, *password;
    bool look;                  /* it is time to */
    bool known;
    char hash[HASH_MAX + 1];
    char mark[MARK_SIZE];
};

static char *put_part(char *to, const char *text)
{
    size_t size = strlen(text) + 1;
    memcpy(to, text, size);
    return to + size;
}

/* SipHash twice, with keys that are in this process alone: 128 bits that nobody can aim at. */
static void make_mark(struct attempt *a)
{
    char all[USER_MAX + HASH_MAX + PASSWORD_MAX + 3];
    char *end = put_part(put_part(put_part(all, a->user), a->hash), a->password);
    for (size_t i = 0; i < 2; i++) {
        uint64_t half = siphash(a->file->keys[i], all, (size_t)(end - all), 2, 4);
        memcpy(a->mark + i * sizeof half, &half, sizeof half);
    }
    explicit_bzero(all, sizeof all);
}

static char *place_of(struct password_file *f, const struct attempt *a)
{
    return f->marks[(unsigned char)a->mark[0] % REMEMBERED];
}

/* Finds the user's hash, or another; true: this very password has fitted it. */
static bool has_fitted(struct password_file *f, struct attempt *a)
{
    pthread_mutex_lock(&f->lock);
    const char *hash = bide__passwords_find(&f->users, a->user, &a->known);
    strcpy(a->hash, hash ? hash : "");
    make_mark(a);
    bool fitted = a->known && bide__secret_same(text_of(place_of(f, a), MARK_SIZE),
                                                text_of(a->mark, MARK_SIZE));
    pthread_mutex_unlock(&f->lock);
    return fitted;
}

static void remember(struct password_file *f, const struct attempt *a)
{
    pthread_mutex_lock(&f->lock);
    memcpy(place_of(f, a), a->mark, MARK_SIZE);
    pthread_mutex_unlock(&f->lock);
}

/* ---- checking ---- */

/* On a thread.  Who is not known is hashed like the others, and what comes of it does not count. */
static int try(void *arg)
{
    struct attempt *a = arg;
    struct password_file *f = a->file;
    if (a->look)
        bide_ignore(look(f, false));
    if (has_fitted(f, a))
        return 1;
    if (!*a->hash)
        return 0;
    int rc = bide__password_hash_fits(a->hash, a->password);
    if (rc <= 0 || !a->known)
        return rc < 0 ? rc : 0;
    remember(f, a);
    return 1;
}

static bool is_time(struct password_file *f)
{
    double now = bide_now();
    pthread_mutex_lock(&f->lock);
    bool is = now - f->looked >= look_each;
    if (is)
        f->looked = now;
    pthread_mutex_unlock(&f->lock);
    return is;
}

int bide__password_file_check(struct password_file *f, const char *user, const char *password)
{
    struct attempt a = { .file = f, .user = user, .password = password };
    if (strlen(user) > USER_MAX || strlen(password) > PASSWORD_MAX)
        return 0;               /* nobody has such a one */
    a.look = is_time(f);
    if (!a.look && has_fitted(f, &a))
        return 1;
    return bide_executor_run(f->threads, try, &a);
}

/* ---- its life ---- */

static int start(struct password_file *f, const char *path, unsigned threads)
{
    f->path = bide__copy_text(path, strlen(path));
    if (!f->path)
        return bide_fail(BIDE_ENOMEM, "out of memory for a middleware");
    bide__random_bytes(f->keys, sizeof f->keys);
    bide__random_bytes(f->users.key, sizeof f->users.key);
    f->threads = bide_executor_new(threads, .name = "passwords");
    if (!f->threads)
        return bide_errcode();
    int rc = look(f, true);
    return rc < 0 ? bide_within("%s", path) : 0;
}

struct password_file *bide__password_file_open(const char *path, unsigned threads)
{
    if (bide__password_hash_is_there() < 0)
        return NULL;
    struct password_file *f = bide__zalloc(sizeof *f);
    if (!f) {
        bide_fail(BIDE_ENOMEM, "out of memory for a middleware");
        return NULL;
    }
    pthread_mutex_init(&f->lock, NULL);
    f->looked = -look_each;
    if (start(f, path, threads) == 0)
        return f;
    bide__password_file_close(f);
    return NULL;
}

void bide__password_file_close(struct password_file *f)
{
    if (!f)
        return;
    bide_executor_free(f->threads);
    bide__passwords_end(&f->users);
    pthread_mutex_destroy(&f->lock);
    bide__free(f->path);
    bide__free(f);
}
