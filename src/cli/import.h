/* cli/import.h -- what the parts of `bide import` share.
 *
 *     import_options.c    what was asked for
 *     import.c            the run: opens, checks, reads and writes, tells how it ended
 *     import_columns.c    which field goes to which column, and what the columns hold
 *     import_table.c      the table at the server: looked at, made
 *     import_source.c     a file's text, out of its wrappings
 *     import_reader.c     the one reader: text into batches of rows
 *     import_writer.c     a writer: batches into the table, each in a transaction
 *     import_span.c       many batches in one COPY and one transaction
 *     import_values.c     rows of a batch as values, and into the table in bulk
 *     import_reject.c     the rows that were refused, and why
 *     import_state.c      which batches are in the table, kept in the table's own database
 *     import_shared.c     files of a list that other processes work at, too
 *     import_key.c        and how an import of them is known
 *     import_lock.c       tells when others have the database for long
 *     import_owner.c      whose import it is, among all that may think so
 *     import_sign.c       connections that say so, and their end
 *     import_doubt.c      under --queue: which refused rows count
 *
 * A batch is a piece of text with the places of its rows' fields, so a row is copied once, by the
 * driver.  There are two batches more than writers, and no more, and with many writers they are
 * smaller, so memory is bounded and whoever is faster waits.  A batch is in the table as a whole,
 * together with its line in the table bide_import and behind its lines in the file of refused rows;
 * or nothing of it is.  So is a span. */
#ifndef CLI_IMPORT_H
#define CLI_IMPORT_H
#include "cli/csv.h"
#include "cli/import_type.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "cli/work_queue.h"
#include <bide.h>
#include <bide/db.h>
#include <string.h>

#define IMPORT_COLUMNS_MAX 4096
#define IMPORT_JOBS_MAX 64
/* Bytes of text in a batch, unless a row is longer; and in all batches together, if that leaves
 * each at least the smaller. */
#define IMPORT_BATCH_MAX ((size_t)512 << 10)
#define IMPORT_BATCH_MIN ((size_t)64 << 10)
#define IMPORT_BATCHES_SIZE ((size_t)3 << 20)
/* So many bytes of a batch's text there are for each of its fields, or it has fewer rows. */
#define IMPORT_FIELD_BYTES 4

/* What the command line says. */
struct import_options {
    const char *url, *table, *columns, *separator, *quote, *encoding, *null, *reject, *state;
    size_t jobs, sample, row_max, null_size;
    double commit;              /* seconds */
    struct work_options work;
    bool no_header, create, dry_run, strict, quiet, summary;
    char **files;
    size_t file_count;
    struct csv_format format;   /* separator 0: guessed for each file */
};
/* A column of the table. */
struct import_column {
    char *name;                 /* in the table */
    char *from;                 /* in the header; NULL: the same */
    enum import_type type;
};
/* What fields become. */
struct import_columns {
    struct import_column *list;
    size_t count;
    size_t *places;             /* of the file being read: which field each is */
    size_t width;               /* of the file being read: fields of a row */
};
/* A row in a batch; its fields follow each other in the batch's. */
struct import_row {
    uint32_t at, size;          /* in the batch's text, without its end */
    uint32_t line;              /* from the batch's first */
    uint16_t doubt;             /* the column that may not fit, from 1; 0: none */
    bool refused;
};
/* Rows that go into the table together. */
struct import_batch {
    size_t file;                /* which file */
    struct csv_format format;
    uint64_t start, end;        /* in the text of the file */
    uint64_t line, end_line;    /* of the first row; behind the last; from 1 */
    uint64_t taken;             /* bytes of the file read so far, for the progress bar */
    char *text;
    size_t size, room;          /* of text */
    struct import_row *rows;
    size_t count, rows_room, doubtful;
    struct csv_field *fields;   /* as many a row as there are columns */
    size_t fields_room;
    char *refused;              /* lines for the file of refused rows */
    size_t refused_size, refused_room, refused_count;
};
/* A stretch of a file that was dealt with. */
struct import_stretch {
    size_t file;
    uint64_t start, end, end_line;
    uint64_t rows, refused;     /* of it, or of it and others that are done with it */
};
/* Whose an import was, at a time. */
struct import_claim {
    char job[33];
    uint64_t token;
};
/* Where the refused go; fd -1: nowhere, they are only counted. */
struct import_reject {
    int fd;
    const char *name;
    uint64_t size;              /* that belongs to batches in the table */
    bide_lock order;            /* held from writing until the batch is in */
    bool unsure;                /* whether the last lines belong to one, only the server knows */
    struct import_claim claim;  /* --queue: of whom it is asked */
    uint64_t claim_size;        /* and the size when that began */
};
/* The state of an import that can go on. */
struct import_state {
    bool kept;
    char job[33];
    uint64_t token;             /* whose it is */
    struct import_stretch *done;        /* by file and start */
    size_t count, room;
    uint64_t rows, refused, reject_size;
    bool over;                  /* nothing is left to be done */
};
/* A process at a list of files. */
struct import_shared {
    const struct import_options *options;
    struct work_queue work;
    struct import_reject reject;        /* of all files */
    uint64_t files, rows, refused, failed;
    bool stopped, misused;
    struct bide_error error;
};
struct import_reading;
/* One run. */
struct import {
    const struct import_options *options;
    struct import_shared *shared;       /* with --queue: whose file it is; else NULL */
    bide_db *db;                /* the pool */
    bide_db *whole;             /* --strict: the transaction around everything; else NULL */
    struct import_columns columns;
    struct import_state state;
    struct import_reject reject;
    struct import_reading *first;       /* the first file, from when it was looked at */
    bide_queue *empty, *full;   /* of struct import_batch * */
    size_t batch_count, batch_size;     /* bytes of text in each */
    struct progress progress;
    uint64_t rows, refused, reading;    /* rows in the table, refused, on their way */
    uint64_t pending;           /* rows that were sent, in no transaction that is over */
    bool spans;                 /* batches go by the span, for they can be read again */
    bool again;                 /* a span was undone: what is not done is to be read again */
    uint64_t taken, total;      /* bytes of the files; total 0: unknown */
    uint64_t before;            /* bytes of the files before the one being read */
    double started;
    bool stopped, misused;
    struct bide_error error;
};

