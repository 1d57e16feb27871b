/* Reading the files of settings again while connections go on. */
#include "sides.h"

#include "tls/settings.h"

#include <bide/memory.h>
#include <bide/testing.h>
#include <stdlib.h>
#include <unistd.h>

enum { PATH_ROOM = CERTIFICATE_PATH };

/* A name for a certificate's file that can be made to lead elsewhere. */
struct place { char path[PATH_ROOM]; };

static void place_close(struct place *p)
{
    unlink(p->path);
}

static void lead_to(struct place *p, const char *path)
{
    unlink(p->path);
    CHECK_EQ(symlink(path, p->path), 0);
}

#define PLACE(name_, c_, file_) \
    __attribute__((cleanup(place_close))) struct place name_; \
    snprintf(name_.path, sizeof name_.path, "%s/%s", (c_)->folder, file_); \
    lead_to(&name_, "/nowhere")

static void must_reload(bide_tls *tls)
{
    if (bide_tls_reload(tls) < 0)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
}

static void start(struct side *s, struct side *t, bide_tls *server, bide_tls *client,
                  const char *name)
{
    *s = (struct side){ .tls = server };
    *t = (struct side){ .tls = client, .opts.server_name = name };
    sides_meet(s, t);
}

/* One byte each way; tickets come with it. */
static void talk(struct side *s, struct side *t)
{
    char byte;
    CHECK_EQ(bide_write(s->secure, "x", 1), 0);
    CHECK_EQ(bide_read(t->secure, &byte, 1), 1);
    CHECK_EQ(bide_write(t->secure, "y", 1), 0);
    CHECK_EQ(bide_read(s->secure, &byte, 1), 1);
}

static struct bide_tls_info info_of(bide_stream *s)
{
    struct bide_tls_info info;
    if (bide_tls_info(s, &info) < 0)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
    return info;
}

/* What a new connection is shown, and whether it was resumed. */
struct met { char subject[64]; bool resumed; };
static struct met meet(bide_tls *server, bide_tls *client, const char *name)
{
    struct side s, t;
    struct met met;
    start(&s, &t, server, client, name);
    if (!t.secure || !s.secure)
        test_fail(__FILE__, __LINE__, "%s; %s", t.error.text, s.error.text);
    talk(&s, &t);
    struct bide_tls_info info = info_of(t.secure);
    snprintf(met.subject, sizeof met.subject, "%s", info.subject);
    met.resumed = info.resumed;
    sides_close(&s, &t);
    return met;
}

TASK_TEST(new_connections_get_the_new_certificate_and_running_ones_go_on)
{
    CERTIFICATES(c);
    PLACE(site, c, "site.pem");
    struct side s, t;
    lead_to(&site, certificate(c, "direct"));
    bide_auto(tls) server = bide_tls_new(.server = true, .cert_file = site.path);
    bide_auto(tls) client = bide_tls_new(.ca_file = certificate(c, "root"), .no_resumption = true);
    start(&s, &t, server, client, "example.org");
    lead_to(&site, certificate(c, "good"));
    CHECK_STR(meet(server, client, "example.org").subject, "CN=direct");
    must_reload(server);
    CHECK_STR(meet(server, client, "example.org").subject, "CN=good");
    talk(&s, &t);
    CHECK_STR(info_of(t.secure).subject, "CN=direct");
    must_reload(server);
    talk(&s, &t);
    sides_close(&s, &t);
}

TASK_TEST(a_handshake_goes_on_with_what_it_began_with)
{
    CERTIFICATES(c);
    PLACE(site, c, "site.pem");
    lead_to(&site, certificate(c, "direct"));
    bide_auto(tls) server = bide_tls_new(.server = true, .cert_file = site.path);
    bide_auto(tls) client = client_tls(c);
    bide_stream *ends[2];
    CHECK_EQ(bide_stream_pair(ends), 0);
    struct side s = { .tls = server, .plain = ends[0] };
    struct side t = { .tls = client, .plain = ends[1], .opts.server_name = "example.org" };
    BIDE_GROUP(g);
    bide_spawn(g, side_start, &s);
    CHECK_EQ(bide_sleep(1), 0);                 /* it waits for a hello */
    lead_to(&site, certificate(c, "good"));
    must_reload(server);
    bide_spawn(g, side_start, &t);
    CHECK_EQ(bide_group_wait(g), 0);
    CHECK_STR(info_of(t.secure).subject, "CN=direct");
    sides_close(&s, &t);
}

