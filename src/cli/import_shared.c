/* cli/import_shared.c -- `bide import --queue`: files of a list that other processes work at, too.
 *
 * An item is a file, which is there under the same name on every machine.  What is done of it
 * stands in the table bide_import, as with --state, but its key is made of what the file is: so who
 * takes over a file goes on where the other was, and who gets one that is done finds it done.  One
 * file at a time: its rows have the writers' connections. */
#include "cli/import.h"
#include "cli/command.h"
#include "cli/ndjson.h"
#include "cli/result.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- one file ---- */

/* The line that the list keeps, without its newline. */
static char *make_line(const struct import *im, const char *file)
{
    char *text = malloc(NDJSON_ROOM(strlen(file)) + NDJSON_ROOM(strlen(im->options->table)) +
                        NDJSON_ROOM(sizeof im->error.text) + 256);
    if (!text)
        return NULL;
    char *at = ndjson_string(ndjson_text(text, "{\"file\":"), file, strlen(file));
    at = ndjson_string(ndjson_text(at, ",\"table\":"), im->options->table,
                       strlen(im->options->table));
    at = ndjson_number(ndjson_text(at, ",\"rows\":"), im->rows);
    at = ndjson_number(ndjson_text(at, ",\"refused\":"), im->refused);
    at = ndjson_seconds(ndjson_text(at, ",\"seconds\":"), bide_now() - im->started);
    at = ndjson_text(at, ",\"error\":");
    at = im->error.code < 0 ? result_write_error(at, &im->error) : ndjson_text(at, "null");
    *ndjson_text(at, "}") = '\0';
    return text;
}

/* Tells the list what became of the file. */
BIDE_WAITS static int settle(struct import_shared *s, const struct import *im,
                             struct work_item *item)
{
    char *line = make_line(im, item->text);
    if (!line)
        return bide_fail(BIDE_ENOMEM, "out of memory");
    bool failed = im->error.code < 0;
    int rc = failed ? work_queue_fail(&s->work, item, line, im->error.code != BIDE_EINVAL)
                    : work_queue_finish(&s->work, item, line);
    free(line);
    if (rc > 0 && failed) {
        s->failed++;
        fprintf(stderr, "bide import: %s: put aside: %s\n", im->options->files[0],
                im->error.text);
    }
    if (rc > 0 && !failed) {
        s->files++;
        s->rows += im->rows;
        s->refused += im->refused;
    }
    return rc < 0 ? rc : 0;
}

BIDE_WAITS static int import_one(struct import_shared *s, struct work_item *item)
{
    char *file = strdup(item->text);    /* it is needed after the item's end */
    struct import_options options = *s->options;
    struct import im = { .options = &options, .shared = s, .reject = s->reject,
                         .progress.fd = -1, .started = bide_now() };
    if (!file)
        return bide_fail(BIDE_ENOMEM, "out of memory");
    options.files = &file;
    options.file_count = 1;
    import_run(&im);
    s->reject = im.reject;
    im.reject.fd = -1;                  /* stays open */
    int rc = bide_cancelled() ? BIDE_ECANCELED : settle(s, &im, item);
    import_free(&im);
    free(file);
    return rc;
}

/* ---- the run ---- */

BIDE_WAITS static int add_files(struct import_shared *s)
{
    const struct import_options *o = s->options;
    for (size_t i = 0; i < o->file_count; i++) {
        int64_t rc = work_queue_add(&s->work, &(struct work_new){ o->files[i], "" }, 1);
        if (rc < 0)
            return (int)rc;
    }
    return 0;
}

BIDE_WAITS static int join(struct import_shared *s)
{
    const struct import_options *o = s->options;
    char *scope;
    if (asprintf(&scope, "import table=%s columns=%s", o->table,
                 o->columns ? o->columns : "all") < 0)
        return bide_fail(BIDE_ENOMEM, "out of memory");
    int rc = work_queue_open(&s->work, &o->work, "bide import", "file");
    if (rc == 0)
        rc = work_queue_join(&s->work, scope, 1);
    free(scope);
    return rc == 0 ? import_reject_open(&s->reject, o->reject, IMPORT_REJECT_ALL) : rc;
}

BIDE_WAITS static int take_files(struct import_shared *s)
{
    struct work_item *item;
    int rc = add_files(s);
    while (rc == 0 && (rc = work_queue_take(&s->work, &item)) > 0)
        rc = import_one(s, item);
    return rc;
}

BIDE_WAITS static int run(void *shared)
{
    struct import_shared *s = shared;
    int rc = join(s);
    s->misused = rc < 0;
    if (rc == 0) {
        BIDE_GROUP(helpers);
        bide_spawn(helpers, work_queue_keep, &s->work);
        rc = take_files(s);
        if (rc < 0)
            s->error = bide_error_held_();
        bide_group_cancel(helpers);
        int kept = bide_group_wait(helpers);
        rc = rc < 0 ? rc : kept;
    }
    if (rc < 0 && s->error.code == 0)
        s->error = bide_error_held_();
    s->stopped = bide_cancelled();
    work_queue_close(&s->work);
    return 0;
}

static void print_summary(const struct import_shared *s)
{
    const struct import_options *o = s->options;
    if (!o->quiet && (o->summary || isatty(STDERR_FILENO)))
        fprintf(stderr, "%llu rows of %llu files; %llu refused\n", (unsigned long long)s->rows,
                (unsigned long long)s->files, (unsigned long long)s->refused);
    work_queue_tell(&s->work, o->quiet);
}

int import_shared_command(const struct import_options *options)
{
    struct import_shared s = { .options = options, .reject.fd = -1 };
    if (bide_run(run, &s, .stop_on_signal = true) < 0 && s.error.code == 0)
        s.error = bide_error_held_();
    work_queue_leave(&s.work, NULL, NULL);
    import_reject_close(&s.reject);
    if (s.reject.unsure && s.reject.size != s.reject.claim_size)
        fprintf(stderr, "bide import: %s: its last lines may be somebody else's, too: the database "
                "could not be asked\n", s.reject.name);
    bool broken = s.error.code < 0 && s.error.code != BIDE_ECANCELED;
    if (broken)
        fprintf(stderr, "bide import: %s\n", s.error.text);
    print_summary(&s);
    if (s.stopped)
        return EXIT_STOPPED;
    if (s.misused)
        return EXIT_USAGE;
    return broken || s.failed || s.refused || s.work.buried ? EXIT_FAILED : EXIT_FINE;
}