/* Keeps the error now held, unless there was one before or the run is cancelled. */
void import_note_error(struct import *im);

/* ---- import.c ---- */
/* From the first look at the files to the end of the connections: waits.  How it went is in it. */
void import_run(struct import *im);
/* Frees what it holds. */
void import_free(struct import *im);

/* ---- import_options.c ---- */
int import_options_read(struct import_options *o, int argc, char **argv);

/* ---- import_columns.c ---- */
/* Reads --columns: 0 or BIDE_EINVAL. */
int import_columns_read(struct import_columns *c, const struct import_options *o);
/* Fits them to a header, or without one to so many fields: 0, or BIDE_EINVAL (a name is
 * missing). */
int import_columns_place(struct import_columns *c, const struct import_options *o,
                         const struct csv_format *f, const struct csv_row *header,
                         const char *file);
/* Guesses their types from the rows of a file's beginning. */
void import_columns_guess(struct import_columns *c, const struct import_options *o,
                          const struct csv_format *f, const char *text, size_t size, bool last);
/* Does a field say that there is no value? */
static inline bool import_is_null(const struct import_options *o, const struct csv_field *field)
{
    return field->size == o->null_size && !field->quoted &&
        memcmp(field->text, o->null, field->size) == 0;
}
void import_columns_free(struct import_columns *c);

/* ---- import_table.c ---- */
/* "create table ..." for the columns; freed by the caller. */
char *import_table_text(const struct import *im, bool if_missing);
/* Makes the table if it is to be made, and takes over the types of its columns. */
BIDE_WAITS int import_table_open(struct import *im);

/* ---- import_reader.c ---- */
/* Opens each file and reads its header, and guesses the columns' types; the first stays open. */
BIDE_WAITS int import_reader_look(struct import *im);
/* Closes the first, if it is open. */
void import_reader_close(struct import *im);
/* Can all of them be read again? */
bool import_reader_can_again(const struct import *im);
/* A task: reads all files, and closes the queue. */
BIDE_WAITS int import_reader(void *import);

