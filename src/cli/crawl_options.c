/* cli/crawl_options.c -- the command line of `bide crawl`, checked before anything
 * begins. */
#include "cli/crawl.h"
#include <stdio.h>
#include <string.h>

#define JOBS_DEFAULT 16
#define PER_HOST_DEFAULT 8
#define DELAY_MAX_DEFAULT 30
#define SIZE_MAX_DEFAULT ((size_t)10 << 20)
#define QUERIES_DEFAULT 1000
#define TIMEOUT_DEFAULT 60
#define CONNECT_TIMEOUT_DEFAULT 30

#define FIELD(name) offsetof(struct crawl_options, name)
static const struct option option_list[] = {
    { 'o', "output", OPTION_TEXT, FIELD(output), "FILE",
      "write the lines to FILE, not to standard output" },
    { 0, "state", OPTION_TEXT, FIELD(state), "FILE",
      "keep in FILE what is done, and go on from there" },
    WORK_OPTION_ROWS(struct crawl_options, work),
    { 0, "depth", OPTION_NUMBER, FIELD(depth), "N",
      "follow at most N links from a start (default: any number)" },
    { 0, "pages", OPTION_COUNT, FIELD(pages), "N", "fetch at most N pages" },
    { 0, "subdomains", OPTION_FLAG, FIELD(subdomains), NULL,
      "also hosts below that of a start: www.example.org" },
    { 0, "allow", OPTION_LIST, FIELD(allow), "HOST[:PORT]",
      "also that host; may be given many times" },
    { 0, "any-host", OPTION_FLAG, FIELD(any_host), NULL, "any host at all" },
    { 'j', "jobs", OPTION_COUNT, FIELD(jobs), "N", "fetch N at once (default 16)" },
    { 0, "per-host", OPTION_COUNT, FIELD(per_host), "N",
      "at most N of them from the same host (default 8)" },
    { 0, "delay", OPTION_SECONDS, FIELD(delay), "SECONDS",
      "between two requests to the same host (default none)" },
    { 0, "max-delay", OPTION_SECONDS, FIELD(delay_max), "SECONDS",
      "the longest Crawl-delay of robots.txt that is kept to (default 30)" },
    { 0, "ignore-robots", OPTION_FLAG, FIELD(ignore_robots), NULL,
      "do not ask for robots.txt, and heed no nofollow and noindex" },
    { 0, "max-size", OPTION_SIZE, FIELD(size_max), "BYTES",
      "the longest page to accept (default 10M)" },
    { 0, "max-total", OPTION_SIZE, FIELD(total_max), "BYTES",
      "begin no page when so much has come (default: no limit)" },
    { 0, "max-queries", OPTION_SIZE, FIELD(queries), "N",
      "at most N different '?...' of one path (default 1000, or 'inf')" },
    { 0, "timeout", OPTION_SECONDS, FIELD(timeout), "SECONDS",
      "for a page in all, every try included (default 60)" },
    { 0, "connect-timeout", OPTION_SECONDS, FIELD(connect_timeout), "SECONDS",
      "for connecting (default 30)" },
    { 0, "retries", OPTION_NUMBER, FIELD(retries), "N",
      "try N times more after a failure that may pass (default 0)" },
    { 0, "user-agent", OPTION_TEXT, FIELD(user_agent), "TEXT",
      "what to be called; robots.txt goes by its first word" },
    { 'f', "fail", OPTION_FLAG, FIELD(fail), NULL, "a status of 400 or more is an error" },
    { 'q', "quiet", OPTION_FLAG, FIELD(quiet), NULL, "no progress bar and no summary" },
    { 0, "summary", OPTION_FLAG, FIELD(summary), NULL,
      "print the summary also where standard error is no terminal" },
};
static const struct options known = {
    .command = "bide crawl",
    .usage = "[OPTION]... URL...",
    .about = "Fetches the pages of a site, from link to link, and prints one line of JSON for\n"
             "each: url, status, depth, title, links, bytes, seconds, noindex, error.  Heeds\n"
             "robots.txt.  Exit status: 0 all went well, 1 some failed, 2 wrong usage,\n"
             "130 stopped by Ctrl-C.",
    .list = option_list,
    .count = sizeof option_list / sizeof option_list[0],
};

static int refuse(const char *what, const char *got)
{
    fprintf(stderr, "bide crawl: %s", what);
    if (got)
        fprintf(stderr, ", got '%s'", got);
    fputc('\n', stderr);
    return OPTIONS_WRONG;
}

static void set_defaults(struct crawl_options *o)
{
    o->jobs = o->jobs ? o->jobs : JOBS_DEFAULT;
    o->per_host = o->per_host ? o->per_host : PER_HOST_DEFAULT;
    o->pages = o->pages ? o->pages : SIZE_MAX;
    o->size_max = o->size_max ? o->size_max : SIZE_MAX_DEFAULT;
    o->total_max = o->total_max ? o->total_max : BIDE_UNLIMITED;
    o->queries = o->queries ? o->queries : QUERIES_DEFAULT;
    o->delay_max = o->delay_max > 0 ? o->delay_max : DELAY_MAX_DEFAULT;
    o->timeout = o->timeout > 0 ? o->timeout : TIMEOUT_DEFAULT;
    o->connect_timeout = o->connect_timeout > 0 ? o->connect_timeout : CONNECT_TIMEOUT_DEFAULT;
}

static int check_options(const struct crawl_options *o, int urls)
{
    if (urls == 0)
        return refuse("no URL to begin with (see bide crawl --help)", NULL);
    if (o->state && o->work.url)
        return refuse("--state: the list knows already what is done", NULL);
    if (o->jobs > 10000)
        return refuse("--jobs: expected at most 10000", NULL);
    if (o->retries > 1000)
        return refuse("--retries: expected at most 1000", NULL);
    if (o->depth != FRONTIER_ANY_DEPTH && o->depth > FRONTIER_DEPTH_MAX)
        return refuse("--depth: expected at most 65534", NULL);
    if (o->delay == BIDE_FOREVER)
        return refuse("--delay: expected a number of seconds", "inf");
    if (o->user_agent && (strpbrk(o->user_agent, "\r\n") || !o->user_agent[0]))
        return refuse("--user-agent: expected one line of text", NULL);
    return 0;
}

int crawl_options_read(struct crawl_options *o, int argc, char **argv)
{
    *o = (struct crawl_options){ .depth = FRONTIER_ANY_DEPTH };
    int urls = options_parse(&known, argc, argv, o);
    if (urls < 0)
        return urls;
    set_defaults(o);
    if (!html_is_built())
        return refuse("bide was built without it: it needs gumbo, a parser of HTML", NULL);
    int rc = check_options(o, urls);
    if (rc == 0)
        rc = work_options_check(&o->work, known.command);
    o->work.length = SIZE_MAX;  /* who has links to add has pages in hand */
    return rc < 0 ? rc : urls;
}

/* How many, how fast and for how long may change from run to run. */
void crawl_options_scope(const struct crawl_options *o, char *scope, size_t size)
{
    int used = o->depth == FRONTIER_ANY_DEPTH ? snprintf(scope, size, "depth=any")
                                              : snprintf(scope, size, "depth=%zu", o->depth);
    used += snprintf(scope + used, size - (size_t)used, "%s%s%s", o->any_host ? " any-host" : "",
                     o->subdomains ? " subdomains" : "", o->ignore_robots ? " ignore-robots" : "");
    for (size_t i = 0; i < o->allow.count && (size_t)used < size; i++)
        used += snprintf(scope + used, size - (size_t)used, " allow=%s", o->allow.items[i]);
}
