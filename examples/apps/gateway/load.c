/* A load for the gateway, or for any server, that says what came of it on one line.
 *
 *     load --users 100 --seconds 5 URL        so many users, each asks again when answered
 *     load --rate 1000 --seconds 10 URL       so many requests a second, answered or not
 *
 * With a rate, a request's time begins when it was due: a server that falls behind cannot hide
 * it by being asked less often. */
#include <bide.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

static struct load {
    const char *url;
    size_t users;
    double rate, seconds;
    bide_session *session;
    double end, *times;         /* seconds of each answer */
    size_t count, room, failed, incomplete, running, most;
    char why[200];              /* the first failure */
} load = { .seconds = 5 };

static void keep_time(double seconds)
{
    if (load.count == load.room) {
        size_t room = load.room ? load.room * 2 : 65536;
        double *times = realloc(load.times, room * sizeof *times);
        if (!times)
            return;
        load.times = times;
        load.room = room;
    }
    load.times[load.count++] = seconds;
}

BIDE_WAITS static int ask_once(double since)
{
    bide_auto(response) response = bide_get(load.session, load.url, .timeout = 10);
    if (bide_response_check(response) < 0)
        return bide_errcode();
    const bide_json *answer = bide_response_json(response);
    if (!answer)
        return bide_errcode();
    load.incomplete += !bide_json_bool(answer, "complete", true);
    keep_time(bide_now() - since);
    return 0;
}

static int ask(void *arg)
{
    load.running++;
    if (load.running > load.most)
        load.most = load.running;
    int rc = ask_once(*(double *)arg);
    load.running--;
    if (rc < 0 && load.failed++ == 0)
        snprintf(load.why, sizeof load.why, "%s", bide_errmsg());
    return rc == BIDE_ECANCELED ? rc : 0;
}

static int be_user(void *unused)
{
    (void)unused;
    int rc = 0;
    for (double now; rc == 0 && (now = bide_now()) < load.end;)
        rc = ask(&now);
    return rc;
}

static int ask_at_rate(bide_group *group)
{
    double start = bide_now();
    for (size_t i = 0; (double)i / load.rate < load.seconds; i++) {
        double due = start + (double)i / load.rate, ahead = due - bide_now();
        int rc = ahead > 0 ? bide_sleep(ahead) : 0;
        if (rc < 0)
            return rc;
        bide_spawn(group, ask, &due, .copy = sizeof due);
    }
    return 0;
}

static int run(void *unused)
{
    (void)unused;
    bide_auto(session) session = load.session = bide_session_open(.limit = 20000);
    BIDE_GROUP(group);
    load.end = bide_now() + load.seconds;
    for (size_t i = 0; i < load.users; i++)
        bide_spawn(group, be_user, NULL);
    int rc = load.rate > 0 ? ask_at_rate(group) : 0;
    return rc < 0 ? rc : bide_group_wait(group);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double quantile(double q)
{
    return load.count == 0 ? 0 : load.times[(size_t)(q * (double)(load.count - 1))] * 1000;
}

static void tell(double seconds)
{
    if (load.count > 0)
        qsort(load.times, load.count, sizeof *load.times, by_size);
    printf("%zu answers in %.1f s, %.0f a second; p50 %.0f ms, p99 %.0f ms, longest %.0f ms; "
           "at most %zu in flight; %zu incomplete, %zu failed%s%s\n", load.count, seconds,
           (double)load.count / seconds, quantile(0.5), quantile(0.99), quantile(1), load.most,
           load.incomplete, load.failed, load.failed ? ": " : "", load.why);
}

int main(int argc, char **argv)
{
    static const struct option known[] = {
        { "users", required_argument, NULL, 'u' }, { "rate", required_argument, NULL, 'r' },
        { "seconds", required_argument, NULL, 's' }, { NULL, 0, NULL, 0 },
    };
    struct rlimit files;
    for (int option; (option = getopt_long(argc, argv, "u:r:s:", known, NULL)) != -1;) {
        switch (option) {
        case 'u': load.users = (size_t)atol(optarg); break;
        case 'r': load.rate = atof(optarg); break;
        case 's': load.seconds = atof(optarg); break;
        default: return 2;
        }
    }
    if (optind + 1 != argc || (load.users > 0) == (load.rate > 0)) {
        fprintf(stderr, "usage: load (--users N | --rate N) [--seconds S] URL\n");
        return 2;
    }
    load.url = argv[optind];
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    double start = bide_now();
    int rc = bide_run(run, NULL, .stop_on_signal = true);
    tell(bide_now() - start);
    free(load.times);
    if (rc < 0)
        fprintf(stderr, "load: %s\n", bide_errmsg());
    return rc < 0 || load.failed > 0;
}
