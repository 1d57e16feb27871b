/* cli/import_state.c -- what is in the table already, so that an import can go on.
 *
 * The file names the import: a random key, and what it is an import of.  Which stretches of
 * which file are done stands in the table bide_import of the same database, one row for each
 * batch, put there in the transaction of the batch's own rows: so the two cannot differ,
 * whenever the program or the machine ends.  When all is done, one row is left. */
#include "cli/import.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#define FIRST_LINE "bide-import 1 "
#define TABLE "create table if not exists bide_import (job varchar(32) not null, " \
    "file integer not null, start_at bigint not null, end_at bigint not null, " \
    "end_line bigint not null, row_count bigint not null, refused bigint not null, " \
    "reject_size bigint not null, primary key (job, file, start_at))"
/* The file number of the row that says that all is done. */
#define OVER (-1)

/* ---- the file ---- */

/* What an import is: it can go on with the same only. */
static char *describe(const struct import *im)
{
    const struct import_options *o = im->options;
    char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    if (!to)
        return NULL;
    fprintf(to, "table %s\ncolumns", o->table);
    for (size_t i = 0; i < im->columns.count; i++)
        fprintf(to, " %s=%s", im->columns.list[i].from ? im->columns.list[i].from : "",
                im->columns.list[i].name);
    fprintf(to, "\nformat %d %d %d %s\n", o->format.separator, o->format.quote, o->no_header,
            o->encoding ? o->encoding : "utf-8");
    for (size_t i = 0; i < o->file_count; i++) {
        struct stat info;
        if (strcmp(o->files[i], "-") == 0 || stat(o->files[i], &info) < 0 ||
            !S_ISREG(info.st_mode))
            fprintf(to, "file %s\n", o->files[i]);
        else
            fprintf(to, "file %s %lld %lld.%09ld\n", o->files[i], (long long)info.st_size,
                    (long long)info.st_mtim.tv_sec, info.st_mtim.tv_nsec);
    }
    if (fclose(to) == 0)
        return text;
    free(text);
    return NULL;
}

static int make_job(struct import_state *s)
{
    unsigned char bytes[16];
    if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
        return bide_fail(-errno, "random bytes: %s", strerror(errno));
    for (size_t i = 0; i < sizeof bytes; i++)
        snprintf(s->job + 2 * i, 3, "%02x", bytes[i]);
    return 0;
}

BIDE_WAITS static int make_file(struct import *im, const char *about)
{
    char *text;
    int rc = make_job(&im->state);
    if (rc < 0)
        return rc;
    int size = asprintf(&text, FIRST_LINE "%s\n%s", im->state.job, about);
    if (size < 0)
        return bide_fail(BIDE_ENOMEM, "out of memory");
    rc = bide_file_save(im->options->state, text, (size_t)size);
    free(text);
    return rc;
}

/* 1: there is one, of this import. */
static int read_file(struct import *im, const bide_bytes *file, const char *about)
{
    const char *name = im->options->state;
    size_t head = strlen(FIRST_LINE);
    if (file->size < head + 33 || strncmp(file->data, FIRST_LINE, head) != 0 ||
        file->data[head + 32] != '\n')
        return bide_fail(BIDE_EINVAL, "%s: is no state of an import", name);
    memcpy(im->state.job, file->data + head, 32);
    if (strspn(im->state.job, "0123456789abcdef") != 32)
        return bide_fail(BIDE_EINVAL, "%s: is no state of an import", name);
    if (strcmp(file->data + head + 33, about) != 0)
        return bide_fail(BIDE_EINVAL, "%s: is the state of another import: the files, the table or "
                         "the columns are not the same", name);
    return 1;
}

BIDE_WAITS static int open_file(struct import *im, const char *about)
{
    bide_auto(bytes) file = bide_file_load(im->options->state);
    if (file)
        return read_file(im, file, about);
    return bide_errcode() == -ENOENT ? make_file(im, about) : bide_errcode();
}

/* ---- the table ---- */

int import_stretch_room(struct import_stretch **list, size_t count, size_t *room)
{
    if (count < *room)
        return 0;
    size_t more = *room ? *room * 2 : 64;
    struct import_stretch *grown = realloc(*list, more * sizeof *grown);
    if (!grown)
        return bide_fail(BIDE_ENOMEM, "out of memory");
    *list = grown;
    *room = more;
    return 0;
}

