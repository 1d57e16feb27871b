/* bide/file.h -- files, without ever holding up the loop: aiofiles.
 *
 *     bide_auto(file) f = bide_file_open("access.log", "r");
 *     char *line;
 *     ssize_t n;
 *     while ((n = bide_file_line(f, &line)) > 0)
 *         count++;
 *
 * What a file holds is fetched and written a block at a time.  What the system has in memory
 * is taken at once; for the rest a thread does the waiting, one hop per block.  A block that
 * is written is gathered first: bide_file_flush() hands it to the system, bide_file_finish()
 * does so and closes, and tells of failures.  Call it before the guard closes the file.
 *
 * Reading on, writing on and seeking are for one task at a time, else BIDE_EBUSY; reading
 * and writing at an offset (_at) for as many as like.  What a task wrote it then sees,
 * whichever way it reads.  A read that fails has taken nothing.  A file that cannot seek (a
 * FIFO, a terminal) is served by the poller and not by a thread. */
#ifndef BIDE_FILE_H
#define BIDE_FILE_H
#include <bide/stream.h>
#include <sys/stat.h>
BIDE_BEGIN_

typedef struct bide_file bide_file;
/* What bide_file_load() read; freed by bide_bytes_free(). */
typedef struct bide_bytes {
    size_t size;
    char *data;                 /* a NUL stands after the last byte */
} bide_bytes;

/* Options of bide_file_open(). */
struct bide_file_open_opts {
    size_t abi_;
    const char *mode;           /* see there */
    unsigned permissions;       /* of a new file, less the umask; default 0666 */
    size_t block;               /* bytes read or gathered at a time; default 256 KiB, 1 MiB
                                   where each block needs a thread */
    size_t line_max;            /* the longest line, in bytes; default BIDE_LINE_MAX */
};
/* Options of bide_temp_file_open(). */
struct bide_temp_file_opts {
    size_t abi_;
    const char *dir;            /* where; default $TMPDIR, else /tmp */
    bool named;                 /* has a path, which goes when the file is closed; default:
                                   it has none */
};
/* Options of bide_file_load(). */
struct bide_file_load_opts {
    size_t abi_;
    const char *path;
    size_t size_max;            /* bytes; more: BIDE_ELIMIT.  Default 64 MiB */
};
/* Options of bide_file_save(). */
struct bide_file_save_opts {
    size_t abi_;
    size_t size;                /* bytes of data */
    unsigned permissions;       /* default: those of the file replaced, else 0666 less the
                                   umask */
    bool unsynced;              /* does not wait for the disk: whole or not there after a
                                   crash of the program, but maybe not after one of the
                                   machine */
};

/* bide_file_open(path, "r"), bide_file_open(path, "w", .permissions = 0600): opens.  The mode
 * is one of r (read), w (write, emptied first), a (write at the end) and x (write, must not
 * be there yet: -EEXIST), then maybe + (read and write) and b (means nothing); wx is x.
 * NULL: -ENOENT, -EACCES, -EISDIR, BIDE_EINVAL (no such mode), -ENXIO (a FIFO to write that
 * nobody reads), BIDE_ENOMEM, ...  Counterpart: aiofiles.open(). */
#define bide_file_open(path, ...) \
    bide_file_open_opts(path, BIDE_OPTS_(bide_file_open_opts, .mode = __VA_ARGS__))
BIDE_WAITS bide_file *bide_file_open_opts(const char *path,
                                          const struct bide_file_open_opts *opts);
/* A file of its own to read and write, which nobody else finds and which is gone when it is
 * closed: bide_temp_file_open(), bide_temp_file_open(.named = true).  NULL: -ENOENT, ... */
#define bide_temp_file_open(...) \
    bide_temp_file_open_opts(BIDE_OPTS_(bide_temp_file_opts, __VA_ARGS__))
BIDE_WAITS bide_file *bide_temp_file_open_opts(const struct bide_temp_file_opts *opts);

/* Up to size bytes from where the file is read; fewer only at its end, 0 at the end itself
 * (and more later, if it grows).  Where it cannot seek: as soon as there are any. */
BIDE_WAITS ssize_t bide_file_read(bide_file *f, void *buf, size_t size);
/* The next line, its newline included: its length, and *line points to it, with a NUL after
 * it, until the file is next read or written.  0: the end.  A last piece without newline is
 * returned as it is.  Longer than the limit: BIDE_ELIMIT, nothing is lost.  Counterpart:
 * async for line in f. */
BIDE_WAITS ssize_t bide_file_line(bide_file *f, char **line);
/* Writes all, by way of the block: 0.  < 0 (-ENOSPC, -EIO, ...): nothing of it was taken; of
 * more than a block, bide_file_tell() says how much. */
