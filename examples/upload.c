/* A form with a file of any size: read as it is sent, a piece at a time. */
#include "demo.h"

enum { LINES = 100000 };

/* A part that is made while it is sent: the lines of a log. */
static ssize_t next_line(void *arg, void *buf, size_t size)
{
    int *line = arg;
    return *line == LINES ? 0 : snprintf(buf, size, "line %06d\n", (*line)++);
}

static int upload(bide_session *session, const char *photo)
{
    int line = 0;
    bide_auto(multipart) form = bide_multipart_new(NULL);
    bide_multipart_text(form, "title", "At the sea");
    bide_multipart_file(form, "photo", photo);
    bide_multipart_add(form, "log", .source = next_line, .source_arg = &line,
                       .filename = "today.log", .type = "text/plain");
    bide_auto(response) response = bide_post(session, "/upload", .multipart = form);
    if (bide_response_check(response) < 0)      /* what went wrong with a part is told here */
        return bide_errcode();
    const char *text = bide_response_text(response, NULL);
    return text ? printf("%s", text) : bide_errcode();
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
    char photo[300];
    snprintf(photo, sizeof photo, "%s/sea.jpg", bide_temp_dir_path(dir));
    if (bide_file_save(photo, "not much of a photo", 19) < 0)
        return bide_errcode();
    int rc = upload(session, photo);
    return rc < 0 ? rc : 0;
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
