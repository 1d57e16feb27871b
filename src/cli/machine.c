/* cli/machine.c -- looks at the limits of this machine; see machine.h.
 *
 * The thresholds are those from which a server or client with tens of thousands of
 * connections works without further tuning; below them everything still works, only
 * sooner at its end. */
#include "cli/machine.h"
#include <bide/run.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#define FILES_WANTED 65536
#define BACKLOG_WANTED 4096
#define PORTS_WANTED 28000
#define MAPS_WANTED 1000000

/* The list being filled. */
struct list { struct fact *facts; size_t count; };

static struct fact *add_fact(struct list *list, const char *key, const char *title)
{
    struct fact *fact = &list->facts[list->count++];
    *fact = (struct fact){ .key = key, .title = title };
    return fact;
}

static struct fact *add_number(struct list *list, const char *key, const char *title,
                               uint64_t number)
{
    struct fact *fact = add_fact(list, key, title);
    fact->is_number = true;
    fact->number = number;
    snprintf(fact->text, sizeof fact->text, "%" PRIu64, number);
    return fact;
}

__attribute__((format(printf, 2, 3)))
static void advise(struct fact *fact, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(fact->advice, sizeof fact->advice, fmt, args);
    va_end(args);
}

/* The first line of a small file of the kernel's; false: there is none. */
static bool read_line(const char *path, char line[128])
{
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    bool good = fgets(line, 128, file) != NULL;
    fclose(file);
    return good;
}

static bool read_setting(const char *path, uint64_t *number)
{
    char line[128];
    return read_line(path, line) && sscanf(line, "%" SCNu64, number) == 1;
}

static void look_at_stacks(struct list *list)
{
    uint64_t maps;
    const char *guard = bide_stack_guard_name();
    struct fact *fact = add_fact(list, "stack_guard", "stack guard");
    snprintf(fact->text, sizeof fact->text, "%s", guard);
    if (strcmp(guard, "madvise") != 0)
        advise(fact, "Linux 6.13 or later guards every stack without a mapping of its own; here "
                     "many tasks end with a check instead of a guard page.");
    if (!read_setting("/proc/sys/vm/max_map_count", &maps))
        return;
    fact = add_number(list, "max_map_count", "memory mappings", maps);
    if (strcmp(guard, "mprotect") == 0 && maps < MAPS_WANTED)
        advise(fact, "sysctl vm.max_map_count=%d gives more tasks a guard page.", MAPS_WANTED);
}

static void look_at_system(struct list *list)
{
    struct utsname name;
    if (uname(&name) == 0) {
        struct fact *fact = add_fact(list, "kernel", "kernel");
        snprintf(fact->text, sizeof fact->text, "%.40s %.40s", name.sysname, name.release);
        fact = add_fact(list, "architecture", "architecture");
        snprintf(fact->text, sizeof fact->text, "%.64s", name.machine);
    }
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    if (cores > 0)
        add_number(list, "cores", "cores", (uint64_t)cores);
}

static void add_bytes(struct list *list, const char *key, const char *title, uint64_t bytes)
{
    struct fact *fact = add_number(list, key, title, bytes);
    snprintf(fact->text, sizeof fact->text, "%.1f GiB", (double)bytes / (1 << 30));
}

static void look_at_memory(struct list *list)
{
    char line[128];
    uint64_t kilobytes, limit, policy;
    FILE *file = fopen("/proc/meminfo", "re");
    while (file && fgets(line, sizeof line, file)) {
        if (sscanf(line, "MemTotal: %" SCNu64, &kilobytes) == 1)
            add_bytes(list, "memory", "memory", kilobytes * 1024);
        if (sscanf(line, "MemAvailable: %" SCNu64, &kilobytes) == 1)
            add_bytes(list, "memory_available", "memory available", kilobytes * 1024);
    }
    if (file)
        fclose(file);
    if (read_setting("/sys/fs/cgroup/memory.max", &limit))
        add_bytes(list, "memory_limit", "memory limit (cgroup)", limit);
    if (!read_setting("/proc/sys/vm/overcommit_memory", &policy))
        return;
    struct fact *fact = add_number(list, "overcommit_memory", "overcommit policy", policy);
    if (policy == 2)
        advise(fact, "sysctl vm.overcommit_memory=0 lets stacks be reserved before they are "
                     "used; with 2 the number of tasks is bounded by memory plus swap.");
}

static void look_at_files(struct list *list)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return;
    add_number(list, "open_files", "open files", limit.rlim_cur);
    struct fact *fact = add_number(list, "open_files_max", "open files, at most", limit.rlim_max);
    if (limit.rlim_max < FILES_WANTED)
        advise(fact, "Every connection is an open file: raise 'nofile' in "
                     "/etc/security/limits.conf, or LimitNOFILE= of the service.");
    else if (limit.rlim_cur < FILES_WANTED)
        advise(fact, "ulimit -n %" PRIu64 " raises open files for this shell; bide fetch "
                     "does so for itself.", (uint64_t)limit.rlim_max);
}

static void look_at_network(struct list *list)
{
    char line[128];
    uint64_t backlog, first, last;
    if (read_setting("/proc/sys/net/core/somaxconn", &backlog)) {
        struct fact *fact = add_number(list, "somaxconn", "listen backlog", backlog);
        if (backlog < BACKLOG_WANTED)
            advise(fact, "sysctl net.core.somaxconn=%d lets more connections wait to be "
                         "accepted.", BACKLOG_WANTED);
    }
    if (!read_line("/proc/sys/net/ipv4/ip_local_port_range", line) ||
        sscanf(line, "%" SCNu64 " %" SCNu64, &first, &last) != 2 || last < first)
        return;
    struct fact *fact = add_number(list, "local_ports", "local ports", last - first + 1);
    snprintf(fact->text, sizeof fact->text, "%" PRIu64 " (%" PRIu64 " to %" PRIu64 ")",
             last - first + 1, first, last);
    if (last - first + 1 < PORTS_WANTED)
        advise(fact, "sysctl net.ipv4.ip_local_port_range=\"10000 65000\" allows more "
                     "connections to one address.");
}

size_t machine_look(struct fact facts[MACHINE_FACTS])
{
    struct list list = { facts, 0 };
    look_at_stacks(&list);
    look_at_files(&list);
    look_at_network(&list);
    look_at_memory(&list);
    look_at_system(&list);
    return list.count;
}
