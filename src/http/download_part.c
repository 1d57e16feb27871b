/* The order of writing is what keeps a part honest: it is emptied before it is said to be a part of
 * something else, and said so before the first byte of that is written. */
#include "http/download_part.h"

#include "base/memory.h"
#include "base/sys.h"
#include "http/chars.h"
#include "http/heap_writer.h"

#include <bide/dir.h>
#include <bide/error.h>
#include <bide/scope.h>
#include <bide/thread.h>

#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>

enum { NAMES_TRIED = 100, FROM_MAX = 64 << 10 };

static int no_memory(void)
{
    return bide_fail(BIDE_ENOMEM, "out of memory for a download");
}

/* path and more, or NULL with the error held. */
static char *join(const char *path, const char *more)
{
    char *joined = bide__alloc(strlen(path) + strlen(more) + 1);
    if (joined)
        stpcpy(stpcpy(joined, path), more);
    else
        no_memory();
    return joined;
}

/* ---- what it is a part of ---- */

/* One line of `text`, which goes on behind it; NULL: there is none. */
static char *next_line(char **text)
{
    char *line = *text, *end = strchr(line, '\n');
    if (!end)
        return NULL;
    *end = '\0';
    *text = end + 1;
    return line;
}

/* Three lines: the URL, the validator, the size or '-'. */
static int take_from(struct download_part *part, char *text)
{
    char *url = next_line(&text), *validator = url ? next_line(&text) : NULL;
    char *size = validator ? next_line(&text) : NULL;
    uint64_t total;
    if (!size || *text || strcmp(url, part->url) != 0 || !*validator)
        return 0;
    if (bide__text_number(text_of(size, strlen(size)), &total) && total <= INT64_MAX)
        part->total = (int64_t)total;
    else if (strcmp(size, "-") != 0)
        return 0;
    part->validator = bide__copy_text(validator, strlen(validator));
    return part->validator ? 0 : no_memory();
}

BIDE_WAITS static int read_from(struct download_part *part)
{
    bide_auto(bytes) bytes = bide_file_load(part->from_path, .size_max = FROM_MAX);
    if (bytes)
        return memchr(bytes->data, '\0', bytes->size) ? 0 : take_from(part, bytes->data);
    return bide_errcode() == -ENOENT || bide_errcode() == BIDE_ELIMIT ? 0 : bide_errcode();
}

BIDE_WAITS static int write_from(const struct download_part *part)
{
    struct writer w = bide__heap_writer();
    writer_put(&w, part->url, strlen(part->url));
    writer_literal(&w, "\n");
    writer_put(&w, part->validator, strlen(part->validator));
    writer_literal(&w, "\n");
    if (part->total >= 0)
        bide__writer_number(&w, (uint64_t)part->total);
    else
        writer_literal(&w, "-");
    writer_literal(&w, "\n");
    struct text text = bide__heap_writer_end(&w, "a download");
    if (!text.at)
        return bide_errcode();
    int rc = bide_file_save(part->from_path, text.at, text.size, .unsynced = true,
                            .permissions = 0600);       /* the URL may have a password in it */
    bide__free(w.at);
    return rc;
}

/* ---- opening ---- */

/* A file of a new name beside the other. */
BIDE_WAITS static int open_new(struct download_part *part, const char *path)
{
    for (int i = 0; i < NAMES_TRIED; i++) {
        uint32_t number;
        char ending[] = ".12345678.part";
        if (getrandom(&number, sizeof number, 0) != sizeof number)
            return bide_fail(-EIO, "the system gives no random bytes");
        for (int digit = 0; digit < 8; digit++, number >>= 4)
            ending[1 + digit] = "0123456789abcdef"[number & 15];
        bide__free(part->path);
        part->path = join(path, ending);
        part->file = part->path ? bide_file_open(part->path, "x") : NULL;
        if (part->file || bide_errcode() != -EEXIST)
            return part->file ? 0 : bide_errcode();
    }
    return bide_errcode();
}

/* The part that is there, or a new one; between two looks another program may make or take it. */
BIDE_WAITS static bide_file *open_either(const char *path)
{
    for (int i = 0; i < NAMES_TRIED; i++) {
        bide_file *f = bide_file_open(path, "r+");
        if (!f && bide_errcode() == -ENOENT)
            f = bide_file_open(path, "x+");
        if (f || bide_errcode() != -EEXIST)
            return f;
    }
    return NULL;
}

/* Nobody else may write it, and its name must still be its own: no link to another file. */
BIDE_WAITS static int lock(const struct download_part *part)
{
    struct stat ours, named;
    if (flock(bide_file_fd(part->file), LOCK_EX | LOCK_NB) < 0)
        return errno == EWOULDBLOCK ? bide_fail(BIDE_EBUSY, "%s: another download writes it",
                                                part->path)
                                    : bide_fail(-errno, "lock: %s: %s", part->path,
                                                bide_strerror(-errno));
    int rc = bide_file_stat(part->file, &ours);
    if (rc == 0)
        rc = bide_lstat(part->path, &named);
    if (rc < 0)
        return rc;
    if (!S_ISREG(ours.st_mode) || S_ISLNK(named.st_mode))
        return bide_fail(BIDE_EINVAL, "%s is no plain file", part->path);
    if (ours.st_ino != named.st_ino || ours.st_dev != named.st_dev)
        return bide_fail(BIDE_EBUSY, "%s: another download has just ended", part->path);
    return 0;
}

