/* Looking up several names at once, each within two seconds.
 *
 *     results = await asyncio.gather(*(loop.getaddrinfo(n, 80) for n in names),
 *                                    return_exceptions=True)
 *
 * Numbers and names of this machine are known at once; others are asked of the name servers
 * side by side, and remembered for as long as these say. */
#include <bide.h>
#include <stdio.h>

struct look_up { const char *name; int family; struct bide_addresses found; };

static int look_up(void *arg)
{
    struct look_up *l = arg;
    BIDE_TIMEOUT(limit, 2);
    int rc = bide_resolve(l->name, &l->found, .port = 80, .family = l->family);
    return bide_scope_result(limit, rc);
}

static void print(const struct bide_call *call)
{
    const struct look_up *l = call->arg;
    char text[BIDE_ADDRESS_TEXT];
    if (call->rc < 0) {
        printf("%s\n", call->error.text);
        return;
    }
    printf("%s:", l->name);
    for (int i = 0; i < l->found.count; i++)
        printf(" %s", bide_address_text(&l->found.list[i], text));
    printf("\n");
}

enum { NAMES = 5 };

static int program(void *unused)
{
    (void)unused;
    struct look_up names[NAMES] = {
        { .name = "localhost" }, { .name = "localhost", .family = AF_INET6 },
        { .name = "192.0.2.7" }, { .name = "2001:db8::7" }, { .name = "nobody.invalid" },
    };
    struct bide_call calls[NAMES];
    for (int i = 0; i < NAMES; i++)
        calls[i] = (struct bide_call){ .fn = look_up, .arg = &names[i] };
    int rc = bide_gather_all(calls, NAMES);
    for (int i = 0; i < NAMES; i++)
        print(&calls[i]);
    return rc;
}

int main(void)
{
    return bide_run(program, NULL, .stop_on_signal = true) < 0;
}
