/* Temporary files and directories, which go when their guard does.
 *
 * A file has no name at all where the system can do that (O_TMPFILE), so not even a crash
 * leaves it.  A directory is removed by a task of its own, which the end of the loop waits for,
 * because guards must not wait and trees may be large. */
#include "base/memory.h"
#include "base/sys.h"
#include "core/group.h"
#include "io/file.h"
#include <bide/dir.h>
#include <bide/group.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const double remove_seconds = 60;

/* From the root, for it must still be right when the working directory is another one. */
char *bide__temp_path(const char *dir)
{
    static const char name[] = "/bide-XXXXXX";
    const char *usual = getenv("TMPDIR");
    char here[PATH_MAX] = "";
    if (!dir)
        dir = usual && *usual ? usual : "/tmp";
    if (*dir != '/' && !getcwd(here, sizeof here)) {
        bide__fail_errno("");
        return NULL;
    }
    size_t size = strlen(here) + 1 + strlen(dir) + sizeof name;
    char *path = bide__alloc(size);
    if (!path) {
        bide_fail(BIDE_ENOMEM, "out of memory");
        return NULL;
    }
    snprintf(path, size, "%s%s%s%s", here, *here ? "/" : "", dir, name);
    return path;
}

/* --- what nobody waits for --- */

bool bide__run_later(const char *name, bide_fn *fn, void *arg)
{
    bide_group *g = bide_group_open(name, NULL, NULL);
    if (!g)
        return false;
    int rc = bide_spawn(g, fn, arg, .name = name);
    bide_group_close(g);        /* it still runs, under its own shield, and is joined */
    return rc == 0;
}

/* --- files --- */

struct temporary { struct opening o; char *path; bool named; };

static int open_named(struct temporary *t)
{
    t->o.fd = mkostemp(t->path, O_CLOEXEC);
    if (t->o.fd < 0)
        return bide__fail_errno("");
    if (!t->named)
        unlink(t->path);
    return 0;
}

static int open_job(void *arg)
{
    struct temporary *t = arg;
    char *slash = strrchr(t->path, '/');
    t->o.fd = -1;
    if (!t->named) {
        *slash = '\0';
        t->o.fd = bide__sys.open(*t->path ? t->path : "/", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
        *slash = '/';
    }
    int rc = t->o.fd < 0 ? open_named(t) : 0;
    if (rc < 0)
        return rc;
    if ((rc = bide__file_look(&t->o)) < 0)
        bide__sys.close(t->o.fd);
    return rc;
}

static bide_file *open_it(struct temporary *t)
{
    int rc = bide__file_hop(open_job, t);
    if (rc < 0) {
        if (rc != BIDE_ECANCELED)
            bide_within("%s", t->path);
        return NULL;
    }
    bide_file *f = bide__file_new(t->named ? t->path : "");
    unsigned named = t->named ? FILE_NAMED : 0;
    if (f && bide__file_adopt(f, &t->o, FILE_READS | FILE_WRITES | FILE_TEMPORARY | named) == 0)
        return f;
    bide__free(f);
    bide__sys.close(t->o.fd);
    if (t->named)
        unlink(t->path);
    return NULL;
}

bide_file *bide_temp_file_open_opts(const struct bide_temp_file_opts *opts)
{
    struct temporary t = { .path = bide__temp_path(opts->dir), .named = opts->named };
    bide_file *f = t.path ? open_it(&t) : NULL;
    bide__free(t.path);
    if (!f && bide_errcode() != BIDE_ECANCELED)
        bide_within("temporary file");
    return f;
}

/* --- directories --- */

struct bide_temp_dir { char *path; bool removed; };

static int make_job(void *arg)
{
    const bide_temp_dir *d = arg;
    return mkdtemp(d->path) ? 0 : bide__fail_errno("");
}

static void free_dir(bide_temp_dir *d)
{
    bide__free(d->path);
    bide__free(d);
}

bide_temp_dir *bide_temp_dir_open_opts(const struct bide_temp_dir_opts *opts)
{
    bide_temp_dir *d = bide__zalloc(sizeof *d);
    int rc = d ? 0 : bide_fail(BIDE_ENOMEM, "out of memory");
    if (d && !(d->path = bide__temp_path(opts->dir)))
        rc = bide_errcode();
    if (rc == 0 && (rc = bide__file_hop(make_job, d)) == 0)
        return d;
    if (rc != BIDE_ECANCELED)
        bide_within(d && d->path ? "temporary directory: %s" : "temporary directory%s",
                    d && d->path ? d->path : "");
    if (d)
        free_dir(d);
    return NULL;
}

const char *bide_temp_dir_path(const bide_temp_dir *d)
{
    return d ? d->path : NULL;
}

int bide_temp_dir_remove(bide_temp_dir *d)
{
    if (!d || d->removed)
        return d ? 0 : bide_errcode();
    int rc = bide__file_hop(bide__tree_remove_job, d->path);
    if (rc < 0 && rc != -ENOENT)
        return rc == BIDE_ECANCELED ? rc : bide_within("remove: %s", d->path);
    d->removed = true;
    return 0;
}

static void warn(const bide_temp_dir *d)
{
    bide_log(BIDE_LOG_WARNING, "temporary directory %s was not removed: %s", d->path,
             bide_errmsg());
}

static int remove_task(void *arg)
{
    bide_temp_dir *d = arg;
    BIDE_SHIELD(shield, remove_seconds);
    if (bide_temp_dir_remove(d) < 0)
        warn(d);
    free_dir(d);
    return 0;
}

static void remove_now(bide_temp_dir *d)
{
    int rc = bide__tree_remove_job(d->path);
    if (rc < 0 && rc != -ENOENT)
        warn(d);
    free_dir(d);
}

void bide_temp_dir_close(bide_temp_dir *d)
{
    BIDE_KEEP_ERROR(held);
    if (!d)
        return;
    if (d->removed)
        free_dir(d);
    else if (!bide__run_later("removing a temporary directory", remove_task, d))
        remove_now(d);
}
