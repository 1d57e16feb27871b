/* cli/fetch_options.c -- the command line of `bide fetch`, checked before anything
 * begins.
 *
 * Whatever is wrong with the question itself (a header that is none, a file that is not
 * there) is told at once with exit status 2, not once per URL. */
#include "cli/fetch.h"
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define JOBS_DEFAULT 100
#define TIMEOUT_DEFAULT 300
#define RETRY_DELAY_DEFAULT 0.5
#define RETRY_CAP_DEFAULT 30
#define SIZE_MAX_DEFAULT ((size_t)1 << 30)

#define FIELD(name) offsetof(struct fetch_options, name)
static const struct option option_list[] = {
    { 'i', "input", OPTION_TEXT, FIELD(file), "FILE",
      "read URLs from FILE, one per line; '-': standard input" },
    { 'o', "output-dir", OPTION_TEXT, FIELD(directory), "DIR",
      "keep each body in a file in DIR, which is made if needed" },
    { 0, "resume", OPTION_FLAG, FIELD(resume), NULL,
      "keep what came of bodies that break off, and go on from\nthere next time" },
    { 'j', "jobs", OPTION_COUNT, FIELD(jobs), "N", "fetch N at once (default 100)" },
    { 0, "per-host", OPTION_COUNT, FIELD(per_host), "N",
      "at most N of them from the same host (default: no limit)" },
    { 0, "rate", OPTION_RATE, FIELD(rate), "N/s", "begin at most N per second (or N/m, N/h)" },
    WORK_OPTION_ROWS(struct fetch_options, work),
    WORK_OPTION_MAX(struct fetch_options, work),
    { 0, "ordered", OPTION_FLAG, FIELD(ordered), NULL,
      "print results in the order of the input" },
    { 'q', "quiet", OPTION_FLAG, FIELD(quiet), NULL, "no progress bar and no summary" },
    { 0, "summary", OPTION_FLAG, FIELD(summary), NULL,
      "print the summary also where standard error is no terminal" },
};

/* The table of the shared options has a size that is known when linking only. */
static struct options known_options(void)
{
    return (struct options){
        .command = "bide fetch",
        .usage = "[OPTION]... URL... | -i FILE | --queue URL",
        .about = "Fetches URLs, many at once, and prints one line of JSON for each: url, status,\n"
                 "bytes, seconds, attempts, error.  Exit status: 0 all went well, 1 some failed,\n"
                 "2 wrong usage, 130 stopped by Ctrl-C.",
        .list = option_list,
        .count = sizeof option_list / sizeof option_list[0],
        .shared = request_option_list,
        .shared_count = request_option_count,
    };
}

static int open_directory(struct fetch_plan *plan)
{
    const char *name = plan->options.directory;
    if (!name)
        return 0;
    if (mkdir(name, 0777) < 0 && errno != EEXIST)
        return request_refuse_file(&plan->request, "output-dir", name);
    plan->directory = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return plan->directory < 0 ? request_refuse_file(&plan->request, "output-dir", name) : 0;
}

static void set_defaults(struct fetch_options *o)
{
    struct request_options *r = &o->request;
    if (o->jobs == 0)
        o->jobs = JOBS_DEFAULT;
    if (r->timeout <= 0)
        r->timeout = TIMEOUT_DEFAULT;
    if (r->retry_delay <= 0)
        r->retry_delay = RETRY_DELAY_DEFAULT;
    if (r->retry_cap <= 0)
        r->retry_cap = RETRY_CAP_DEFAULT;
    if (r->size_max == 0)
        r->size_max = SIZE_MAX_DEFAULT;
}

/* Does an option read standard input? */
static bool reads_stdin(const struct request_options *o)
{
    for (size_t i = 0; i < o->data.count; i++)
        if (strcmp(o->data.items[i], "@-") == 0)
            return true;
    return false;
}

/* What is left to be checked when the request is prepared. */
static int check_request(const struct fetch_plan *plan, int urls)
{
    const struct fetch_options *o = &plan->options;
    const struct request *r = &plan->request;
    if (r->once && (urls > 1 || o->file))
        return request_refuse(r, "standard input can be sent to one URL only; use --data @-", NULL);
    if (!o->resume)
        return 0;
    if (!o->directory)
        return request_refuse(r, "--resume: name a directory with -o", NULL);
    if (strcmp(r->method, "GET") != 0 || r->has_body || o->request.range)
        return request_refuse(r, "--resume goes with GET alone, without a body and --range", NULL);
    return 0;
}

static int check_options(const struct fetch_plan *plan, int urls)
{
    const struct fetch_options *o = &plan->options;
    const struct request *r = &plan->request;
    if (urls == 0 && !o->file && !o->work.url)
        return request_refuse(r, "no URL: name some, or a file of them with -i "
                              "(see bide fetch --help)", NULL);
    if (o->ordered && o->work.url)
        return request_refuse(r, "--ordered: among many machines there is no order", NULL);
    if (o->jobs > 1000000)
        return request_refuse(r, "--jobs: expected at most 1000000", NULL);
    if (o->file && strcmp(o->file, "-") == 0 && reads_stdin(&o->request))
        return request_refuse(r, "--input and --data cannot both read standard input", NULL);
    return 0;
}

int fetch_plan_make(struct fetch_plan *plan, int argc, char **argv)
{
    struct options known = known_options();
    *plan = (struct fetch_plan){ .directory = -1, .request = { .command = known.command } };
    int urls = options_parse(&known, argc, argv, &plan->options);
    if (urls < 0)
        return urls;
    set_defaults(&plan->options);
    int rc = check_options(plan, urls);
    if (rc == 0)
        rc = work_options_check(&plan->options.work, known.command);
    if (rc == 0)
        rc = request_prepare(&plan->request, known.command, &plan->options.request);
    if (rc == 0)
        rc = check_request(plan, urls);
    if (rc == 0)
        rc = open_directory(plan);
    return rc < 0 ? rc : urls;
}

void fetch_plan_free(struct fetch_plan *plan)
{
    request_free(&plan->request);
    request_options_free(&plan->options.request);
    if (plan->directory >= 0)
        close(plan->directory);
}
