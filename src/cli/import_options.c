/* cli/import_options.c -- the command line of `bide import`, checked before anything begins. */
#include "cli/databases.h"
#include "cli/import.h"
#include <ctype.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SAMPLE_DEFAULT 1000
#define ROW_MAX_DEFAULT ((size_t)4 << 20)
#define ROW_MAX_MOST ((size_t)1 << 30)
#define JOBS_DEFAULT_MOST 4
#define COMMIT_DEFAULT 2
#define URL_DEFAULT "sqlite:out.db"

#define FIELD(name) offsetof(struct import_options, name)
static const struct option option_list[] = {
    { 't', "to", OPTION_TEXT, FIELD(url), "URL",
      "the database (default sqlite:out.db)" },
    { 0, "table", OPTION_TEXT, FIELD(table), "NAME", "the table; must be given" },
    { 'c', "columns", OPTION_TEXT, FIELD(columns), "LIST",
      "the columns to fill, by name: a,b=c takes field b for\ncolumn c (default: all fields)" },
    { 0, "no-header", OPTION_FLAG, FIELD(no_header), NULL,
      "the first row is none; --columns names the fields in order,\n'-' leaves one out" },
    { 'd', "delimiter", OPTION_TEXT, FIELD(separator), "CHAR",
      "what stands between fields: a character, or tab (default:\nwhichever of , ; tab | fits)" },
    { 0, "quote", OPTION_TEXT, FIELD(quote), "CHAR",
      "what stands around fields, or none (default '\"')" },
    { 0, "encoding", OPTION_TEXT, FIELD(encoding), "NAME",
      "of the files, as iconv calls it: latin1 (default UTF-8)" },
    { 0, "null", OPTION_TEXT, FIELD(null), "TEXT",
      "a field that says this, without quotes, is no value\n(default: an empty one)" },
    { 0, "create", OPTION_FLAG, FIELD(create), NULL, "make the table first" },
    { 0, "sample", OPTION_COUNT, FIELD(sample), "ROWS",
      "guess types from so many rows of each file (default 1000)" },
    { 'n', "dry-run", OPTION_FLAG, FIELD(dry_run), NULL,
      "print the table that --create would make, and do nothing" },
    { 0, "reject", OPTION_TEXT, FIELD(reject), "FILE",
      "write refused rows to FILE: file,line,column,reason,row" },
    { 0, "strict", OPTION_FLAG, FIELD(strict), NULL,
      "stop at the first refused row; nothing is left in the table\n"
      "then, unless there is a --state or there are more jobs" },
    { 0, "state", OPTION_TEXT, FIELD(state), "FILE",
      "make it go on where it was, if it ends early" },
    WORK_OPTION_ROWS(struct import_options, work),
    { 'j', "jobs", OPTION_COUNT, FIELD(jobs), "N",
      "write with N connections (default: 4; to a server of this\n"
      "machine as many as processors that it may use, at most 4;\n"
      "SQLite, and --strict without --state: 1)" },
    { 0, "commit", OPTION_SECONDS, FIELD(commit), "SECONDS",
      "make what is in the table last so often (default 2)" },
    { 0, "max-row", OPTION_SIZE, FIELD(row_max), "BYTES",
      "the longest row (default 4M)" },
    { 'q', "quiet", OPTION_FLAG, FIELD(quiet), NULL, "no progress bar and no summary" },
    { 0, "summary", OPTION_FLAG, FIELD(summary), NULL,
      "print the summary also where standard error is no terminal" },
};
static const struct options known = {
    .command = "bide import",
    .usage = "[OPTION]... --table NAME FILE...",
    .about = "Puts the rows of CSV files into a table of a database; '-' is standard input.\n"
             "gzip and zstd are undone.  Rows that are refused do not stop the others.  Exit\n"
             "status: 0 all went well, 1 some rows were refused or it failed, 2 wrong usage,\n"
             "130 stopped by Ctrl-C.",
    .list = option_list,
    .count = sizeof option_list / sizeof option_list[0],
};

static int refuse(const char *what, const char *got)
{
    fprintf(stderr, "bide import: %s", what);
    if (got)
        fprintf(stderr, ", got '%s'", got);
    fputc('\n', stderr);
    return OPTIONS_WRONG;
}

