/* The first failure in a group ends the others.  In Python:
 *
 *     try:
 *         async with asyncio.TaskGroup() as group:
 *             for path in ("/delay/5", "/status/404", "/delay/9"):
 *                 group.create_task(fetch(session, base + path))
 *     except* aiohttp.ClientError as several:
 *         for error in several.exceptions:
 */
#include "demo.h"

static bide_session *session;

static int fetch(void *path)
{
    bide_auto(response) response = bide_get(session, path);
    if (bide_response_check(response) == 0 && bide_response_text(response, NULL))
        return 0;
    if (bide_cancelled())
        puts("a sibling was cancelled");
    return bide_errcode();
}

static int fetch_all(void)
{
    BIDE_GROUP(group);
    bide_spawn(group, fetch, "/delay/5");
    bide_spawn(group, fetch, "/status/404");
    bide_spawn(group, fetch, "/delay/9");
    int rc = bide_group_wait(group);
    bide_task *failed[3];
    size_t count = bide_group_failures(group, failed, 3);
    for (size_t i = 0; i < count; i++)
        if (bide_task_result(failed[i]) == BIDE_EHTTP)
            printf("HTTP error: %s\n", bide_task_error(failed[i])->text);
    return rc == BIDE_EHTTP ? 0 : rc;           /* other failures go up, as in except* */
}

static int program(void *unused)
{
    (void)unused;
    BIDE_GROUP(server);
    const char *base = demo_start(server);
    if (!base)
        return bide_errcode();
    bide_auto(session) opened = session = bide_session_open(.base_url = base);
    double start = bide_now();
    int rc = fetch_all();
    printf("after %.0f s\n", bide_now() - start);
    return rc;
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
