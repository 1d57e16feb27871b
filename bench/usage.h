/* What a server's processes have used: the driver starts each server in a session of its own, so
 * that its workers and threads are found whatever they are.
 *
 * Processor time in all is exact, for each thread, where the kernel tells it (schedstat). How much
 * of it was the kernel's it only samples, at every tick: that split needs seconds, or many rounds.
 */
#ifndef BENCH_USAGE_H
#define BENCH_USAGE_H
#include "meter.h"

#include <dirent.h>

struct usage {
    double user, system;        /* seconds, as sampled */
    int64_t exact_ns;           /* of all threads that still are; 0: not told */
    int64_t memory;             /* VmRSS and VmPTE, bytes */
};

/* User and system time, in seconds, if the process belongs to the session. */
static bool usage_of_process(const char *pid, long session, double *user, double *system)
{
    char path[300], line[1024];
    unsigned long ticks_user = 0, ticks_system = 0;
    long its_session = 0;
    snprintf(path, sizeof path, "/proc/%s/stat", pid);
    FILE *file = fopen(path, "r");
    if (!file)
        return false;
    const char *name_end = fgets(line, sizeof line, file) ? strrchr(line, ')') : NULL;
    fclose(file);
    if (!name_end || sscanf(name_end, ") %*c %*d %*d %ld %*d %*d %*u %*u %*u %*u %*u %lu %lu",
                            &its_session, &ticks_user, &ticks_system) != 3)
        return false;
    *user = (double)ticks_user / (double)sysconf(_SC_CLK_TCK);
    *system = (double)ticks_system / (double)sysconf(_SC_CLK_TCK);
    return its_session == session;
}

/* Of all its threads, in nanoseconds; 0 where the kernel does not tell. */
static int64_t usage_of_threads(const char *pid)
{
    char path[600];
    int64_t sum = 0;
    snprintf(path, sizeof path, "/proc/%s/task", pid);
    DIR *threads = opendir(path);
    for (struct dirent *entry; threads && (entry = readdir(threads));) {
        long long ran = 0;
        snprintf(path, sizeof path, "/proc/%s/task/%s/schedstat", pid, entry->d_name);
        FILE *file = entry->d_name[0] == '.' ? NULL : fopen(path, "r");
        if (!file)
            continue;
        if (fscanf(file, "%lld", &ran) == 1)
            sum += ran;
        fclose(file);
    }
    if (threads)
        closedir(threads);
    return sum;
}

METER_UNUSED static struct usage usage_of(long session)
{
    struct usage sum = { 0 };
    DIR *processes = opendir("/proc");
    for (struct dirent *entry; processes && (entry = readdir(processes));) {
        double user, system;
        const char *pid = entry->d_name;
        if (pid[0] < '0' || pid[0] > '9' || !usage_of_process(pid, session, &user, &system))
            continue;
        sum.user += user;
        sum.system += system;
        sum.exact_ns += usage_of_threads(pid);
        sum.memory += meter_status_of(pid, "VmRSS:") + meter_status_of(pid, "VmPTE:");
    }
    if (processes)
        closedir(processes);
    return sum;
}

/* Seconds of processor time between two looks, and the user's share of them. */
METER_UNUSED static double usage_since(const struct usage *before, const struct usage *after,
                                       double *user)
{
    double sampled_user = after->user - before->user;
    double sampled = sampled_user + after->system - before->system;
    double exact = (double)(after->exact_ns - before->exact_ns) / 1e9;
    double all = exact > 0 ? exact : sampled;
    *user = sampled > 0 ? all * sampled_user / sampled : 0;
    return all;
}
#endif