/* Is the server of a URL on this machine? */
static bool is_here(const char *url)
{
    static const char *const hosts[] = { "localhost", "127.", "[::1]", "%2F", "%2f" };
    const char *host = strstr(url, "://");
    if (!host)
        return true;
    host += 3;
    const char *user = memrchr(host, '@', strcspn(host, "/?"));
    host = user ? user + 1 : host;
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++)
        if (strncmp(host, hosts[i], strlen(hosts[i])) == 0)
            return true;
    return strchr(":/?", *host) != NULL;
}

/* A server of this machine has a connection for each processor that is ours: where there is one,
 * the second made the server work 1.2 times as much. */
static size_t default_jobs(const struct import_options *o)
{
    cpu_set_t cpus;
    if (database_is_file(o->url) || (o->strict && !o->state))
        return 1;
    if (!is_here(o->url) || sched_getaffinity(0, sizeof cpus, &cpus) < 0)
        return JOBS_DEFAULT_MOST;
    int processors = CPU_COUNT(&cpus);
    return processors < JOBS_DEFAULT_MOST ? (size_t)processors : JOBS_DEFAULT_MOST;
}

static void set_defaults(struct import_options *o)
{
    o->url = o->url ? o->url : URL_DEFAULT;
    o->null = o->null ? o->null : "";
    o->null_size = strlen(o->null);
    o->jobs = o->jobs ? o->jobs : default_jobs(o);
    o->commit = o->commit > 0 ? o->commit : COMMIT_DEFAULT;
    o->sample = o->sample ? o->sample : SAMPLE_DEFAULT;
    o->row_max = o->row_max ? o->row_max : ROW_MAX_DEFAULT;
    o->format.quote = '"';
}

/* A character that no value is made of. */
static bool is_mark(const char *text)
{
    return strlen(text) == 1 && (unsigned char)*text < 0x80 && !isalnum((unsigned char)*text) &&
        !strchr("\n\r.+-", *text);
}

static int read_format(struct import_options *o)
{
    if (o->separator && strcmp(o->separator, "tab") == 0)
        o->format.separator = '\t';
    else if (o->separator && strcmp(o->separator, "\\t") == 0)
        o->format.separator = '\t';
    else if (o->separator && !is_mark(o->separator))
        return refuse("--delimiter: expected one character that is no letter, digit, dot or sign, "
                      "or 'tab'", o->separator);
    else if (o->separator)
        o->format.separator = *o->separator;
    if (o->quote && strcmp(o->quote, "none") == 0)
        o->format.quote = 0;
    else if (o->quote && !is_mark(o->quote))
        return refuse("--quote: expected one character that is no letter, digit, dot or sign, "
                      "or 'none'", o->quote);
    else if (o->quote)
        o->format.quote = *o->quote;
    if (o->format.quote && o->format.quote == o->format.separator)
        return refuse("--quote and --delimiter: expected two characters", o->quote);
    return 0;
}

static int check_options(const struct import_options *o)
{
    if (o->file_count == 0 && !o->work.url)
        return refuse("no file: name some, or - (see bide import --help)", NULL);
    for (size_t i = 1; i < o->file_count; i++)
        if (strcmp(o->files[i], "-") == 0)
            return refuse("standard input can only be the first file", NULL);
    if (o->work.url && (o->state || o->dry_run))
        return refuse("--queue goes without --state and --dry-run", NULL);
    if (o->work.url && o->file_count > 0 && strcmp(o->files[0], "-") == 0)
        return refuse("standard input cannot be shared", NULL);
    if (!o->table || !*o->table)
        return refuse("--table: which one?", NULL);
    if (o->jobs > IMPORT_JOBS_MAX)
        return refuse("--jobs: expected at most 64", NULL);
    if (o->jobs > 1 && database_is_file(o->url))
        return refuse("--jobs: SQLite has one writer at a time", NULL);
    if (o->row_max > ROW_MAX_MOST)
        return refuse("--max-row: expected at most 1G", NULL);
    return 0;
}

int import_options_read(struct import_options *o, int argc, char **argv)
{
    *o = (struct import_options){ 0 };
    int files = options_parse(&known, argc, argv, o);
    if (files < 0)
        return files;
    o->files = argv;
    o->file_count = (size_t)files;
    set_defaults(o);
    int rc = work_options_check(&o->work, known.command);
    o->work.length = SIZE_MAX;  /* a list of files is never that long */
    if (rc == 0)
        rc = read_format(o);
    if (rc == 0)
        rc = check_options(o);
    return rc < 0 ? rc : files;
}