TASK_TEST(a_reload_that_fails_changes_nothing)
{
    CERTIFICATES(c);
    PLACE(site, c, "site.pem");
    PLACE(added, c, "added.pem");
    lead_to(&site, certificate(c, "direct"));
    lead_to(&added, certificate(c, "other"));
    bide_auto(tls) server = bide_tls_new(.server = true, .cert_file = site.path);
    bide_auto(tls) client = client_tls(c);
    CHECK_EQ(bide_tls_add_certificate(server, added.path, NULL), 0);
    lead_to(&site, "/nowhere.pem");
    CHECK_EQ(bide_tls_reload(server), -ENOENT);
    CHECK_HAS(bide_errmsg(), "tls: reload: certificate: ");
    CHECK_HAS(bide_errmsg(), "site.pem: No such file or directory");
    lead_to(&site, "/etc/passwd");
    CHECK_EQ(bide_tls_reload(server), BIDE_ETLS);
    CHECK_STR(meet(server, client, "example.org").subject, "CN=direct");
    lead_to(&site, certificate(c, "good"));
    lead_to(&added, certificate(c, "common"));
    CHECK_EQ(bide_tls_reload(server), BIDE_EINVAL);
    CHECK_HAS(bide_errmsg(), "added.pem: its subjectAltName names no host");
    CHECK_STR(meet(server, client, "example.org").subject, "CN=direct");
    CHECK_STR(meet(server, client, "other.example").subject, "CN=other");
    CHECK_EQ(bide_tls_reload(NULL), BIDE_EINVAL);           /* the error held */
}

TASK_TEST(certificates_that_were_added_are_read_again)
{
    CERTIFICATES(c);
    PLACE(added, c, "added.pem");
    lead_to(&added, certificate(c, "other"));
    bide_auto(tls) server = server_tls(c, "direct");
    bide_auto(tls) client = bide_tls_new(.ca_file = certificate(c, "root"), .no_resumption = true);
    CHECK_EQ(bide_tls_add_certificate(server, added.path, NULL), 0);
    CHECK_STR(meet(server, client, "other.example").subject, "CN=other");
    lead_to(&added, certificate(c, "www"));
    must_reload(server);
    CHECK_STR(meet(server, client, "www.example.org").subject, "CN=www");
    struct side s, t;
    start(&s, &t, server, client, "other.example");
    CHECK_HAS(t.error.text, "is for example.org");          /* the first one's names */
    sides_close(&s, &t);
    CHECK_EQ(bide_tls_add_certificate(server, certificate(c, "other"), NULL), 0);
    must_reload(server);
    CHECK_STR(meet(server, client, "other.example").subject, "CN=other");
}

TASK_TEST(sessions_outlive_a_reload_of_the_server)
{
    CERTIFICATES(c);
    bide_auto(tls) server = server_tls(c, "direct");
    bide_auto(tls) client = client_tls(c);
    CHECK(!meet(server, client, "example.org").resumed);
    CHECK(meet(server, client, "example.org").resumed);
    must_reload(server);
    must_reload(server);
    CHECK(meet(server, client, "example.org").resumed);
}

TASK_TEST(a_client_that_shows_a_certificate_is_looked_at_again_after_a_reload)
{
    CERTIFICATES(c);
    bide_auto(tls) server = bide_tls_new(.server = true, .cert_file = certificate(c, "direct"),
                                         .ca_file = certificate(c, "root"));
    bide_auto(tls) client = bide_tls_new(.ca_file = certificate(c, "root"),
                                         .cert_file = certificate(c, "client"));
    CHECK(!meet(server, client, "example.org").resumed);
    CHECK(meet(server, client, "example.org").resumed);
    must_reload(server);
    CHECK(!meet(server, client, "example.org").resumed);
    CHECK(meet(server, client, "example.org").resumed);
}

