/* cli/import.c -- `bide import`: rows of CSV files into a table.
 *
 * Everything that can be wrong with the question is looked at first: the headers of all files, the
 * database, the table.  Then one reader and the writers work in a group, and a helper draws. */
#include "cli/import.h"
#include "cli/command.h"
#include "cli/database_kind.h"
#include "cli/databases.h"
#include "cli/summary.h"
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TICK 0.1

void import_note_error(struct import *im)
{
    if (im->error.code < 0 || bide_errcode() == BIDE_ECANCELED)
        return;
    im->error.code = bide_errcode();
    snprintf(im->error.text, sizeof im->error.text, "%s", bide_errmsg());
}

/* ---- progress ---- */

/* How many rows there will have been, if the rest is like what was read. */
static uint64_t guess_rows(const struct import *im)
{
    double share = im->total ? (double)im->taken / (double)im->total : 0;
    uint64_t seen = im->rows + im->refused + im->pending;
    return share > 0 ? (uint64_t)((double)seen / (share < 1 ? share : 1)) : 0;
}

BIDE_WAITS static int keep_drawing(void *import)
{
    struct import *im = import;
    for (;;) {
        int rc = bide_sleep(TICK);
        if (rc < 0)
            return rc;
        struct progress_state state = {
            .done = im->rows + im->refused + im->pending, .failed = im->refused,
            .in_flight = im->reading, .total = guess_rows(im),
            .total_is_exact = im->total && im->taken >= im->total };
        progress_draw(&im->progress, &state, bide_now());
    }
}

static void print_summary(const struct import *im)
{
    const struct import_options *o = im->options;
    double elapsed = bide_now() - im->started;
    char text[32];
    if (o->quiet || !(o->summary || im->progress.fd >= 0) || im->misused)
        return;
    uint64_t fresh = im->rows - im->state.rows;
    fprintf(stderr, "%llu row%s in %s, %.0f/s; %llu refused\n", (unsigned long long)im->rows,
            im->rows == 1 ? "" : "s", summary_duration(text, elapsed),
            elapsed > 0 ? (double)fresh / elapsed : 0, (unsigned long long)im->refused);
    if (im->state.rows)
        fprintf(stderr, "%llu of them by earlier runs\n", (unsigned long long)im->state.rows);
}

/* ---- the run ---- */

static void drop_batch(void *batch)
{
    import_batch_free(*(struct import_batch **)batch);
}

/* The more there are, the smaller they are. */
static void size_batches(struct import *im)
{
    im->batch_count = im->options->jobs + 2;
    size_t share = IMPORT_BATCHES_SIZE / im->batch_count;
    im->batch_size = share > IMPORT_BATCH_MAX ? IMPORT_BATCH_MAX
        : share < IMPORT_BATCH_MIN ? IMPORT_BATCH_MIN : share;
}

static int make_batches(struct import *im)
{
    size_t count = im->batch_count;
    im->empty = bide_queue_new(struct import_batch *, count, .drop = drop_batch);
    im->full = bide_queue_new(struct import_batch *, count, .drop = drop_batch);
    if (!im->empty || !im->full)
        return bide_errcode();
    for (size_t i = 0; i < count; i++) {
        struct import_batch *b = import_batch_new(im->batch_size);
        int rc = b ? bide_queue_put_nowait(im->empty, &b) : bide_errcode();
        if (rc < 0) {
            import_batch_free(b);
            return rc;
        }
    }
    return 0;
}

static void drop_batches(struct import *im)
{
    bide_queue_free(im->empty);
    bide_queue_free(im->full);
    im->empty = im->full = NULL;
}

BIDE_WAITS static int move_rows_once(struct import *im)
{
    int rc = make_batches(im);
    if (rc < 0)
        return rc;
    BIDE_GROUP(workers);
    bide_spawn(workers, import_reader, im);
    for (size_t i = 0; i < im->options->jobs; i++)
        bide_spawn(workers, import_writer, im);
    return bide_group_wait(workers);
}

/* SQLite's file has one writer at a time: others at the list get their turn between batches. */
static bool goes_by_span(const struct import *im)
{
    enum database_id id = database_kind(im->db)->id;
    bool worth = id == DATABASE_POSTGRESQL || (id == DATABASE_SQLITE && !im->shared);
    return worth && import_reader_can_again(im);
}

/* What was undone for a row that the database refused goes again, batch by batch. */
BIDE_WAITS static int move_rows(struct import *im)
{
    im->spans = goes_by_span(im);
    int rc = move_rows_once(im);
    if (rc < 0 || !im->again)
        return rc;
    drop_batches(im);
    im->spans = false;
    return move_rows_once(im);
}

