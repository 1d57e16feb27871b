/* cli/export.c -- `bide export`: rows of a database as CSV, or as lines of JSON.
 *
 * The rows are streamed, so memory is bounded however many there are.  No value is an empty field,
 * and an empty text a quoted one, so that `bide import` reads back what was there. */
#include "cli/command.h"
#include "cli/csv_write.h"
#include "cli/database_kind.h"
#include "cli/databases.h"
#include "cli/export.h"
#include "cli/ndjson.h"
#include "cli/options.h"
#include "cli/output.h"
#include "db/convert.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct export_options {
    const char *url, *table, *query, *to;
    bool json, no_header;
};
/* One run. */
struct export {
    const struct export_options *options;
    struct output output;
    bide_db *db;
    bool stopped, misused;
    struct bide_error error;
};

#define FIELD(name) offsetof(struct export_options, name)
static const struct option option_list[] = {
    { 0, "table", OPTION_TEXT, FIELD(table), "NAME", "all rows of this table" },
    { 0, "query", OPTION_TEXT, FIELD(query), "SQL", "the rows of this query" },
    { 0, "to", OPTION_TEXT, FIELD(to), "FILE", "write to FILE, not to standard output" },
    { 'j', "json", OPTION_FLAG, FIELD(json), NULL, "one line of JSON for each row" },
    { 0, "no-header", OPTION_FLAG, FIELD(no_header), NULL, "without the row of names" },
};
static const struct options known = {
    .command = "bide export",
    .usage = "[OPTION]... URL",
    .about = "Prints the rows of a table or a query as CSV, or as lines of JSON.  Exit status:\n"
             "0 all went well, 1 it failed, 2 wrong usage, 130 stopped by Ctrl-C.",
    .list = option_list,
    .count = sizeof option_list / sizeof option_list[0],
};
static const struct csv_format format = { ',', '"' };

/* ---- values ---- */

/* The shortest of two that reads back as the same. */
static size_t real_text(char text[DB_TEXT_SIZE], double number)
{
    int size = snprintf(text, DB_TEXT_SIZE, "%.15g", number);
    if (strtod(text, NULL) != number)
        size = snprintf(text, DB_TEXT_SIZE, "%.17g", number);
    return (size_t)size;
}

/* \x00ff, in memory of the caller's. */
static char *hex_text(const struct bide_value *v)
{
    char *text = malloc(2 * v->size + 3), *at = text;
    if (!text)
        return NULL;
    at += sprintf(at, "\\x");
    for (size_t i = 0; i < v->size; i++)
        at += sprintf(at, "%02x", (unsigned char)v->as.s[i]);
    return text;
}

/* A value's text, in `room` or where it lies; *memory is to be freed. */
static int text_of(const struct bide_value *v, char room[DB_TEXT_SIZE], char **memory,
                   const char **text, size_t *size)
{
    *memory = NULL;
    if (v->type == BIDE_VALUE_TEXT || v->type == BIDE_VALUE_NUMERIC) {
        *text = v->as.s;
        *size = v->size;
        return 0;
    }
    *text = room;
    if (v->type == BIDE_VALUE_BYTES)
        *text = *memory = hex_text(v);
    else if (v->type == BIDE_VALUE_REAL)
        real_text(room, v->as.d);
    else if (bide__db_to_text(v, room, text) < 0)
        return bide_errcode();
    if (!*text)
        return bide_fail(BIDE_ENOMEM, "out of memory");
    *size = strlen(*text);
    return 0;
}

/* Numbers are numbers in JSON too, unless there is no such number there. */
static bool is_bare(const struct bide_value *v)
{
    return v->type == BIDE_VALUE_BOOL || v->type == BIDE_VALUE_INT || v->type == BIDE_VALUE_UINT ||
        (v->type == BIDE_VALUE_REAL && __builtin_isfinite(v->as.d));
}

static char *write_bare(char *at, const struct bide_value *v, const char *text, size_t size)
{
    if (v->type == BIDE_VALUE_BOOL)
        return ndjson_text(at, v->as.i ? "true" : "false");
    return (char *)mempcpy(at, text, size);
}

BIDE_WAITS static int write_value(struct export *e, const struct bide_value *v)
{
    char room[DB_TEXT_SIZE], *memory;
    const char *text = NULL;
    size_t size = 0;
    bool json = e->options->json;
    if (v->type == BIDE_VALUE_NULL) {
        output_commit(&e->output, ndjson_text(output_place(&e->output), json ? "null" : ""));
        return 0;
    }
    int rc = text_of(v, room, &memory, &text, &size);
    if (rc == 0)
        rc = output_reserve_sized(&e->output, NDJSON_ROOM(size) + 1024);
    if (rc == 0) {
        char *at = output_place(&e->output);
        if (is_bare(v))
            at = write_bare(at, v, text, size);
        else
            at = json ? ndjson_string(at, text, size) : csv_write(&format, at, text, size);
        output_commit(&e->output, at);
    }
    free(memory);
    return rc;
}

/* ---- rows ---- */