BIDE_WAITS int bide_file_write(bide_file *f, const void *data, size_t size);
/* printf to a file; more than 64 KiB: BIDE_ELIMIT. */
BIDE_WAITS int bide_file_printf(bide_file *f, const char *fmt, ...) BIDE_PRINTF_(2, 3);
/* Up to size bytes from offset on, wherever the file is read otherwise; fewer only at its
 * end.  Cannot seek: -ESPIPE.  Counterpart: os.pread() in a thread. */
BIDE_WAITS ssize_t bide_file_read_at(bide_file *f, void *buf, size_t size, int64_t offset);
/* Writes all, straight to the system: 0; < 0: some of it may be written.  Opened with "a":
 * BIDE_EINVAL. */
BIDE_WAITS int bide_file_write_at(bide_file *f, const void *data, size_t size,
                                  int64_t offset);

/* Goes to offset from the start, from here or from the end (SEEK_SET, SEEK_CUR, SEEK_END;
 * SEEK_DATA and SEEK_HOLE too): the new place.  BIDE_EINVAL: before the start; -ESPIPE. */
BIDE_WAITS int64_t bide_file_seek(bide_file *f, int64_t offset, int whence);
/* Where it is read or written next, gathered bytes included.  Where it cannot seek: how many
 * bytes have passed. */
int64_t bide_file_tell(const bide_file *f);
/* How many bytes it has, gathered ones included. */
BIDE_WAITS int64_t bide_file_size(bide_file *f);
/* As fstat(2), after gathered bytes were written. */
BIDE_WAITS int bide_file_stat(bide_file *f, struct stat *st);
/* Cuts it or extends it with zeroes; stays where it is. */
BIDE_WAITS int bide_file_truncate(bide_file *f, int64_t size);
/* Hands gathered bytes to the system: other programs see them.  < 0: what could not be
 * written is still gathered, and may be tried again. */
BIDE_WAITS int bide_file_flush(bide_file *f);
/* Flushes, and waits until all is on the disk.  Once that has failed it fails for ever,
 * for nobody knows what is on the disk. */
BIDE_WAITS int bide_file_sync(bide_file *f);
/* The same, without the times and other things that reading the data does not need. */
BIDE_WAITS int bide_file_datasync(bide_file *f);
/* The last call on a file that was written: flushes, closes the descriptor, and tells of what
 * failed.  0, or < 0: it is still open if something could not be written. */
BIDE_WAITS int bide_file_finish(bide_file *f);

/* Sends size bytes of a file from offset on (BIDE_UNLIMITED: to its end) to a stream: how
 * many; fewer only at the file's end.  Sockets get them from the system's memory without a
 * copy (sendfile(2)).  Cut short by a failure, the stream takes no more writes.
 * Counterpart: loop.sendfile(). */
BIDE_WAITS int64_t bide_sendfile(bide_stream *s, bide_file *f, int64_t offset, size_t size);
/* The file as a stream, for bide_copy() and its like; both go on from the same place, but
 * what the stream has buffered is read already.  It is the file's: closing it is closing
 * nothing.  NULL: BIDE_ENOMEM. */
bide_stream *bide_file_stream(bide_file *f);
/* Its path as it was given; "" for a temporary file without a name.  The file's. */
const char *bide_file_path(const bide_file *f);
/* The descriptor, still the file's; -1 after bide_file_finish(). */
int bide_file_fd(const bide_file *f);
/* By its owner: closes and frees.  Never waits.  Bytes that are still gathered are written on
 * the spot; what cannot be is told by a warning in the log.  Who is still in it finishes what
 * is on its way, or fails with BIDE_ECLOSED.  NULL: nothing. */
void bide_file_close(bide_file *f);
BIDE_AUTO_(file, bide_file_close)

/* A whole file, in one hop: bide_file_load(path), bide_file_load(path, .size_max = 4096).
 * NULL: -ENOENT, BIDE_ELIMIT, BIDE_EINVAL (a FIFO or the like), ... */
#define bide_file_load(...) \
    bide_file_load_opts(BIDE_OPTS_(bide_file_load_opts, .path = __VA_ARGS__))
BIDE_WAITS bide_bytes *bide_file_load_opts(const struct bide_file_load_opts *opts);
/* Ends what bide_file_load() returned. */
void bide_bytes_free(bide_bytes *bytes);
BIDE_AUTO_(bytes, bide_bytes_free)
/* A whole file, in one hop: bide_file_save(path, data, size).  Whoever opens the path sees
 * the old contents or the new ones, never half of them: a new file beside it is written,
 * synced and renamed.  0; < 0: the old contents stand, unless the sentence says that only
 * the new name may not last. */
#define bide_file_save(path, data, ...) \
    bide_file_save_opts(path, data, BIDE_OPTS_(bide_file_save_opts, .size = __VA_ARGS__))
BIDE_WAITS int bide_file_save_opts(const char *path, const void *data,
                                   const struct bide_file_save_opts *opts);

BIDE_END_
#endif
