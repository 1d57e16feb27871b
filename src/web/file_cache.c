/* Looking, keeping and letting go.  Opening may wait, so whatever is in the table afterwards may be
 * another file than before. */
#include "web/file_cache.h"

#include "base/memory.h"
#include "base/sys.h"
#include "http/media_type.h"

#include <bide/error.h>
#include <bide/task.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { SETTLED_NS = 1000000000 };

/* ---- one file ---- */

void bide__open_file_release(struct open_file *file)
{
    if (!file || --file->refs > 0)
        return;
    if (file->fd >= 0)
        bide__sys.close(file->fd);
    bide__free(file->data);
    bide__free(file);
}

/* Has it been left alone for a second? */
static bool is_settled(const struct stat *st)
{
    struct timespec now;
    bide__sys.clock_gettime(CLOCK_REALTIME, &now);
    int64_t age = ((int64_t)now.tv_sec - st->st_mtim.tv_sec) * 1000000000 +
                  (now.tv_nsec - st->st_mtim.tv_nsec);
    return age >= SETTLED_NS;
}

/* gzip(1) leaves the time as it was: a file and its coded sibling, should they be of one size too,
 * are told apart by this. */
static const char *coding_of(const struct open_file *file)
{
    static const char *const endings[] = { ".br", ".zst", ".gz" };
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t size = strlen(endings[i]);
        if (file->key_size > size &&
            strcmp(file->key + file->key_size - size, endings[i]) == 0)
            return endings[i];
    }
    return "";
}

/* The time of its change, to the nanosecond, and its size: no inode, which would differ between
 * two servers with the same files.  While a change may still hide behind that time the tag is a
 * weak one. */
static void describe(struct open_file *file)
{
    uint64_t ns = (uint64_t)file->st.st_mtim.tv_sec * 1000000000 +
                  (uint64_t)file->st.st_mtim.tv_nsec;
    int64_t modified = file->st.st_mtim.tv_sec > 0 ? file->st.st_mtim.tv_sec : 0;
    file->settled = is_settled(&file->st);
    snprintf(file->etag, sizeof file->etag, "%s\"%" PRIx64 "-%" PRIx64 "%s\"",
             file->settled ? "" : "W/", ns, (uint64_t)file->st.st_size, coding_of(file));
    bide__date_write(file->modified, modified);
    file->modified[DATE_SIZE] = '\0';
    file->is.etag = bide__etag_of(text_from(file->etag));
    file->is.modified = modified;
    file->lines_size = (uint8_t)snprintf(file->lines, sizeof file->lines, "Last-Modified: %s\r\n"
                                         "ETag: %s\r\nAccept-Ranges: bytes\r\n",
                                         file->modified, file->etag);
    const char *type = bide__media_type(file->key);
    snprintf(file->type, sizeof file->type, "%s%s", type,
             bide__media_type_is_text(type) ? "; charset=utf-8" : "");
}

