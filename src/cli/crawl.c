/* cli/crawl.c -- `bide crawl`: what it opens, and how it ends. */
#include "cli/crawl.h"
#include "cli/command.h"
#include "cli/jobs.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Bytes of the scope's line; more hosts than fit are not compared. */
#define SCOPE_SIZE 4096
/* Pages that are read on a thread at the same time. */
#define PARSING_MAX 2

static int run(void *crawl)
{
    return crawl_run(crawl);
}

static void erase_progress(void *crawl)
{
    struct crawl *c = crawl;
    progress_erase(&c->progress);
}

/* ---- the state file ---- */

static int old_found(void *crawl, const char *text, size_t size, size_t depth)
{
    struct crawl *c = crawl;
    struct crawl_url url;
    int rc = crawl_url_read(&url, text);
    if (rc == 0)
        rc = site_count_query(&c->site, &url);
    if (rc >= 0)
        rc = frontier_add(&c->frontier, text, size, depth);
    return rc < 0 ? rc : rc > 0 ? 0 : bide_fail(BIDE_EINVAL, "%s: %s stands in it twice",
                                               c->options->state, text);
}

static int old_skipped(void *crawl, size_t number)
{
    struct crawl *c = crawl;
    if (number >= c->frontier.count || c->frontier.urls[number].done)
        return bide_fail(BIDE_EINVAL, "%s: URL %zu cannot be done", c->options->state, number);
    c->frontier.urls[number].done = true;
    return 0;
}

static int old_done(void *crawl, size_t number, uint64_t bytes, uint64_t printed)
{
    struct crawl *c = crawl;
    c->bytes += bytes;
    c->printed = printed;
    c->old++;
    c->begun++;
    return old_skipped(crawl, number);
}

/* Has what earlier runs left fetched. */
static int queue_rest(struct crawl *c)
{
    struct crawl_url url;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < c->frontier.count; i++) {
        const struct frontier_url *one = &c->frontier.urls[i];
        if (one->done)
            continue;
        rc = crawl_url_read(&url, one->text);
        if (rc == 0)
            rc = frontier_queue(&c->frontier, i, url.origin);
    }
    return rc;
}

static int open_state(struct crawl *c)
{
    char scope[SCOPE_SIZE];
    struct crawl_state_reader reader = {
        .found = old_found, .done = old_done, .skipped = old_skipped, .arg = c };
    crawl_options_scope(c->options, scope, sizeof scope);
    int rc = crawl_state_open(&c->state, c->options->state, scope, &reader);
    return rc < 0 ? rc : queue_rest(c);
}

/* ---- the output ---- */

/* Cuts off lines of pages that the state does not call done. */
static int cut_output(struct crawl *c, int fd)
{
    struct stat info;
    const char *name = c->options->output;
    if (fstat(fd, &info) < 0)
        return bide_fail(-errno, "%s: %s", name, strerror(errno));
    if (!S_ISREG(info.st_mode))
        return 0;
    if ((uint64_t)info.st_size < c->printed)
        return bide_fail(BIDE_EINVAL, "%s: is shorter than %s says that it was", name,
                         c->options->state);
    if (ftruncate(fd, (off_t)c->printed) < 0 || lseek(fd, (off_t)c->printed, SEEK_SET) < 0)
        return bide_fail(-errno, "%s: %s", name, strerror(errno));
    return 0;
}

static int open_output(struct crawl *c)
{
    const char *name = c->options->output;
    int fd = STDOUT_FILENO;
    if (name) {
        fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
        if (fd < 0)
            return bide_fail(-errno, "%s: %s", name, strerror(errno));
    }
    int rc = name ? cut_output(c, fd) : 0;
    if (rc == 0)
        rc = output_open(&c->output, fd);
    if (rc < 0 && name)
        close(fd);
    if (rc == 0 && name)
        c->output.name = name;
    if (rc == 0 && isatty(fd)) {
        c->output.before = erase_progress;
        c->output.arg = c;
    }
    return rc;
}

static void close_output(struct crawl *c)
{
    int fd = c->output.fd;
    bool opened = c->output.data != NULL;
    if (opened)
        output_close(&c->output);
    if (opened && c->options->output)
        close(fd);
}

/* ---- the whole ---- */

/* Reads the starts; all are good before anything begins. */
static int add_site(struct crawl *c, char **urls, int count)
{
    const struct crawl_options *o = c->options;
    struct crawl_url url;
    int rc = site_open(&c->site, o->subdomains, o->any_host, o->queries);
    for (int i = 0; rc == 0 && i < count; i++) {
        rc = crawl_url_read(&url, urls[i]);
        if (rc == 0)
            rc = site_add(&c->site, url.host);
    }
    for (size_t i = 0; rc == 0 && i < o->allow.count; i++) {
        char text[CRAWL_URL_MAX];
        int size = snprintf(text, sizeof text, "http://%s/", o->allow.items[i]);
        rc = size < (int)sizeof text ? crawl_url_read(&url, text) : BIDE_EURL;
        if (rc < 0 || url.path_size != 1)
            return bide_fail(BIDE_EURL, "--allow: expected a host such as example.org, got '%s'",
                             o->allow.items[i]);
        rc = site_add(&c->site, url.host);
    }
    return rc;
}

