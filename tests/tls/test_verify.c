/* Which certificates are refused, one kind after the other, and in which words. */
#include "sides.h"

/* A handshake with a server that shows one certificate, as the client sees it. */
struct trial {
    const char *shown, *name, *crl, *ca;
};

static struct bide_error outcome(struct certificates *c, const struct trial *trial)
{
    bide_auto(tls) server = server_tls(c, trial->shown);
    bide_auto(tls) client = bide_tls_new(
        .ca_file = certificate(c, trial->ca ? trial->ca : "root"),
        .crl_file = trial->crl ? certificate(c, trial->crl) : NULL);
    struct side s = { .tls = server };
    struct side t = { .tls = client, .opts.server_name = "example.org" };
    if (trial->name)
        t.opts.server_name = trial->name;
    CHECK(client != NULL);
    sides_meet(&s, &t);
    sides_close(&s, &t);
    return t.error;
}

static void accepted(const struct trial *trial)
{
    CERTIFICATES(c);
    struct bide_error e = outcome(c, trial);
    if (e.code)
        test_fail(__FILE__, __LINE__, "%s", e.text);
}

static void refused(const struct trial *trial, const char *sentence)
{
    CERTIFICATES(c);
    struct bide_error e = outcome(c, trial);
    CHECK_EQ(e.code, BIDE_ETLS);
    CHECK_HAS(e.text, sentence);
}
#define ACCEPTED(...) accepted(&(struct trial){ .shown = __VA_ARGS__ })
#define REFUSED(sentence, ...) refused(&(struct trial){ .shown = __VA_ARGS__ }, sentence)

TASK_TEST(a_good_chain_with_an_intermediate_is_accepted) { ACCEPTED("good"); }
TASK_TEST(a_chain_of_rsa_is_accepted) { ACCEPTED("rsa"); }
TASK_TEST(an_authority_between_may_be_the_one_that_is_trusted)
{
    ACCEPTED("good", .ca = "intermediate");
}
TASK_TEST(the_case_of_a_name_and_its_last_dot_do_not_matter)
{
    ACCEPTED("good", .name = "EXAMPLE.Org.");
}
TASK_TEST(an_address_is_verified_by_its_own_kind_of_name)
{
    ACCEPTED("good", .name = "127.0.0.1");
    ACCEPTED("good", .name = "::1");
    ACCEPTED("good", .name = "[::1]");
    REFUSED("tls: 127.0.0.2: the certificate is for example.org, localhost, 127.0.0.1 and 1 more, "
            "not for 127.0.0.2", "good", .name = "127.0.0.2");
}
TASK_TEST(a_certificate_that_has_expired_is_refused)
{
    REFUSED("tls: example.org: the certificate has expired on 20", "expired");
}
TASK_TEST(a_certificate_that_is_not_yet_valid_is_refused)
{
    REFUSED("tls: example.org: the certificate is not valid before 20", "early");
}
TASK_TEST(a_certificate_for_another_name_is_refused)
{
    REFUSED("tls: example.org: the certificate is for other.example, not for example.org", "other");
}
TASK_TEST(a_certificate_signed_by_itself_is_refused)
{
    REFUSED("tls: example.org: the certificate is self-signed", "self");
}
TASK_TEST(a_certificate_of_an_unknown_authority_is_refused)
{
    REFUSED("tls: example.org: the certificate is signed by an authority that is not known here, "
            "'unknown-root'", "unknown");
}
TASK_TEST(a_certificate_that_was_revoked_is_refused)
{
    REFUSED("tls: example.org: the certificate was revoked", "revoked", .crl = "crl");
    ACCEPTED("direct", .crl = "crl");
    ACCEPTED("good", .crl = "crl");
}
TASK_TEST(where_there_is_no_list_of_its_authority_a_certificate_could_have_been_revoked)
{
    REFUSED("could have been revoked: there is no list (CRL) of 'constrained'", "inside",
            .name = "a.allowed.example", .crl = "crl");
}
TASK_TEST(a_certificate_for_clients_only_is_refused)
{
    REFUSED("tls: example.org: the certificate may not be used for servers", "client");
}
TASK_TEST(a_name_outside_of_an_authoritys_constraints_is_refused)
{
    REFUSED("tls: example.org: the certificate is against the name constraints of 'constrained'",
            "outside");
    ACCEPTED("inside", .name = "a.allowed.example");
}
TASK_TEST(a_wildcard_stands_for_one_whole_label)
{
    ACCEPTED("wildcard", .name = "a.example.org");
    REFUSED("is for *.example.org, not for a.b.example.org", "wildcard", .name = "a.b.example.org");
    REFUSED("is for *.example.org, not for example.org", "wildcard", .name = "example.org");
    REFUSED("is for w*.example.org, not for www.example.org", "partial", .name = "www.example.org");
}
TASK_TEST(a_common_name_is_not_looked_at)
{
    REFUSED("tls: example.org: the certificate has no subjectAltName for example.org; its common "
            "name 'example.org' is not looked at", "common");
}
