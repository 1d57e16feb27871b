/* A setting is changed so that no reader ever sees half a file, and no crash leaves one: load,
 * change, save.  In Python: a temporary file beside it, os.fsync(), os.replace(), and the
 * directory's fsync that most programs forget. */
#include <bide.h>
#include <stdio.h>
#include <string.h>

static int set_port(const char *path, int port)
{
    char text[64];
    bide_auto(bytes) old = bide_file_load(path, .size_max = 65536);
    if (!old && bide_errcode() != -ENOENT)
        return bide_errcode();
    printf("before: %s", old ? old->data : "nothing\n");
    int size = snprintf(text, sizeof text, "port = %d\n", port);
    return bide_file_save(path, text, (size_t)size, .permissions = 0600);
}

/* Reads the file over and over while it is replaced: always one whole setting. */
static int watch(void *path)
{
    for (;;) {
        bide_auto(bytes) now = bide_file_load(path);
        if (!now)
            return bide_errcode();
        if (now->size != strlen("port = 8000\n"))
            return bide_fail(-EPROTO, "half a file: %s", now->data);
    }
}

static int program(void *unused)
{
    (void)unused;
    char path[512];
    bide_auto(temp_dir) dir = bide_temp_dir_open();
    if (!dir)
        return bide_errcode();
    snprintf(path, sizeof path, "%s/config", bide_temp_dir_path(dir));
    if (set_port(path, 8000) < 0)
        return bide_errcode();
    BIDE_GROUP(g);
    bide_spawn(g, watch, path);
    for (int port = 8001; port <= 8003; port++)
        if (set_port(path, port) < 0)
            return bide_errcode();
    bide_auto(bytes) last = bide_file_load(path);
    return last ? printf("after: %s", last->data) : bide_errcode();
}

int main(void)
{
    if (bide_run(program, NULL) >= 0)
        return 0;
    fprintf(stderr, "save_config: %s\n", bide_errmsg());
    return 1;
}
