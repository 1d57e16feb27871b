/* Rotating a log.
 *
 * Renaming is all that happens, so no line is lost: a program that has the file open writes on
 * into FILE.1 until it opens FILE anew.  The names move from the last one on, and under a
 * shield: being stopped in the middle would leave a gap. */
#include "action.h"
#include <stdio.h>
#include <stdlib.h>

/* "4096", "64K", "10M"; 0: it is no size. */
static int64_t read_size(const char *text)
{
    char *end;
    long long size = strtoll(text, &end, 10);
    int shift = *end == 'K' ? 10 : *end == 'M' ? 20 : *end == 'G' ? 30 : 0;
    if (end == text || size <= 0 || size > INT64_MAX >> 40 || end[shift > 0] != '\0')
        return 0;
    return (int64_t)size << shift;
}

BIDE_WAITS static int move(const char *file, int from, int to)
{
    char old[4096], new[4096];
    snprintf(old, sizeof old, from == 0 ? "%s" : "%s.%d", file, from);
    snprintf(new, sizeof new, "%s.%d", file, to);
    int rc = bide_rename(old, new);
    return rc == -ENOENT && from > 0 ? 0 : rc;          /* there are not so many yet */
}

int action_rotate(struct job *job)
{
    struct stat st;
    const char *file = job->words[1];
    int64_t size_max = read_size(job->words[2]);
    int keep = atoi(job->words[3]);
    if (size_max == 0 || keep < 1 || keep > 1000)
        return bide_fail(BIDE_EINVAL, "rotate: not a size and a number of files");
    int rc = bide_stat(file, &st);
    if (rc < 0 && rc != -ENOENT)
        return rc;
    if (rc < 0 || st.st_size < size_max) {
        job_say(job, "%lld bytes are not enough", rc < 0 ? 0LL : (long long)st.st_size);
        return 0;
    }
    BIDE_SHIELD(whole, 5);
    for (int i = keep - 1; rc >= 0 && i >= 0; i--)
        rc = move(file, i, i + 1);
    if (rc >= 0)
        job_say(job, "%lld bytes became %s.1", (long long)st.st_size, file);
    return rc;
}
