/* What comes from threads that know nothing of tasks: one result, and many.  In Python:
 *
 *     loop.call_soon_threadsafe(future.set_result, x)
 *     asyncio.run_coroutine_threadsafe(queue.put(x), loop).result()
 *
 * A promise is settled, and a queue with .threads = true is filled, from any thread. */
#include <bide.h>
#include <pthread.h>
#include <stdio.h>

struct sensor { bide_promise *ready; bide_queue *values; };

/* Some library's thread.  A full queue blocks it, which is all the flow control there is. */
static void *measure(void *arg)
{
    struct sensor *s = arg;
    double version = 2.5;
    bide_promise_set(s->ready, &version);
    bide_promise_drop(s->ready);
    for (int i = 1; i <= 5; i++) {
        double value = i * 1.5;
        if (bide_queue_put(s->values, &value) < 0)
            break;                      /* closed: nobody listens any more */
    }
    bide_queue_close(s->values);
    return NULL;
}

static int program(void *unused)
{
    double version, value;
    pthread_t thread;
    int rc;
    (void)unused;
    bide_auto(promise) ready = bide_promise_new(double);
    bide_auto(queue) values = bide_queue_new(double, 2, .threads = true);
    if (!ready || !values)
        return bide_errcode();
    struct sensor sensor = { bide_promise_hold(ready), values };
    if (pthread_create(&thread, NULL, measure, &sensor) != 0) {
        bide_promise_drop(sensor.ready);
        return bide_fail(-EAGAIN, "no thread");
    }
    if ((rc = bide_promise_wait(ready, &version)) == 0)
        printf("sensor %.1f\n", version);
    while (rc >= 0 && (rc = bide_queue_get(values, &value)) == 1)
        printf("%.1f\n", value);
    bide_queue_close_now(values);       /* if we are cancelled, the thread need not fill it */
    pthread_join(thread, NULL);
    return rc;
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
