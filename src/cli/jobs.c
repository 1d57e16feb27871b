/* cli/jobs.c -- see jobs.h. */
#include "cli/jobs.h"
#include <stdio.h>
#include <sys/resource.h>

/* Descriptors besides the jobs': standard ones, the poller's, the resolver's, files. */
#define SPARE_FILES 32

size_t jobs_fit(const char *command, size_t jobs, size_t files_per_job)
{
    struct rlimit limit;
    rlim_t wanted = jobs * files_per_job + SPARE_FILES;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= wanted)
        return jobs;
    limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur >= wanted)
        return jobs;
    size_t files = (size_t)limit.rlim_cur;
    jobs = files > SPARE_FILES + files_per_job ? (files - SPARE_FILES) / files_per_job : 1;
    fprintf(stderr, "%s: only %zu jobs: %zu files may be open (see bide info)\n", command, jobs,
            files);
    return jobs;
}
