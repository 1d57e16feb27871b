/* Services that are slow, or that fail: as they are asked to. */
#include "web/demo.h"

#include "base/memory.h"

#include <bide/task.h>

#include <string.h>

enum { FLAKY_MAX = 10000, FAILURES_MAX = 1000000 };

/* One distinct URL under /flaky. */
struct flaky {
    struct flaky *next;
    int failed;
    char target[];
};

static int delay(bide_request *req)
{
    const char *text = bide_request_param(req, "seconds");
    double seconds;
    if (!bide__demo_seconds(text, &seconds))
        return bide__demo_bad(req, text);
    int rc = bide_sleep(seconds);
    return rc < 0 ? rc : bide_respond_text(req, 200, "waited %g s\n", seconds);
}

static int status(bide_request *req)
{
    long number;
    if (!bide__demo_number(bide_request_param(req, "status"), 200, 599, &number))
        return bide__demo_bad(req, bide_request_param(req, "status"));
    if (number == 204 || number == 304)
        return bide_respond(req, (int)number, NULL, NULL, 0);
    return bide_respond_text(req, (int)number, "status %ld\n", number);
}

static struct flaky *find_flaky(struct demo *demo, const char *target)
{
    struct flaky *flaky = demo->flaky;
    while (flaky && strcmp(flaky->target, target) != 0)
        flaky = flaky->next;
    if (flaky || demo->flaky_count == FLAKY_MAX)
        return flaky;
    flaky = bide__zalloc(sizeof *flaky + strlen(target) + 1);
    if (!flaky)
        return NULL;
    memcpy(flaky->target, target, strlen(target) + 1);
    flaky->next = demo->flaky;
    demo->flaky_count++;
    return demo->flaky = flaky;
}

/* Each distinct URL fails its own first `times` times. */
static int flaky(bide_request *req)
{
    long times;
    if (!bide__demo_number(bide_request_param(req, "times"), 0, FAILURES_MAX, &times))
        return bide__demo_bad(req, bide_request_param(req, "times"));
    struct flaky *this = find_flaky(bide_request_state(req), req->target);
    if (!this)
        return bide_respond_text(req, 503, "too many flaky URLs\n");
    if (this->failed < times) {
        this->failed++;
        return bide_respond_text(req, 503, "failed %d of %ld times\n", this->failed, times);
    }
    return bide_respond_text(req, 200, "succeeded after %d failures\n", this->failed);
}

void bide__demo_forget(struct demo *demo)
{
    while (demo->flaky) {
        struct flaky *next = demo->flaky->next;
        bide__free(demo->flaky);
        demo->flaky = next;
    }
}

const struct demo_route bide__demo_mood[] = {
    { "*", "/delay/{seconds}", delay }, { "*", "/status/{status}", status },
    { "*", "/flaky/{times}", flaky }, { NULL, NULL, NULL },
};