BIDE_WAITS static int open_again(struct download_part *part, const char *path)
{
    part->path = join(path, ".part");
    part->from_path = join(path, ".part.from");
    part->file = part->path && part->from_path ? open_either(part->path) : NULL;
    int rc = part->file ? lock(part) : bide_errcode();
    if (rc < 0 && part->file) {
        bide_file_close(part->file);    /* it is another's: left alone */
        part->file = NULL;
    }
    if (rc < 0)
        return rc;
    int64_t size = bide_file_size(part->file);
    part->untouched = size != 0;
    rc = size < 0 ? (int)size : read_from(part);
    if (rc == 0 && part->validator && (part->total < 0 || size <= part->total))
        part->written = size;
    return rc;
}

int bide__part_open(struct download_part *part, const char *url,
                    const struct bide_download_opts *opts)
{
    *part = (struct download_part){ .resume = opts->resume, .total = -1 };
    part->url = bide__copy_text(url, strlen(url));
    part->block = bide__alloc(PART_BLOCK);
    if (!part->url || !part->block)
        return no_memory();
    return opts->resume ? open_again(part, opts->path) : open_new(part, opts->path);
}

/* ---- writing ---- */

int bide__part_restart(struct download_part *part, const char *validator, int64_t total,
                       bool sync)
{
    bide__free(part->validator);
    part->validator = NULL;
    part->untouched = false;
    part->written = 0;
    part->gathered = 0;
    part->total = total;
    int rc = bide_file_truncate(part->file, 0);
    if (rc == 0 && sync)
        rc = bide_file_sync(part->file);
    if (rc < 0 || !validator)
        return rc;
    part->validator = bide__copy_text(validator, strlen(validator));
    if (!part->validator)
        return no_memory();
    return part->resume ? write_from(part) : 0;
}

int bide__part_flush(struct download_part *part)
{
    if (part->gathered == 0)
        return 0;
    int rc = bide_file_write_at(part->file, part->block, part->gathered, part->written);
    if (rc < 0)
        return rc;
    part->written += (int64_t)part->gathered;
    part->gathered = 0;
    return 0;
}

char *bide__part_room(struct download_part *part, size_t *size)
{
    if (part->gathered == PART_BLOCK && bide__part_flush(part) < 0)
        return NULL;
    *size = PART_BLOCK - part->gathered;
    return part->block + part->gathered;
}

static int sync_folder_job(void *folder)
{
    int fd = bide__sys.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0), code = 0;
    if (fd < 0)
        return 0;               /* one that may be written to, not read */
    if (bide__sys.fsync(fd) < 0 && errno != EINVAL)
        code = -errno;
    bide__sys.close(fd);
    return code;
}

/* Has the new name outlast a crash. */
BIDE_WAITS static int sync_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash ? bide__copy_text(path, (size_t)(slash - path) + 1)
                         : bide__copy_text(".", 1);
    if (!folder)
        return no_memory();
    int rc = bide_to_thread(sync_folder_job, folder);
    bide__free(folder);
    return rc < 0 ? bide_fail(rc, "it is there, but may not outlast a crash: %s",
                              bide_strerror(rc)) : 0;
}

int bide__part_finish(struct download_part *part, const char *path, bool sync)
{
    int rc = bide__part_flush(part);
    if (rc == 0 && sync)
        rc = bide_file_sync(part->file);
    if (rc < 0)
        return rc;
    BIDE_SHIELD(shield, BIDE_FOREVER);  /* nobody is to hear of a failure when it is there */
    rc = bide_rename(part->path, path);
    if (rc < 0)
        return rc;
    bide__free(part->path);
    part->path = NULL;          /* it is no part any more */
    if (part->from_path)
        bide_ignore(bide_unlink(part->from_path));
    rc = sync ? sync_folder(path) : 0;
    return rc < 0 ? rc : bide_file_finish(part->file);
}

/* ---- its end ---- */

int bide__part_settle(struct download_part *part)
{
    BIDE_KEEP_ERROR(held);
    BIDE_SHIELD(shield, BIDE_FOREVER);
    int rc = part->file ? bide__part_flush(part) : 0;
    part->gathered = 0;
    return rc;
}

/* Removes what is of no use: a part that was not to be kept, or that nothing can be added to. */
BIDE_WAITS static int clean_up(struct download_part *part)
{
    BIDE_SHIELD(shield, BIDE_FOREVER);
    if (part->untouched || (part->resume && part->validator && part->written > 0))
        return 0;
    int rc = bide_unlink(part->path);
    if (part->from_path && bide_unlink(part->from_path) < 0)
        rc = bide_errcode();
    return rc;
}

int bide__part_end(struct download_part *part)
{
    BIDE_KEEP_ERROR(held);
    int rc = part->file && part->path ? clean_up(part) : 0;
    bide_file_close(part->file);
    bide__free(part->path);
    bide__free(part->from_path);
    bide__free(part->url);
    bide__free(part->validator);
    bide__free(part->block);
    return rc;
}
