/* Lines of JSON, each as soon as it has come.  In Python:
 *
 *     async for line in response.content:
 *         print(json.loads(line)["line"])
 */
#include "demo.h"
#include <string.h>

static int follow(bide_session *session, const char *path)
{
    char *line;
    ssize_t size;
    double start = bide_now();
    bide_auto(response) response = bide_get(session, path);
    if (bide_response_check(response) < 0)
        return bide_errcode();
    while ((size = bide_response_line(response, &line)) > 0) {
        int number;
        bide_auto(json) json = bide_json_parse(line, strlen(line));
        if (bide_json_get(json, "line", &number) < 0)
            return bide_errcode();
        printf("%.1f s: line %d\n", bide_now() - start, number);
    }
    return (int)size;
}

static int program(void *unused)
{
    (void)unused;
    BIDE_GROUP(server);
    const char *base = demo_start(server);
    if (!base)
        return bide_errcode();
    bide_auto(session) session = bide_session_open(.base_url = base);
    int rc = follow(session, "/stream/4?delay=0.5");
    if (rc == 0 && follow(session, "/close?chunked=1") < 0)     /* never taken for an end */
        printf("%s\n", bide_errmsg());
    return rc;
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
