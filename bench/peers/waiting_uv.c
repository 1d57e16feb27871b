/* What waits with libuv, which has no tasks: a timer and its state; how much memory each takes.
 *
 *     waiting_uv memory COUNT
 */
#include "../meter.h"

#include <uv.h>

static void woken(uv_timer_t *timer)
{
    free(timer);
}

static void look(uv_timer_t *timer)
{
    int64_t *before = timer->data;
    meter_print("memory", (double)(meter_memory() - before[0]) / (double)before[1], "bytes");
    exit(0);
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    uv_timer_t last;
    int64_t before[2] = { 0, atol(argv[2]) };
    uv_timer_init(uv_default_loop(), &last);
    before[0] = meter_memory();
    for (int64_t i = 0; i < before[1]; i++) {
        uv_timer_t *timer = malloc(sizeof *timer);
        if (!timer || uv_timer_init(uv_default_loop(), timer) != 0 ||
            uv_timer_start(timer, woken, 3600000, 0) != 0)
            return 1;
    }
    last.data = before;
    uv_timer_start(&last, look, 0, 0);
    return uv_run(uv_default_loop(), UV_RUN_DEFAULT);
}
