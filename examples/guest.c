/* A host with a loop of its own, here poll(2) and a counter, lets bide live in it: it watches one
 * descriptor and steps the guest.  Between the steps it may hand the guest something to do. */
#include <bide.h>
#include <poll.h>
#include <stdio.h>

static bide_queue *orders;

static int serve_orders(void *unused)
{
    (void)unused;
    int order, rc;
    while ((rc = bide_queue_get(orders, &order)) == 1) {
        if ((rc = bide_sleep(0.01)) < 0)        /* other tasks run, and so does the host */
            return rc;
        printf("guest: order %d is done\n", order);
    }
    return rc;
}

/* What the host's own loop would call on a click. */
static void on_click(int clicks)
{
    if (clicks == 3)
        bide_queue_close(orders);
    else if (bide_queue_put_nowait(orders, &clicks) == 0)
        printf("host: click %d\n", clicks);
}

int main(void)
{
    int timeout_ms, rc, clicks = 0;
    orders = bide_queue_new(int, 10);
    if (bide_guest_start(serve_orders, NULL) < 0)
        return 1;
    while (bide_guest_step(&timeout_ms, &rc)) {
        struct pollfd guest = { .fd = bide_guest_fd(), .events = POLLIN };
        if (timeout_ms < 0)                     /* the guest has nothing to do */
            on_click(++clicks);
        else
            poll(&guest, 1, timeout_ms);
    }
    puts("host: the guest has left");
    bide_queue_free(orders);
    return rc < 0;
}