BIDE_WAITS static int write_mark(struct export *e, const char *mark)
{
    int rc = output_reserve_sized(&e->output, 1024);
    if (rc == 0)
        output_commit(&e->output, ndjson_text(output_place(&e->output), mark));
    return rc;
}

BIDE_WAITS static int write_header(struct export *e, const bide_rows *rows)
{
    int rc = 0;
    if (e->options->json || e->options->no_header)
        return 0;
    for (size_t i = 0; rc == 0 && i < bide_rows_width(rows); i++) {
        struct bide_value name = bide_value(bide_rows_name(rows, i));
        rc = i ? write_mark(e, ",") : 0;
        if (rc == 0)
            rc = write_value(e, &name);
    }
    return rc < 0 ? rc : write_mark(e, "\n");
}

BIDE_WAITS static int write_name(struct export *e, const char *name, size_t index)
{
    struct bide_value text = bide_value(name);
    int rc = write_mark(e, index ? "," : "{");
    if (rc == 0)
        rc = write_value(e, &text);
    return rc < 0 ? rc : write_mark(e, ":");
}

BIDE_WAITS static int write_row(struct export *e, bide_rows *rows)
{
    bool json = e->options->json;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < bide_rows_width(rows); i++) {
        struct bide_value v = bide_rows_at(rows, i);
        rc = json ? write_name(e, bide_rows_name(rows, i), i) : i ? write_mark(e, ",") : 0;
        if (rc == 0)
            rc = write_value(e, &v);
    }
    return rc < 0 ? rc : write_mark(e, json ? "}\n" : "\n");
}

BIDE_WAITS static int write_rows(struct export *e, const char *query)
{
    if (!e->options->json && export_copies(e->db))
        return export_copy(e->db, query, !e->options->no_header, &e->output);
    bide_auto(rows) rows = bide_db_stream(e->db, query);
    int rc = rows ? bide_rows_next(rows) : bide_errcode();
    if (rc < 0)
        return rc;
    int written = write_header(e, rows);
    while (written == 0 && rc > 0) {
        written = write_row(e, rows);
        if (written == 0)
            rc = bide_rows_next(rows);
    }
    if (written == 0 && rc == 0)
        rc = output_flush(&e->output);
    return written < 0 ? written : rc;
}

/* ---- the whole ---- */

static char *query_of(const struct export *e)
{
    const struct export_options *o = e->options;
    if (o->query)
        return strdup(o->query);
    char *query = NULL, *name = database_table(database_kind(e->db), o->table);
    if (!name || asprintf(&query, "select * from %s", name) < 0)
        query = NULL;
    free(name);
    return query;
}

static int run(void *export)
{
    struct export *e = export;
    e->db = database_open_to_read(e->options->url);
    e->misused = !e->db;
    char *query = e->db ? query_of(e) : NULL;
    int rc = query ? write_rows(e, query) : bide_errcode();
    if (rc < 0) {
        e->error.code = rc;
        snprintf(e->error.text, sizeof e->error.text, "%s", bide_errmsg());
    }
    free(query);
    e->stopped = bide_cancelled();
    bide_db_close(e->db);
    return 0;
}

static int refuse(const char *what)
{
    fprintf(stderr, "bide export: %s (see bide export --help)\n", what);
    return OPTIONS_WRONG;
}

static int read_options(struct export_options *o, int argc, char **argv)
{
    *o = (struct export_options){ 0 };
    int count = options_parse(&known, argc, argv, o);
    if (count < 0)
        return count;
    if (count != 1)
        return refuse("expected one URL of a database");
    if (!o->table == !o->query)
        return refuse("name a --table or a --query");
    o->url = argv[0];
    return 0;
}

static int open_output(struct export *e)
{
    const char *name = e->options->to;
    int fd = STDOUT_FILENO;
    if (name)
        fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        return bide_fail(-errno, "%s: %s", name, strerror(errno));
    int rc = output_open(&e->output, fd);
    if (rc == 0 && name)
        e->output.name = name;
    return rc;
}

int export_command(int argc, char **argv)
{
    struct export_options options;
    struct export e = { .options = &options };
    int rc = read_options(&options, argc, argv);
    if (rc < 0)
        return options_status(rc);
    if (open_output(&e) < 0) {
        fprintf(stderr, "bide export: %s\n", bide_errmsg());
        return EXIT_USAGE;
    }
    if (bide_run(run, &e, .stop_on_signal = true) < 0 && e.error.code == 0)
        e.error = (struct bide_error){ .code = bide_errcode() };
    bool closed = e.output.error == -EPIPE;     /* who read has had enough; no failure */
    if (e.error.code < 0 && !closed && !e.stopped)
        fprintf(stderr, "bide export: %s\n", e.error.text);
    if (options.to)
        close(e.output.fd);
    output_close(&e.output);
    return e.stopped ? EXIT_STOPPED : e.misused ? EXIT_USAGE
        : e.error.code < 0 && !closed ? EXIT_FAILED : EXIT_FINE;
}