/* ---- import_writer.c ---- */
/* Batches that are in one COPY. */
struct import_span {
    bide_db *change;            /* its transaction; NULL: none is open */
    bide_bulk *bulk;
    size_t file;
    double began;
    uint64_t bytes, rows;
    struct import_stretch *list;
    size_t count, room;
    struct import_batch *aside; /* its doubtful rows, and what was refused */
};
/* So many values go to the driver together, or those of one row. */
#define IMPORT_CHUNK_VALUES ((size_t)6 << 10)
/* Rows that do. */
struct import_chunk {
    bide_bulk *bulk;
    struct bide_value *values;  /* of row after row */
    size_t rows;
    char *scratch;              /* their fields in which quotes were doubled */
    size_t scratch_size, scratch_room;
};
/* One writer. */
struct import_writer {
    struct import *im;
    bide_db *db;                /* its connection; NULL: the transaction around everything has it */
    bool immediate;             /* SQLite: the lock is taken before the rows are */
    bool as_texts;              /* the server reads texts for every type */
    const char **names;         /* of the columns, ended by NULL */
    struct import_chunk chunks[2];
    size_t chunk_rows;          /* that there is room for in each */
    struct import_span span;
};
/* Some rows of a batch. */
struct import_part {
    size_t from, to;
    bool doubtful;              /* those that may not fit, or all others */
    bool halves;                /* what the server says of the place of a failure is not heeded */
};
/* Is a row one of those that go: the doubtful, or the others? */
static inline bool import_row_goes(const struct import_row *row, bool doubtful)
{
    return !row->refused && (row->doubt != 0) == doubtful;
}
/* A task: puts batches into the table until there are no more. */
BIDE_WAITS int import_writer(void *import);
/* A transaction of the writer's. */
BIDE_WAITS bide_db *import_writer_begin(struct import_writer *w);
/* Makes it last, with the refused rows of a batch and the stretches that it is done with. */
BIDE_WAITS int import_writer_finish(struct import_writer *w, bide_db *change,
                                    const struct import_batch *b,
                                    const struct import_stretch *list, size_t count);
/* Puts the doubtful rows of a batch into the table, or among the refused: how many are in. */
BIDE_WAITS int64_t import_writer_put_doubtful(struct import_writer *w, bide_db *change,
                                              struct import_batch *b);
/* Puts a row of a batch among the refused. */
int import_writer_refuse(struct import_writer *w, struct import_batch *b, struct import_row *row,
                         const char *column, const char *why);
/* Is the failure that of a row, so that others may go in? */
bool import_is_of_a_row(const struct import *im);
/* Or that of somebody else's transaction, so that the same may be tried again? */
bool import_is_of_others(const struct import *im);

/* ---- import_span.c ---- */
/* Puts a batch into the span, which it may end. */
BIDE_WAITS int import_span_put(struct import_writer *w, struct import_batch *b);
/* Ends it, if it is open.  0: its rows are in, or, where one was refused, are to be read again. */
BIDE_WAITS int import_span_end(struct import_writer *w);
/* Gives it up, and frees its memory. */
void import_span_close(struct import_writer *w);

/* ---- import_values.c ---- */
/* Room for chunks: 0 or BIDE_ENOMEM. */
int import_values_open(struct import_writer *w);
void import_values_close(struct import_writer *w);
/* Adds some rows of a batch to those that go.  Those that are refused before, and those that are
 * found doubtful while others go, are marked and left out. */
BIDE_WAITS int import_values_add(struct import_writer *w, bide_bulk *bulk, struct import_batch *b,
                                 const struct import_part *part);
/* Puts them into the table, all or none: how many. */
BIDE_WAITS int64_t import_values_put(struct import_writer *w, bide_db *change,
                                     struct import_batch *b, const struct import_part *part);

/* ---- import_batch.c ---- */
/* With room for so much text; NULL: BIDE_ENOMEM. */
struct import_batch *import_batch_new(size_t size);
/* The stretch that it is, with so many rows in the table. */
struct import_stretch import_batch_stretch(const struct import_batch *b, uint64_t rows);
/* Empties it; its text stays. */
void import_batch_clear(struct import_batch *b);
/* Room for so much text, with a NUL behind: 0 or BIDE_ENOMEM. */
int import_batch_grow(struct import_batch *b, size_t room);
/* Adds a row of the columns' fields: 0 or BIDE_ENOMEM. */
int import_batch_add(struct import_batch *b, const struct csv_row *row, size_t at, uint64_t line,
                     const struct import_columns *c);
/* Puts a row among the refused: its place, a column or NULL, a reason, and its text. */
int import_batch_refuse(struct import_batch *b, const char *file, uint64_t line,
                        const char *column, const char *why, const char *text, size_t size);
