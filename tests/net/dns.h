/* tests/net/dns.h -- a name server in a task, on a loopback port, that does as its rules say. */
#ifndef NET_DNS_H
#define NET_DNS_H
#include "net/both.h"

#include <arpa/inet.h>
#include <bide/resolve.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Rules name what they need. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

enum { DNS_A = 1, DNS_CNAME = 5, DNS_SOA = 6, DNS_AAAA = 28 };
enum dns_kind { DNS_ANSWER, DNS_NXDOMAIN, DNS_NODATA, DNS_SERVFAIL, DNS_REFUSED, DNS_SILENT,
                DNS_CUT, DNS_GARBAGE };
/* The first that fits counts; none: NXDOMAIN without SOA. */
struct dns_rule {
    const char *name;
    int type;                   /* 0: both */
    const char *numbers;        /* "1.2.3.4 1.2.3.5" */
    uint32_t ttl;
    enum dns_kind kind;
    double delay;
    const char *alias;          /* a CNAME before the addresses */
    uint32_t alias_ttl;
    uint32_t minimum;           /* with a SOA record of this and ttl */
    uint32_t ttl_step;          /* each further address has so much less */
};
struct dns {
    const struct dns_rule *rules;
    int fd;
    bide_listener *tcp;
    char address[32];
    int asked, asked_a, asked_aaaa, by_tcp;
    char last[256];             /* the name that was asked for last */
};

struct dns_question {
    uint8_t message[512];
    size_t size, header;        /* header: with the question */
    char name[256];
    int type;
};

static inline bool dns_read(struct dns_question *q)
{
    size_t at = 12, to = 0;
    if (q->size < 17)
        return false;
    for (; at < q->size && q->message[at]; at += q->message[at] + 1u) {
        if (to)
            q->name[to++] = '.';
        memcpy(q->name + to, q->message + at + 1, q->message[at]);
        to += q->message[at];
    }
    q->name[to] = '\0';
    q->type = q->message[at + 2];
    q->header = at + 5;
    return true;
}

static inline const struct dns_rule *dns_rule_for(const struct dns *d, const struct dns_question *q)
{
    static const struct dns_rule none = { .kind = DNS_NXDOMAIN };
    for (const struct dns_rule *r = d->rules; r && r->name; r++)
        if (strcmp(r->name, q->name) == 0 && (!r->type || r->type == q->type))
            return r;
    return &none;
}

static inline size_t dns_put(uint8_t *to, uint32_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        to[i] = (uint8_t)(value >> 8 * (bytes - 1 - i));
    return (size_t)bytes;
}

static inline size_t dns_put_name(uint8_t *to, const char *name)
{
    size_t at = 0;
    while (*name) {
        size_t size = strcspn(name, ".");
        to[at++] = (uint8_t)size;
        memcpy(to + at, name, size);
        at += size;
        name += size + (name[size] == '.');
    }
    to[at++] = 0;
    return at;
}

/* A record that belongs to the name at `owner`. */
static inline size_t dns_put_record(uint8_t *to, size_t owner, int type, uint32_t ttl,
                                    const void *data, size_t size)
{
    size_t at = dns_put(to, 0xc000 | (uint32_t)owner, 2);
    at += dns_put(to + at, (uint32_t)type, 2);
    at += dns_put(to + at, 1, 2);
    at += dns_put(to + at, ttl, 4);
    at += dns_put(to + at, (uint32_t)size, 2);
    memcpy(to + at, data, size);
    return at + size;
}

/* Answers into m; its size. */
static inline size_t dns_answer(const struct dns_question *q, const struct dns_rule *r,
                                bool by_tcp, uint8_t m[4000])
{
    static const int codes[] = { [DNS_NXDOMAIN] = 3, [DNS_SERVFAIL] = 2, [DNS_REFUSED] = 5,
                                 [DNS_GARBAGE] = 0 };
    size_t at = q->header, owner = 12;
    uint32_t answers = 0, authorities = 0;
    int code = r->kind == DNS_CUT || r->kind == DNS_GARBAGE ? 0 : codes[r->kind];
    bool cut = r->kind == DNS_CUT && !by_tcp;
    bool full = (r->kind == DNS_ANSWER || r->kind == DNS_CUT) && !cut;
    memcpy(m, q->message, at);
    if (full && r->alias) {
        uint8_t alias[256];
        size_t size = dns_put_name(alias, r->alias);
        size_t end = at + dns_put_record(m + at, owner, DNS_CNAME, r->alias_ttl, alias, size);
        owner = end - size;
        at = end;
        answers++;
    }
    for (const char *n = full && r->numbers ? r->numbers : ""; *n; n += strspn(n, " ")) {
        char number[INET6_ADDRSTRLEN] = "";
        uint8_t bytes[16];
        size_t size = strcspn(n, " ");
        memcpy(number, n, size);
        n += size;
        int family = strchr(number, ':') ? AF_INET6 : AF_INET;
        if ((family == AF_INET6) != (q->type == DNS_AAAA))
            continue;
        CHECK_EQ(inet_pton(family, number, bytes), 1);
        at += dns_put_record(m + at, owner, q->type, r->ttl - answers * r->ttl_step, bytes,
                             family == AF_INET ? 4 : 16);
        answers++;
    }
    if (r->minimum) {
        uint8_t soa[64];
        size_t size = dns_put_name(soa, "ns");
        size += dns_put_name(soa + size, "root");
        for (int i = 0; i < 4; i++)
            size += dns_put(soa + size, 1, 4);
        size += dns_put(soa + size, r->minimum, 4);
        at += dns_put_record(m + at, 12, DNS_SOA, r->ttl, soa, size);
        authorities = 1;
    }
    m[2] = (uint8_t)(0x81 | (cut ? 2 : 0));
    m[3] = (uint8_t)(0x80 | code);
    dns_put(m + 6, answers, 2);
    dns_put(m + 8, authorities, 2);
    dns_put(m + 10, 0, 2);
    if (r->kind == DNS_GARBAGE)
        memset(m + 12, 0xff, at - 12);
    return at;
}

