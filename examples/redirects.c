/* Redirects: followed as a browser does it, and told. */
#include "demo.h"

static bide_session *session;

static void show(bide_response *response)
{
    if (!response) {
        printf("  %s\n", bide_errmsg());
        return;
    }
    for (const struct bide_hop *hop = bide_response_history(response); hop->url; hop++)
        printf("  %d %s\n", hop->status, hop->url);
    const char *location = bide_response_header(response, "Location");
    printf("  %d %s%s%s\n", bide_response_status(response), bide_response_url(response),
           location ? " -> " : "", location ? location : "");
}

static void get(const char *path, int most, bool follow)
{
    printf("GET %s\n", path);
    bide_auto(response) response = bide_get(session, path, .redirect_max = most,
                                            .no_redirects = !follow);
    show(response);
}

/* A 303 says: look there; a 307: ask there, in the same way. */
static void post(const char *path)
{
    printf("POST %s\n", path);
    bide_auto(response) response = bide_post(session, path, .data = "text", .data_size = 4);
    show(response);
}

static int program(void *unused)
{
    (void)unused;
    BIDE_GROUP(server);
    const char *base = demo_start(server);
    if (!base)
        return bide_errcode();
    bide_auto(session) opened = session = bide_session_open(.base_url = base);
    get("/redirect/2", 0, true);
    get("/redirect/2", 0, false);
    get("/redirect/9", 3, true);
    post("/redirect-to?url=/get&status=303");
    post("/redirect-to?url=/post&status=307");
    return 0;
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
