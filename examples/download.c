/* A download that is cut short, and goes on where it stopped. */
#include "demo.h"
#include <string.h>

static void show(void *arg, int64_t done, int64_t total)
{
    int *shown = arg;                       /* fifths */
    while ((*shown + 1) * total <= done * 5)
        printf("  %d %%\n", ++*shown * 20);
}

/* The server breaks off after 200,000 bytes, unless it is asked for the rest. */
static int fetch(bide_session *session, const char *path, int *shown)
{
    int64_t size = bide_download(session, "/range/500000?cut=200000", path, .resume = true,
                                 .progress = show, .progress_arg = shown);
    if (size < 0)
        printf("failed: %s\n", strrchr(bide_errmsg(), ':') + 2);
    else
        printf("%lld bytes\n", (long long)size);
    return size < 0 ? (int)size : 0;
}

static int program(void *unused)
{
    (void)unused;
    BIDE_GROUP(server);
    const char *base = demo_start(server);
    if (!base)
        return bide_errcode();
    bide_auto(session) session = bide_session_open(.base_url = base);
    bide_auto(temp_dir) dir = bide_temp_dir_open();
    char path[300];
    int shown = 0;
    snprintf(path, sizeof path, "%s/letters", bide_temp_dir_path(dir));
    if (fetch(session, path, &shown) < 0)   /* what has come is kept beside it, */
        return fetch(session, path, &shown);        /* so this asks for what is missing */
    return 0;
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