struct dns_reply {
    struct dns *dns;
    struct sockaddr_in from;
    struct dns_question question;
};

static inline int dns_reply_later(void *arg)
{
    struct dns_reply *r = arg;
    const struct dns_rule *rule = dns_rule_for(r->dns, &r->question);
    uint8_t m[4000];
    if (rule->kind == DNS_SILENT || (rule->delay > 0 && bide_sleep(rule->delay) < 0))
        return 0;
    size_t size = dns_answer(&r->question, rule, false, m);
    ssize_t sent = sendto(r->dns->fd, m, size, 0, (struct sockaddr *)&r->from, sizeof r->from);
    (void)sent;
    return 0;
}

static inline void dns_count(struct dns *d, const struct dns_question *q)
{
    d->asked++;
    d->asked_a += q->type == DNS_A;
    d->asked_aaaa += q->type == DNS_AAAA;
    snprintf(d->last, sizeof d->last, "%s", q->name);
}

static inline int dns_serve_udp(void *arg)
{
    struct dns *d = arg;
    BIDE_GROUP(replies);
    while (bide_fd_wait(d->fd, POLLIN) > 0) {
        struct dns_reply r = { .dns = d };
        socklen_t size = sizeof r.from;
        ssize_t n = recvfrom(d->fd, r.question.message, sizeof r.question.message, MSG_DONTWAIT,
                             (struct sockaddr *)&r.from, &size);
        r.question.size = n > 0 ? (size_t)n : 0;
        if (!dns_read(&r.question))
            continue;
        dns_count(d, &r.question);
        bide_spawn(replies, dns_reply_later, &r, .copy = sizeof r);
    }
    return 0;
}

static inline int dns_talk_tcp(bide_stream *s, void *arg)
{
    struct dns *d = arg;
    uint8_t length[2], m[4096];
    while (bide_read_exactly(s, length, 2) == 0) {
        struct dns_question q = { .size = (size_t)length[0] << 8 | length[1] };
        if (q.size > sizeof q.message || bide_read_exactly(s, q.message, q.size) < 0 ||
            !dns_read(&q))
            return 0;
        dns_count(d, &q);
        d->by_tcp++;
        size_t size = dns_answer(&q, dns_rule_for(d, &q), true, m + 2);
        dns_put(m, (uint32_t)size, 2);
        if (bide_write(s, m, size + 2) < 0)
            return 0;
    }
    return 0;
}

static inline int dns_serve_tcp(void *arg)
{
    struct dns *d = arg;
    bide_ignore(bide_serve(d->tcp, dns_talk_tcp, d));
    return 0;
}

static inline void dns_open(struct dns *d, const struct dns_rule *rules)
{
    *d = (struct dns){ .rules = rules };
    for (int i = 0; i < 100 && !d->tcp; i++) {  /* until the number is free for both */
        struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000001) };
        socklen_t size = sizeof a;
        d->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        CHECK(d->fd >= 0 && bind(d->fd, (struct sockaddr *)&a, sizeof a) == 0);
        CHECK_EQ(getsockname(d->fd, (struct sockaddr *)&a, &size), 0);
        snprintf(d->address, sizeof d->address, "127.0.0.1:%u", ntohs(a.sin_port));
        d->tcp = bide_listen(d->address);
        if (!d->tcp)
            close(d->fd);
    }
    CHECK(d->tcp);
}

static inline void dns_close(void *arg)
{
    struct dns *d = arg;
    bide_fd_forget(d->fd);
    close(d->fd);
    bide_listener_close(d->tcp);
}

/* Declares struct dns name[1], open and served by tasks until the block ends; the loop's resolver
 * asks it. */
#define DNS(name_, ...) \
    struct dns name_[1]; \
    dns_open(name_, (const struct dns_rule[]){ __VA_ARGS__, { .name = NULL } }); \
    BIDE_DEFER(name_##_end, dns_close, name_); \
    BIDE_GROUP(name_##_group); \
    bide_spawn(name_##_group, dns_serve_udp, name_); \
    bide_spawn(name_##_group, dns_serve_tcp, name_); \
    CHECK_EQ(bide_resolver_set(name_->address, .search = "", .hosts = ""), 0)

#endif