/* Copies what was refused of another, and its doubtful rows, of `width` fields each. */
int import_batch_set_aside(struct import_batch *b, const struct import_batch *from, size_t width);
void import_batch_free(struct import_batch *b);

/* ---- import_reject.c ---- */
/* For size IMPORT_REJECT_ALL: what it has stays, and more comes behind it; else so much of it.
 * 0; BIDE_EBUSY: another process writes to it. */
#define IMPORT_REJECT_ALL UINT64_MAX
int import_reject_open(struct import_reject *r, const char *name, uint64_t size);
/* Appends a batch's refused rows; they are on the disk then. */
BIDE_WAITS int import_reject_write(struct import_reject *r, const struct import_batch *b);
/* Cuts it to what belongs to batches in the table, keeping the error held. */
void import_reject_cut(struct import_reject *r, uint64_t size);
void import_reject_close(struct import_reject *r);

/* ---- import_state.c ---- */
#define IMPORT_INSERT "insert into bide_import (job, file, start_at, end_at, end_line, " \
    "row_count, refused, reject_size) values "
/* Opens or makes the state file; of an earlier run also reads what is in the database. */
BIDE_WAITS int import_state_open(struct import *im);
/* Notes stretches, in the transaction of their rows. */
BIDE_WAITS int import_state_note(struct import *im, bide_db *change,
                                 const struct import_stretch *list, size_t count);
/* Room for one more in a list of them: 0, or BIDE_ENOMEM and the list stays. */
int import_stretch_room(struct import_stretch **list, size_t count, size_t *room);
/* Remembers one that is done, so that it is not read again. */
int import_state_add(struct import_state *s, const struct import_stretch *one);
/* Notes that all is done. */
BIDE_WAITS int import_state_finish(struct import *im);
/* The first stretch of a file at or behind an offset; NULL: none. */
const struct import_stretch *import_state_next(const struct import_state *s, size_t file,
                                            uint64_t offset);
void import_state_free(struct import_state *s);

/* ---- import_shared.c ---- */
/* Works at the list of --queue to its end, and tells how it went: the exit status. */
int import_shared_command(const struct import_options *o);

/* ---- import_key.c ---- */
/* Makes the key of its one file, known to all workers: 0 or the failure. */
int import_key_make(struct import *im);

/* ---- import_lock.c ---- */
/* A task, until it is cancelled: tells when the database has been waited for. */
BIDE_WAITS int import_lock_watch(void *import);

/* ---- import_owner.c ---- */
/* The number of the row of bide_import that says whose import it is. */
#define IMPORT_OWNER (-2)
/* Makes the import this process's: 0.  Transactions of others that have it last or fail. */
BIDE_WAITS int import_owner_take(struct import *im);
/* Nobody's any more: there is nothing left to be done. */
BIDE_WAITS int import_owner_drop(struct import *im);
/* In a transaction: is it still?  0; -ESTALE: it is another's. */
BIDE_WAITS int import_owner_check(struct import *im, bide_db *change);
/* Runs a statement that others may run in the same moment: 0 or the failure. */
BIDE_WAITS int import_owner_execute(struct import *im, const char *sql);

/* ---- import_sign.c ---- */
/* Signs a connection, or a transaction's, with whose it is, so that the next owner can end it. */
BIDE_WAITS int import_sign(struct import *im, bide_db *connection);
/* Ends those of others that have the import; `before` had it before this process, 0: nobody. */
BIDE_WAITS int import_sign_end_others(struct import *im, uint64_t before);
/* Ends those that an owner had. */
BIDE_WAITS int import_sign_end(struct import *im, const struct import_claim *whose);

/* ---- import_doubt.c ---- */
/* The number of the rows of bide_import that say how much of a file of refused rows counts. */
#define IMPORT_REFUSED (-3)
/* In the transaction by which the import becomes this worker's: how much counts by now. */
BIDE_WAITS int import_doubt_open(struct import *im, bide_db *change);
/* In that of a batch: so does what was written. */
BIDE_WAITS int import_doubt_note(struct import *im, bide_db *change);
/* Cuts it to what counts, if that is in doubt: 0; < 0: it still is. */
BIDE_WAITS int import_doubt_settle(struct import *im);
/* The import failed, or was stopped: the same, and the row goes.  < 0: the next one asks again. */
BIDE_WAITS int import_doubt_close(struct import *im);

#endif