TASK_TEST(a_client_reads_its_authorities_again_and_forgets_its_sessions)
{
    CERTIFICATES(c);
    PLACE(roots, c, "roots.pem");
    lead_to(&roots, certificate(c, "root"));
    bide_auto(tls) server = server_tls(c, "direct");
    bide_auto(tls) client = bide_tls_new(.ca_file = roots.path);
    meet(server, client, "example.org");
    CHECK(meet(server, client, "example.org").resumed);
    must_reload(client);
    CHECK(!meet(server, client, "example.org").resumed);
    lead_to(&roots, certificate(c, "unknown-root"));
    must_reload(client);
    struct side s, t;
    start(&s, &t, server, client, "example.org");
    CHECK_HAS(t.error.text, "not known here");
    sides_close(&s, &t);
}

TASK_TEST(a_session_of_before_a_reload_is_not_kept_after_it)
{
    CERTIFICATES(c);
    struct side s, t;
    bide_auto(tls) server = server_tls(c, "direct");
    bide_auto(tls) client = client_tls(c);
    start(&s, &t, server, client, "example.org");
    must_reload(client);
    talk(&s, &t);                               /* its tickets come now */
    sides_close(&s, &t);
    CHECK(!meet(server, client, "example.org").resumed);
}

TASK_TEST(settings_may_be_freed_before_the_connections_that_were_reloaded_over)
{
    CERTIFICATES(c);
    struct side s, t;
    bide_tls *server = server_tls(c, "direct"), *client = client_tls(c);
    start(&s, &t, server, client, "example.org");
    must_reload(server);
    must_reload(client);
    bide_tls_free(server);
    bide_tls_free(client);
    talk(&s, &t);
    sides_close(&s, &t);
}

static int change_settings(void *arg)
{
    struct certificates *c = arg;
    bide_auto(tls) tls = bide_tls_new(.server = true, .cert_file = certificate(c, "direct"));
    if (!tls)
        return bide_errcode();
    int rc = bide_tls_add_certificate(tls, certificate(c, "www"), certificate(c, "www"));
    if (rc == 0)
        rc = bide_tls_add_certificate(tls, certificate(c, "good"), NULL);
    return rc < 0 ? rc : bide_tls_reload(tls);
}

TEST(without_memory_settings_are_changed_as_a_whole_or_not_at_all)
{
    CERTIFICATES(c);
    certificate(c, "direct");
    certificate(c, "www");
    certificate(c, "good");
    if (bide_test_each_allocation(change_settings, c) < 0)
        test_fail(__FILE__, __LINE__, "%s", bide_errmsg());
}

static int allowed = -1;            /* allocations; -1: any number */
static bool may_allocate(void)
{
    return allowed < 0 || allowed-- > 0;
}
static void *scarce_alloc(size_t size)
{
    return may_allocate() ? malloc(size) : NULL;
}
static void *scarce_resize(void *memory, size_t size)
{
    return may_allocate() ? realloc(memory, size) : NULL;
}

TEST(without_memory_no_part_of_a_certificates_names_is_added)
{
    static const struct bide_allocator scarce = { scarce_alloc, scarce_resize, free };
    CHECK_EQ(bide_allocator_set(&scarce), 0);
    CERTIFICATES(c);
    const char *path = certificate(c, "www");
    bide_tls *tls = server_tls(c, "wildcard");
    bide_strmap *names = tls->material->identities.by_name;
    int rc = -1, n = 0;
    for (; rc < 0; n++) {
        allowed = n;
        rc = bide_tls_add_certificate(tls, path, NULL);
        allowed = -1;
        CHECK_EQ(rc, rc < 0 ? BIDE_ENOMEM : 0);
        CHECK_EQ(bide_strmap_count(names), rc < 0 ? 1 : 3);
    }
    CHECK(n > 5);
    bide_tls_free(tls);
    CHECK_EQ(bide_allocator_set(NULL), 0);
}