BIDE_WAITS static int move_all(struct import *im)
{
    const struct import_options *o = im->options;
    bool at_once = o->strict && !o->state && !im->shared && o->jobs == 1;
    if (at_once) {
        im->whole = bide_db_begin(im->db);
        if (!im->whole)
            return bide_errcode();
    }
    int rc = move_rows(im);
    if (rc == 0)
        rc = at_once ? bide_db_commit(im->whole) : database_settle(im->db);
    if (rc < 0 && at_once)
        im->rows = 0;
    if (rc == 0)
        rc = import_state_finish(im);
    return rc;
}

BIDE_WAITS static int move_and_draw(struct import *im)
{
    BIDE_GROUP(helpers);
    if (im->progress.fd >= 0)
        bide_spawn(helpers, keep_drawing, im);
    if (move_all(im) < 0)
        import_note_error(im);
    bide_group_cancel(helpers);
    return bide_group_wait(helpers);
}

/* What a dry run tells. */
static int print_table(struct import *im)
{
    char *text = import_table_text(im, false);
    if (!text)
        return bide_fail(BIDE_ENOMEM, "out of memory");
    printf("%s;\n", text);
    free(text);
    return 0;
}

/* Everything that can be wrong before the first row. */
BIDE_WAITS static int prepare(struct import *im)
{
    const struct import_options *o = im->options;
    int rc = import_columns_read(&im->columns, o);
    size_batches(im);
    if (rc == 0)
        rc = import_reader_look(im);
    if (rc < 0)
        return rc;
    im->db = database_open_to_load(o->url, o->jobs, !im->shared);
    if (!im->db)
        return bide_errcode();
    if (o->dry_run)
        return print_table(im);
    rc = import_doubt_settle(im);
    if (rc == 0)
        rc = import_state_open(im);
    if (rc == 0)
        rc = import_table_open(im);
    if (rc == 0 && !im->shared)
        rc = import_reject_open(&im->reject, o->reject, im->state.reject_size);
    im->rows = im->state.rows;
    im->refused = im->state.refused;
    return rc;
}

/* Who takes over ends the connections of who had it, so that the failure says the less. */
BIDE_WAITS static bool was_taken_over(struct import *im)
{
    return im->state.kept && !bide_cancelled() && import_owner_check(im, im->db) == -ESTALE;
}

BIDE_WAITS static int prepare_and_move(struct import *im)
{
    int rc = prepare(im);
    im->misused = rc < 0;
    return rc < 0 || im->options->dry_run || im->state.over ? rc : move_and_draw(im);
}

void import_run(struct import *im)
{
    BIDE_GROUP(helpers);
    bide_spawn(helpers, import_lock_watch, im);
    if (prepare_and_move(im) < 0)
        import_note_error(im);
    bide_group_cancel(helpers);
    bide_ignore(bide_group_wait(helpers));
    if (im->error.code < 0 && !im->misused && was_taken_over(im))
        im->error = bide_error_held_();
    im->stopped = bide_cancelled();
    if ((im->error.code < 0 || im->stopped) && import_doubt_close(im) < 0)
        bide_log(BIDE_LOG_DEBUG, "%s", bide_errmsg());
    progress_erase(&im->progress);
    import_reader_close(im);
    bide_db_close(im->whole);
    bide_db_close(im->db);
}

static int run(void *import)
{
    import_run(import);
    return 0;
}

void import_free(struct import *im)
{
    bide_queue_free(im->empty);
    bide_queue_free(im->full);
    import_reject_close(&im->reject);
    import_state_free(&im->state);
    import_columns_free(&im->columns);
}

static int exit_status(const struct import *im)
{
    if (im->error.code < 0)
        fprintf(stderr, "bide import: %s\n", im->error.text);
    if (im->stopped)
        return EXIT_STOPPED;
    if (im->misused)
        return EXIT_USAGE;
    if (im->refused && !im->options->quiet && !im->options->reject)
        fprintf(stderr, "bide import: %llu row%s refused (--reject tells which)\n",
                (unsigned long long)im->refused, im->refused == 1 ? " was" : "s were");
    return im->error.code < 0 || im->refused ? EXIT_FAILED : EXIT_FINE;
}

/* A driver's rows come and go by the hundred kilobytes: what is given back to the system each time
 * is paged in again. */
static void keep_memory(void)
{
#ifdef M_TRIM_THRESHOLD
    mallopt(M_TRIM_THRESHOLD, 16 << 20);
    mallopt(M_MMAP_THRESHOLD, 4 << 20);
#endif
}

int import_command(int argc, char **argv)
{
    struct import_options options;
    struct import im = { .options = &options, .reject.fd = -1, .started = bide_now() };
    int files = import_options_read(&options, argc, argv);
    if (files < 0)
        return options_status(files);
    keep_memory();
    if (options.work.url)
        return import_shared_command(&options);
    progress_open(&im.progress, STDERR_FILENO, !options.quiet, im.started);
    if (bide_run(run, &im, .stop_on_signal = true) < 0)
        import_note_error(&im);
    print_summary(&im);
    import_free(&im);
    return exit_status(&im);
}