static struct open_file *new_file(const char *path, size_t size, struct found_file *found, int code)
{
    struct open_file *file = bide__zalloc(sizeof *file + size + 1);
    if (!file) {
        bide__found_file_end(found);
        bide_fail(BIDE_ENOMEM, "out of memory for a file");
        return NULL;
    }
    memcpy(file->key, path, size);
    file->key_size = size;
    file->refs = 1;
    file->code = code;
    file->fd = found->fd;
    file->data = found->data;
    file->st = found->st;
    if (code == 0)
        describe(file);
    return file;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size &&
           a->st_mode == b->st_mode && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
           a->st_mtim.tv_nsec == b->st_mtim.tv_nsec && a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
           a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

/* ---- the cache ---- */

static struct open_file *look_up(const struct file_cache *cache, const char *path, size_t size)
{
    struct table_entry *entry = bide__table_find(&cache->files, path, size);
    return entry ? entry->value : NULL;
}

static void unlink_file(struct file_cache *cache, struct open_file *file)
{
    *(file->newer ? &file->newer->older : &cache->newest) = file->older;
    *(file->older ? &file->older->newer : &cache->oldest) = file->newer;
}

static void link_newest(struct file_cache *cache, struct open_file *file)
{
    file->newer = NULL;
    file->older = cache->newest;
    *(cache->newest ? &cache->newest->newer : &cache->oldest) = file;
    cache->newest = file;
}

static void forget(struct file_cache *cache, struct open_file *file)
{
    struct table_entry *entry = bide__table_find(&cache->files, file->key, file->key_size);
    if (!entry || entry->value != file)
        return;
    bide__table_remove(&cache->files, entry);
    unlink_file(cache, file);
    cache->bytes -= file->data ? (size_t)file->st.st_size : 0;
    cache->open -= file->fd >= 0;
    bide__open_file_release(file);
}

static void make_room(struct file_cache *cache)
{
    while (cache->oldest && (cache->files.count > FILE_CACHE_COUNT ||
                             cache->bytes > FILE_CACHE_BYTES || cache->open > FILE_CACHE_OPEN))
        forget(cache, cache->oldest);
}

/* Without memory for its place it is not kept, and is sent all the same. */
static void keep(struct file_cache *cache, struct open_file *file)
{
    struct open_file *old = look_up(cache, file->key, file->key_size);
    if (old)
        forget(cache, old);
    struct table_entry *entry = bide__table_add(&cache->files, file->key, file->key_size);
    if (!entry)
        return;
    entry->value = file;
    file->refs++;
    link_newest(cache, file);
    cache->bytes += file->data ? (size_t)file->st.st_size : 0;
    cache->open += file->fd >= 0;
    make_room(cache);
}

/* Closes all that is open: somebody else needs the descriptors more. */
static void give_up_descriptors(struct file_cache *cache)
{
    for (struct open_file *file = cache->oldest, *newer; file; file = newer) {
        newer = file->newer;
        if (file->fd >= 0)
            forget(cache, file);
    }
}

/* Does the code say how it is, and will go on being so?  Else it is a failure of this one try. */
static bool is_answer(int code)
{
    return code == -ENOENT || code == -EACCES || code == -ENOTDIR || code == -ELOOP ||
           code == -EXDEV || code == -ENAMETOOLONG || code == BIDE_EINVAL;
}

/* What the cache has, if what was found is just that; else NULL. */
static struct open_file *take_same(const struct file_cache *cache, const char *path, size_t size,
                                   const struct found_file *found)
{
    struct open_file *old = look_up(cache, path, size);
    if (!old || old->code < 0 || !old->settled || !is_same(&old->st, &found->st))
        return NULL;
    old->checked = bide_now();
    old->refs++;
    return old;
}

BIDE_WAITS static struct open_file *open_anew(struct file_cache *cache, const char *path,
                                              size_t size)
{
    struct found_file found;
    int code = bide__file_find(cache->root, path, &found);
    if ((code == -EMFILE || code == -ENFILE) && cache->open > 0) {
        give_up_descriptors(cache);
        code = bide__file_find(cache->root, path, &found);
    }
    if (code < 0 && !is_answer(code))
        return NULL;
    struct open_file *file = code == 0 ? take_same(cache, path, size, &found) : NULL;
    if (file) {
        bide__found_file_end(&found);
        return file;
    }
    file = new_file(path, size, &found, code);
    if (!file)
        return NULL;
    file->checked = bide_now();
    keep(cache, file);
    return file;
}

static struct file_cache *cache_of(struct file_cache **caches, const struct file_root *root)
{
    struct file_cache *cache = *caches;
    while (cache && cache->root != root)
        cache = cache->next;
    if (cache)
        return cache;
    cache = bide__zalloc(sizeof *cache);
    if (!cache) {
        bide_fail(BIDE_ENOMEM, "out of memory for a cache of files");
        return NULL;
    }
    *cache = (struct file_cache){ .next = *caches, .root = root };
    *caches = cache;
    return cache;
}

struct open_file *bide__file_cache_get(struct file_cache **caches, const struct file_root *root,
                                       const char *path)
{
    struct file_cache *cache = cache_of(caches, root);
    size_t size = strlen(path);
    struct open_file *file = cache ? look_up(cache, path, size) : NULL;
    if (!cache)
        return NULL;
    if (!file || bide_now() - file->checked >= FILE_CACHE_SECONDS)
        return open_anew(cache, path, size);
    if (file != cache->newest) {
        unlink_file(cache, file);
        link_newest(cache, file);
    }
    file->refs++;
    return file;
}

void bide__file_cache_free(struct file_cache *caches)
{
    while (caches) {
        struct file_cache *cache = caches;
        caches = cache->next;
        while (cache->oldest)
            forget(cache, cache->oldest);
        bide__table_clear(&cache->files, NULL);
        bide__free(cache);
    }
}
