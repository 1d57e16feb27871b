/* Services to put behind the gateway, all of one process: each answers GET /NAME/USER after
 * --delay seconds (default 0.2) with what it was asked, and with what it was told of deadline and
 * request id.
 *
 *     services [--address HOST:PORT] [--delay SECONDS] NAME...
 */
#include <bide.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

static const char *address = "127.0.0.1:0";
static double delay = 0.2;

static int answer(bide_request *req)
{
    const char *left = bide_request_header(req, "X-Request-Timeout");
    const char *id = bide_request_header(req, "X-Request-Id");
    int rc = bide_sleep(delay);
    if (rc < 0)
        return rc;
    bide_auto(json) told = bide_json_new();
    bide_json_set(told, "user", bide_value(bide_request_param(req, "user")));
    bide_json_set(told, "request_id", bide_value(id ? id : ""));
    bide_json_set(told, "time_left", bide_value(left ? strtod(left, NULL) : -1.0));
    return bide_respond_json(req, 200, told);
}

static void tell(void *unused, const char *where)
{
    (void)unused;
    printf("http://%s\n", where);
    fflush(stdout);
}

static int serve(void *names)
{
    char path[128];
    bide_auto(app) app = bide_app_new(NULL);
    for (char **name = names; *name; name++) {
        snprintf(path, sizeof path, "/%s/{user}", *name);
        bide_route(app, "GET", path, answer);
    }
    return bide_app_run(app, address, .listening = tell, .grace = -1);
}

int main(int argc, char **argv)
{
    static const struct option known[] = {
        { "address", required_argument, NULL, 'a' }, { "delay", required_argument, NULL, 'd' },
        { NULL, 0, NULL, 0 },
    };
    struct rlimit files;
    for (int option; (option = getopt_long(argc, argv, "a:d:", known, NULL)) != -1;) {
        switch (option) {
        case 'a': address = optarg; break;
        case 'd': delay = atof(optarg); break;
        default: return 2;
        }
    }
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    int rc = bide_run(serve, argv + optind, .stop_on_signal = true);
    if (rc == 0 || rc == BIDE_ECANCELED)
        return 0;
    fprintf(stderr, "services: %s\n", bide_errmsg());
    return 1;
}