static int add_starts(struct crawl *c, char **urls, int count)
{
    struct crawl_url url;
    int rc = 0;
    for (int i = 0; rc == 0 && i < count; i++) {
        rc = crawl_url_read(&url, urls[i]);
        if (rc == 0)
            rc = crawl_find(c, &url, 0);
    }
    return rc;
}

static int open_all(struct crawl *c, char **urls, int count)
{
    const struct crawl_options *o = c->options;
    char version[64];
    snprintf(version, sizeof version, "bide/%s", bide_version());
    robots_agent(c->agent, o->user_agent ? o->user_agent : version);
    c->state.fd = -1;
    int rc = add_site(c, urls, count);
    /* What is less deep may be in the hands of others. */
    if (rc == 0)
        rc = frontier_open(&c->frontier, o->per_host, o->delay,
                           c->shared ? FRONTIER_ANY_DEPTH : o->depth);
    if (rc == 0 && c->shared)
        rc = crawl_shared_open(c);
    if (rc == 0)
        rc = open_state(c);
    if (rc == 0)
        rc = open_output(c);
    if (rc == 0 && !c->shared)
        rc = add_starts(c, urls, count);
    c->started = bide_now();
    progress_open(&c->progress, STDERR_FILENO, !o->quiet, c->started);
    return rc;
}

static void print_counts(const struct crawl *c, FILE *to)
{
    const struct crawl_counts *n = &c->counts;
    fprintf(to, "  found    %zu URLs; not followed: %llu links to other hosts, %llu forbidden by"
            " robots.txt, %llu nofollow, %llu likely traps\n", c->frontier.count,
            (unsigned long long)n->off_site, (unsigned long long)n->robots,
            (unsigned long long)n->nofollow, (unsigned long long)n->traps);
    if (c->old > 0)
        fprintf(to, "  earlier  %llu pages\n", (unsigned long long)c->old);
}

static int exit_status(const struct crawl *c)
{
    bool closed = c->output.error == -EPIPE;    /* who read has had enough; no failure */
    bool broken = c->error.code < 0 && !closed;
    if (c->note[0] && !c->options->quiet)
        fprintf(stderr, "bide crawl: %s\n", c->note);
    if (broken)
        fprintf(stderr, "bide crawl: %s\n", c->error.text);
    if (c->shared)
        work_queue_tell(&c->work, c->options->quiet);
    if (c->stopped)
        return EXIT_STOPPED;
    if (c->misused)
        return EXIT_USAGE;
    bool failed = c->summary.failed > 0 || c->work.buried > 0;
    return broken || failed ? EXIT_FAILED : EXIT_FINE;
}

static int run_crawl(struct crawl *c)
{
    const struct crawl_options *o = c->options;
    if (bide_run(run, c, .stop_on_signal = true) < 0)
        crawl_note_error(c);
    work_lines_leave(&c->lines);
    if (!o->quiet && (o->summary || c->progress.fd >= 0)) {
        uint64_t missing = c->stopped && !c->shared ? c->frontier.waiting : 0;
        summary_print(&c->summary, stderr, bide_now() - c->started, missing);
        print_counts(c, stderr);
    }
    return exit_status(c);
}

int crawl_command(int argc, char **argv)
{
    struct crawl_options options;
    struct crawl c = { .options = &options, .parsing = BIDE_SEMAPHORE(PARSING_MAX) };
    int urls = crawl_options_read(&options, argc, argv);
    int status = options_status(urls);
    c.shared = options.work.url != NULL;
    c.starts = argv;
    c.lines = (struct work_lines){ &c.work, &c.output, &c.summary, NULL };
    c.start_count = urls > 0 ? (size_t)urls : 0;
    if (urls >= 0) {
        options.jobs = jobs_fit("bide crawl", options.jobs, 1);
        if (open_all(&c, argv, urls) == 0) {
            status = run_crawl(&c);
        } else {
            fprintf(stderr, "bide crawl: %s\n", bide_errmsg());
            status = EXIT_USAGE;
        }
        close_output(&c);
        crawl_state_close(&c.state);
        frontier_close(&c.frontier);
        bide_strmap_free(c.in_hand);
        bide_strset_free(c.told);
        site_close(&c.site);
    }
    options_free_list(&options.allow);
    return status;
}