/* The place of the first at or behind an offset. */
static size_t find(const struct import_state *s, size_t file, uint64_t offset)
{
    size_t low = 0, high = s->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct import_stretch *done = &s->done[middle];
        if (done->file < file || (done->file == file && done->start < offset))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

int import_state_add(struct import_state *s, const struct import_stretch *one)
{
    if (import_stretch_room(&s->done, s->count, &s->room) < 0)
        return bide_errcode();
    size_t at = find(s, one->file, one->start);
    memmove(s->done + at + 1, s->done + at, (s->count - at) * sizeof *s->done);
    s->done[at] = *one;
    s->count++;
    return 0;
}

static int take(struct import_state *s, bide_rows *rows)
{
    int64_t file = bide_rows_int(rows, "file");
    uint64_t reject_size = (uint64_t)bide_rows_int(rows, "reject_size");
    struct import_stretch one = {
        .file = (size_t)file, .start = (uint64_t)bide_rows_int(rows, "start_at"),
        .end = (uint64_t)bide_rows_int(rows, "end_at"),
        .end_line = (uint64_t)bide_rows_int(rows, "end_line"),
        .rows = (uint64_t)bide_rows_int(rows, "row_count"),
        .refused = (uint64_t)bide_rows_int(rows, "refused") };
    s->rows += one.rows;
    s->refused += one.refused;
    s->reject_size = reject_size > s->reject_size ? reject_size : s->reject_size;
    s->over = s->over || file == OVER;
    return import_state_add(s, &one);
}

BIDE_WAITS static int read_table(struct import *im)
{
    char sql[200];
    snprintf(sql, sizeof sql, "select * from bide_import where job = '%s' and file >= %d "
             "order by file, start_at", im->state.job, OVER);
    bide_auto(rows) rows = bide_db_stream(im->db, sql);
    int rc;
    while ((rc = bide_rows_next(rows)) > 0)
        if (take(&im->state, rows) < 0)
            return bide_errcode();
    return rc;
}

BIDE_WAITS static int find_job(struct import *im)
{
    if (im->shared)
        return import_key_make(im);
    char *about = describe(im);
    if (!about)
        return bide_fail(BIDE_ENOMEM, "out of memory");
    int rc = open_file(im, about);
    free(about);
    return rc;
}

/* Others may have worked at it, or still do: it is read when they cannot add to it any more. */
int import_state_open(struct import *im)
{
    if (!im->shared && !im->options->state)
        return 0;
    int rc = find_job(im);
    im->state.kept = rc >= 0;
    if (rc >= 0)
        rc = import_owner_execute(im, TABLE);
    if (rc == 0)
        rc = import_owner_take(im);
    if (rc == 0)
        rc = read_table(im);
    return rc == 0 && im->state.over ? import_owner_drop(im) : rc;
}

static char *note_text(const struct import *im, const struct import_stretch *list, size_t count)
{
    char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    if (!to)
        return NULL;
    fputs(IMPORT_INSERT, to);
    for (size_t i = 0; i < count; i++) {
        bool refused = im->reject.fd >= 0 && list[i].refused;
        fprintf(to, "%s('%s', %zu, %llu, %llu, %llu, %llu, %llu, %llu)", i ? ", " : "",
                im->state.job, list[i].file, (unsigned long long)list[i].start,
                (unsigned long long)list[i].end, (unsigned long long)list[i].end_line,
                (unsigned long long)list[i].rows, (unsigned long long)list[i].refused,
                (unsigned long long)(refused ? im->reject.size : 0));
    }
    if (fclose(to) == 0)
        return text;
    free(text);
    return NULL;
}

static bool has_refused(const struct import_stretch *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (list[i].refused)
            return true;
    return false;
}

int import_state_note(struct import *im, bide_db *change, const struct import_stretch *list,
                      size_t count)
{
    if (!im->state.kept)
        return 0;
    char *sql = note_text(im, list, count);
    if (!sql)
        return bide_fail(BIDE_ENOMEM, "out of memory");
    int64_t rc = import_owner_check(im, change);
    if (rc == 0)
        rc = bide_db_execute(change, sql);
    if (rc >= 0 && has_refused(list, count))
        rc = import_doubt_note(im, change);
    free(sql);
    return rc < 0 ? (int)rc : 0;
}

int import_state_finish(struct import *im)
{
    char sql[320];
    if (!im->state.kept)
        return 0;
    bide_auto(db) change = bide_db_begin(im->db);
    if (import_sign(im, change) < 0)
        return bide_errcode();
    snprintf(sql, sizeof sql, "delete from bide_import where job = '%s' and (file > %d or "
             "start_at = %llu)", im->state.job, IMPORT_REFUSED,
             (unsigned long long)im->state.token);    /* others still ask for theirs */
    if (import_owner_check(im, change) < 0 || bide_db_execute(change, sql) < 0)
        return bide_errcode();
    snprintf(sql, sizeof sql, IMPORT_INSERT "('%s', %d, 0, 0, 0, %llu, %llu, %llu)",
             im->state.job, OVER, (unsigned long long)im->rows, (unsigned long long)im->refused,
             (unsigned long long)im->reject.size);
    if (bide_db_execute(change, sql) < 0)
        return bide_errcode();
    return bide_db_commit(change);
}

const struct import_stretch *import_state_next(const struct import_state *s, size_t file,
                                               uint64_t offset)
{
    size_t at = find(s, file, offset);
    return at < s->count && s->done[at].file == file ? &s->done[at] : NULL;
}

void import_state_free(struct import_state *s)
{
    free(s->done);
    s->done = NULL;
}
