/* Settings that the loops of several threads use at once, and change meanwhile. */
#include "sides.h"

enum { LOOPS = 3 };

struct shared { bide_tls *server, *client; struct certificates *c; int resumed; };

static int talk(struct shared *shared, const char *name)
{
    struct side s = { .tls = shared->server };
    struct side t = { .tls = shared->client, .opts.server_name = name };
    struct bide_tls_info info;
    char byte;
    sides_meet(&s, &t);
    if (!s.secure || !t.secure)
        return bide_fail(BIDE_ETLS, "%s; %s", s.error.text, t.error.text);
    CHECK_EQ(bide_write(s.secure, "x", 1), 0);
    CHECK_EQ(bide_read(t.secure, &byte, 1), 1);
    CHECK_EQ(bide_tls_info(t.secure, &info), 0);
    CHECK_STR(info.subject, strcmp(name, "example.org") ? "CN=other" : "CN=direct");
    if (info.resumed)
        __atomic_add_fetch(&shared->resumed, 1, __ATOMIC_RELAXED);
    sides_close(&s, &t);
    return 0;
}

/* The first loop changes what the others use. */
static int change(struct shared *shared, int round)
{
    int rc = round % 3 == 0 ? bide_tls_reload(shared->server) : 0;
    if (rc == 0 && round % 3 == 1)
        rc = bide_tls_add_certificate(shared->server, certificate(shared->c, "www"), NULL);
    if (rc == 0 && round % 10 == 2)
        rc = bide_tls_reload(shared->client);
    return rc;
}

static int use(void *arg)
{
    struct shared *shared = arg;
    int rounds = test_is_slow() ? 10 : 40, rc = 0;
    for (int i = 0; rc == 0 && i < rounds; i++) {
        if (bide_loops_index() == 0)
            rc = change(shared, i);
        if (rc == 0)
            rc = talk(shared, i % 2 ? "example.org" : "other.example");
    }
    return rc;
}

TEST(one_bide_tls_serves_the_loops_of_several_threads_and_is_changed_meanwhile)
{
    CERTIFICATES(c);
    struct shared shared = { server_tls(c, "direct"), client_tls(c), c, 0 };
    certificate(c, "www");
    CHECK_EQ(bide_tls_add_certificate(shared.server, certificate(c, "other"), NULL), 0);
    if (bide_loops(use, &shared, .count = LOOPS) < 0)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
    CHECK(shared.resumed > 0);
    bide_tls_free(shared.server);
    bide_tls_free(shared.client);
}
