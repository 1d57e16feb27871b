/* Asking the name servers, by c-ares.
 *
 * A look-up is a task in a group of its own, with a channel of its own.  c-ares makes and reads the
 * messages, keeps to UDP until an answer is cut and then goes over to TCP; this file decides whom
 * to ask, how long to wait, and when to give up.  For c-ares can neither be told the time (its
 * clock is the system's, a loop's may jump) nor end one of its questions alone; with one channel
 * a question, ending it is closing the channel.  It also means that /etc/resolv.conf is read at
 * each look-up that really asks: a laptop in a new network needs no restart, an idle loop holds
 * no socket, and less than 0.1 ms is little beside a name server's answer.
 *
 * Each name that the search list makes is asked for both halves side by side, so that both come
 * from the same one.  What c-ares wants to hear of a socket, a task per direction waits for. */
#define CARES_NO_DEPRECATED     /* what both 1.18 and 1.34 have */
#include "base/memory.h"
#include "net/negative.h"
#include "net/resolver.h"
#include <ares.h>
#include <bide/sync.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum { CLASS_IN = 1, TYPE_A = 1, TYPE_AAAA = 28 };
enum { SOCKETS_MAX = 8, SEARCH_MAX = 8, STACK = 1 << 17, NEVER_MS = 1 << 30 };
/* RFC 8305, section 3. */
static const double resolution_delay = 0.05;

enum reply_kind { NO_REPLY, FAILED, NO_NAME, NO_DATA, ADDRESSES };
struct look_up;
/* One half's question and what has come of it, for the name that is being tried. */
struct reply {
    struct look_up *look_up;
    int half;
    bool asked, published;
    enum reply_kind kind;
    int status;                 /* c-ares's */
    double ttl;
    struct bide_addresses found;
};
struct look_up {
    struct question question;   /* first */
    bide_group *group;          /* owned by this */
    bide_group *watchers;       /* of the server that is being asked */
    bide_event news;
    ares_channel channel;
    struct reply replies[HALVES];
    struct { int fd; bool reading, writing; } sockets[SOCKETS_MAX];
    double timeout;
    int tries, server_count;
    struct bide_address servers[SERVERS_MAX];
    char *search;               /* NULL: the system's */
    char text[HOST_SIZE];       /* the name that was asked for */
    char tried[2 * HOST_SIZE];  /* with a domain behind it */
};

/* ---- sockets ---- */

struct watcher { struct look_up *look_up; int fd, events; bool *wanted; };

/* c-ares says when it no longer wants to hear of a descriptor, and forgetting it ends this. */
static int watch(void *arg)
{
    struct watcher *w = arg;
    int rc = 0;
    while (*w->wanted && (rc = bide_fd_wait(w->fd, w->events)) > 0)
        ares_process_fd(w->look_up->channel, w->events & POLLIN ? w->fd : ARES_SOCKET_BAD,
                        w->events & POLLOUT ? w->fd : ARES_SOCKET_BAD);
    bool is_end = rc == BIDE_ECLOSED || rc == BIDE_ECANCELED || rc == BIDE_EBUSY;
    return rc > 0 || is_end ? 0 : rc;
}

static void want(struct look_up *l, int fd, int events, bool *wanted, bool now)
{
    struct watcher w = { l, fd, events, wanted };
    bool before = *wanted;
    *wanted = now;
    if (now && !before)
        bide_spawn(l->watchers, watch, &w, .copy = sizeof w, .stack_size = STACK);
}

/* From c-ares: what it wants to hear of a socket; neither: it is about to close it. */
static void socket_state(void *arg, ares_socket_t fd, int readable, int writable)
{
    struct look_up *l = arg;
    int at = 0, free_place = -1;
    for (; at < SOCKETS_MAX && l->sockets[at].fd != fd; at++)
        if (l->sockets[at].fd < 0)
            free_place = at;
    if (at == SOCKETS_MAX && (at = free_place) < 0)
        return;                 /* more than it ever has; the question times out */
    l->sockets[at].fd = readable || writable ? fd : -1;
    bide__loop()->fds.operations++;         /* the jumping clock waits for what may be on its way */
    if (!readable && !writable)
        bide_fd_forget(fd);
    want(l, fd, POLLIN, &l->sockets[at].reading, readable);
    want(l, fd, POLLOUT, &l->sockets[at].writing, writable);
}

/* ---- answers ---- */

static void add(struct reply *r, int family, const void *number, int ttl)
{
    struct bide_address *a = &r->found.list[r->found.count++];
    memset(a, 0, sizeof *a);
    a->is.any.sa_family = (sa_family_t)family;
    if (family == AF_INET)
        memcpy(&a->is.v4.sin_addr, number, sizeof a->is.v4.sin_addr);
    else
        memcpy(&a->is.v6.sin6_addr, number, sizeof a->is.v6.sin6_addr);
    a->size = family == AF_INET ? sizeof a->is.v4 : sizeof a->is.v6;
    if (r->found.count == 1 || ttl < r->ttl)
        r->ttl = ttl;
}

static int read_v4(struct reply *r, const unsigned char *message, int size)
{
    struct ares_addrttl list[BIDE_ADDRESSES_MAX];
    int count = BIDE_ADDRESSES_MAX;
    int status = ares_parse_a_reply(message, size, NULL, list, &count);
    for (int i = 0; status == ARES_SUCCESS && i < count; i++)
        add(r, AF_INET, &list[i].ipaddr, list[i].ttl);
    return status;
}

static int read_v6(struct reply *r, const unsigned char *message, int size)
{
    struct ares_addr6ttl list[BIDE_ADDRESSES_MAX];
    int count = BIDE_ADDRESSES_MAX;
    int status = ares_parse_aaaa_reply(message, size, NULL, list, &count);
    for (int i = 0; status == ARES_SUCCESS && i < count; i++)
        add(r, AF_INET6, &list[i].ip6addr, list[i].ttl);
    return status;
}

static enum reply_kind kind_of(const struct reply *r)
{
    switch (r->status) {
    case ARES_SUCCESS: return r->found.count ? ADDRESSES : NO_DATA;
    case ARES_ENODATA: return NO_DATA;
    case ARES_ENOTFOUND: return NO_NAME;
    default: return FAILED;
    }
}

/* From c-ares: an answer, or why there is none. */
static void came(void *arg, int status, int timeouts, unsigned char *message, int size)
{
    struct reply *r = arg;
    (void)timeouts;
    r->asked = false;
    if (status == ARES_ECANCELLED || status == ARES_EDESTRUCTION)
        return;                 /* by us */
    r->found.count = 0;
    r->ttl = 0;
    if (status == ARES_SUCCESS)
        status = (r->half == HALF_V4 ? read_v4 : read_v6)(r, message, size);
    r->status = status == ARES_SUCCESS && !r->found.count ? ARES_ENODATA : status;
    r->kind = kind_of(r);
    if ((r->kind == NO_NAME || r->kind == NO_DATA) && message && size > 0)
        r->ttl = bide__negative_ttl(message, (size_t)size);
    bide_event_set(&r->look_up->news);
}

static void publish_one(struct look_up *l, struct reply *r)
{
    r->published = true;
    if (r->kind == ADDRESSES) {
        unsigned rank = bide__addresses_sort(r->found.list, r->found.count);
        bide__resolver_answer(&l->question, r->half, &r->found, rank, r->ttl);
        return;
    }
    bide__resolver_refuse(&l->question, r->half,
                          r->status == ARES_ENOMEM ? BIDE_ENOMEM : BIDE_EDNS,
                          ares_strerror(r->status), r->ttl);
}

static bool found_some(const struct look_up *l)
{
    return l->replies[HALF_V4].kind == ADDRESSES || l->replies[HALF_V6].kind == ADDRESSES;
}

/* Addresses at once; that there are none only at the end, for another name may be tried. */
static void publish(struct look_up *l)
{
    for (int i = 0; i < HALVES; i++)
        if (l->replies[i].kind == ADDRESSES && !l->replies[i].published)
            publish_one(l, &l->replies[i]);
}

/* ---- one server ---- */

static bool is_asking(const struct look_up *l)
{
    return l->replies[HALF_V4].asked || l->replies[HALF_V6].asked;
}

/* Since one half has addresses, those who wait for both wait no longer than this. */
static int wait_for_other_half(struct look_up *l)
{
    BIDE_TIMEOUT(delay, resolution_delay);
    int rc = bide_event_wait(&l->news);
    if (bide_scope_result(delay, rc) != BIDE_ETIMEDOUT)
        return rc;
    if (l->question.name) {
        l->question.name->late = true;
        bide__name_tell(l->question.name);
    }
    return 0;
}

static bool has_addresses(const struct name *n)
{
    return n->half[HALF_V4].count || n->half[HALF_V6].count;
}

static int wait_for_news(struct look_up *l)
{
    const struct name *n = l->question.name;
    int rc = has_addresses(n) && !n->late ? wait_for_other_half(l) : bide_event_wait(&l->news);
    if (rc < 0 || !l->question.name)
        return BIDE_ECANCELED;
    bide_event_clear(&l->news);
    publish(l);
    return 0;
}

static void set_server(struct look_up *l, int number)
{
    const struct bide_address *a = &l->servers[number];
    struct ares_addr_port_node node = { .family = a->is.any.sa_family };
    if (l->server_count == 0)
        return;
    if (node.family == AF_INET)
        memcpy(&node.addr.addr4, &a->is.v4.sin_addr, sizeof node.addr.addr4);
    else
        memcpy(&node.addr.addr6, &a->is.v6.sin6_addr, sizeof node.addr.addr6);
    node.udp_port = node.tcp_port = ntohs(a->is.v4.sin_port);
    ares_set_servers_ports(l->channel, &node);
}

static void send_questions(struct look_up *l)
{
    static const int types[] = { [HALF_V4] = TYPE_A, [HALF_V6] = TYPE_AAAA };
    for (int i = 0; i < HALVES; i++) {
        struct reply *r = &l->replies[i];
        if (!(l->question.halves & 1u << i) || r->kind > FAILED)
            continue;
        r->kind = NO_REPLY;
        r->asked = true;
        ares_query(l->channel, l->tried, CLASS_IN, types[i], came, r);
    }
}

static bool is_refused(const struct reply *r)
{
    return r->kind == FAILED && r->status == ARES_ECONNREFUSED;
}

/* Nobody is there: the system tells this only once, to whichever half called it next. */
static bool is_gone(const struct look_up *l)
{
    return is_refused(&l->replies[HALF_V4]) || is_refused(&l->replies[HALF_V6]);
}

/* Who has not answered has failed. */
static void give_up_waiting(struct look_up *l, int status)
{
    for (int i = 0; i < HALVES; i++)
        if (l->replies[i].asked) {
            l->replies[i].kind = FAILED;
            l->replies[i].status = status;
        }
}

/* Asks one server for what is still unknown, both halves at once: 0, or < 0 to stop. */
static int ask_server(struct look_up *l, int number, double seconds)
{
    BIDE_TIMEOUT(limit, seconds);
    BIDE_GROUP(watchers);
    l->watchers = watchers;
    set_server(l, number);
    send_questions(l);
    int rc = 0;
    while (rc == 0 && is_asking(l) && !is_gone(l))
        rc = wait_for_news(l);
    publish(l);
    rc = bide_scope_result(limit, rc);
    if (rc == BIDE_ETIMEDOUT || is_gone(l))
        give_up_waiting(l, is_gone(l) ? ARES_ECONNREFUSED : ARES_ETIMEOUT);
    ares_cancel(l->channel);    /* closes its sockets, and so ends the watchers */
    bide_group_cancel(watchers);        /* also where it keeps one */
    bide_task *failed = NULL;
    if (bide_group_failures(watchers, &failed, 1))
        return failed ? bide_task_result(failed) : BIDE_ENOMEM;
    return rc == BIDE_ETIMEDOUT ? 0 : rc;
}

/* ---- one name, by all servers ---- */

static bool is_answered(const struct look_up *l)
{
    for (int i = 0; i < HALVES; i++)
        if (l->question.halves & 1u << i && l->replies[i].kind <= FAILED)
            return false;
    return true;
}

/* For one half alone, that nobody waits for, nobody is asked again. */
static bool is_wanted(const struct look_up *l)
{
    return l->question.name && (!found_some(l) || l->question.name->waiters.head);
}

static int ask_servers(struct look_up *l)
{
    int count = l->server_count ? l->server_count : 1, rc = 0;
    double seconds = l->timeout;
    for (int i = 0; i < HALVES; i++)
        l->replies[i].kind = NO_REPLY;
    for (int i = 0; i < l->tries && rc == 0; i++) {
        for (int j = 0; j < count && rc == 0 && !is_answered(l); j++) {
            if ((i || j) && !is_wanted(l))
                return 0;
            rc = ask_server(l, j, seconds);
        }
        seconds *= 2;
    }
    return rc;
}

/* ---- the names that the search list makes ---- */

/* With one half alone, "no such data" says that this was the name that the other half had. */
static bool is_settled(const struct look_up *l)
{
    enum reply_kind best = NO_REPLY;
    for (int i = 0; i < HALVES; i++) {
        if (l->replies[i].kind == FAILED)
            return true;
        if (l->replies[i].kind > best)
            best = l->replies[i].kind;
    }
    return best == ADDRESSES || (best == NO_DATA && l->question.halves != BOTH_HALVES);
}

static int ask_name(struct look_up *l, const char *domain)
{
    size_t size = strlen(l->text) + strlen(domain) + 1;
    if (*domain && size >= HOST_SIZE)
        return 0;
    snprintf(l->tried, sizeof l->tried, *domain ? "%s.%s" : "%s", l->text, domain);
    return ask_servers(l);
}

static int ask_domains(struct look_up *l, char **domains, int count)
{
    int rc = 0;
    for (int i = 0; i < count && rc == 0 && !is_settled(l); i++)
        rc = ask_name(l, domains[i]);
    return rc;
}

static int count_dots(const char *text)
{
    int dots = 0;
    for (; *text; text++)
        dots += *text == '.';
    return dots;
}

/* A name with dots is tried as it is and then with the domains; one without the other way round;
 * one that ends in a dot only as it is. */
static int ask_all(struct look_up *l, char **domains, int count, int dots)
{
    size_t size = strlen(l->text);
    if (l->text[size - 1] == '.')
        count = 0;
    bool first = count == 0 || count_dots(l->text) >= dots;
    int rc = first ? ask_name(l, "") : 0;
    if (rc == 0)
        rc = ask_domains(l, domains, count);
    if (rc == 0 && !first && !is_settled(l))
        rc = ask_name(l, "");
    return rc;
}

static int split_search(char *text, char **domains)
{
    char *state;
    int count = 0;
    for (char *word = strtok_r(text, " \t,", &state); word && count < SEARCH_MAX;
         word = strtok_r(NULL, " \t,", &state))
        domains[count++] = word;
    return count;
}

/* By the domains that were set, or those that c-ares has found in the system's files. */
static int ask_by_search_list(struct look_up *l)
{
    struct ares_options options;
    char *domains[SEARCH_MAX];
    int mask;
    if (l->search)
        return ask_all(l, domains, split_search(l->search, domains), 1);
    memset(&options, 0, sizeof options);
    if (ares_save_options(l->channel, &options, &mask) != ARES_SUCCESS)
        return ask_all(l, domains, 0, 1);
    int rc = ask_all(l, options.domains, options.ndomains, options.ndots);
    ares_destroy_options(&options);
    return rc;
}

/* ---- a look-up ---- */

/* The system's servers, one by one, so that they can be asked in turn. */
static void find_servers(struct look_up *l)
{
    struct ares_addr_port_node *list;
    if (l->server_count || ares_get_servers_ports(l->channel, &list) != ARES_SUCCESS)
        return;
    for (const struct ares_addr_port_node *s = list; s && l->server_count < SERVERS_MAX;
         s = s->next) {
        struct bide_address *a = &l->servers[l->server_count++];
        a->is.any.sa_family = (sa_family_t)s->family;
        if (s->family == AF_INET)
            memcpy(&a->is.v4.sin_addr, &s->addr.addr4, sizeof s->addr.addr4);
        else
            memcpy(&a->is.v6.sin6_addr, &s->addr.addr6, sizeof s->addr.addr6);
        bide__address_set_port(a, s->udp_port ? (uint16_t)s->udp_port : 53);
    }
    ares_free_data(list);
    if (l->server_count == 1)
        l->server_count = 0;    /* stays as it is, with its interface if it has one */
}

static void start_library(void)
{
    ares_library_init(ARES_LIB_INIT_ALL);
}

/* The times are ours: c-ares is to wait for ever, and to try once. */
static int open_channel(struct look_up *l)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    char lookups[] = "b";       /* the name servers alone */
    struct ares_options options = { .flags = ARES_FLAG_NOCHECKRESP, .timeout = NEVER_MS,
                                    .tries = 1, .lookups = lookups,
                                    .sock_state_cb = socket_state, .sock_state_cb_data = l };
    int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS |
               ARES_OPT_SOCK_STATE_CB;
#ifdef ARES_OPT_QUERY_CACHE
    mask |= ARES_OPT_QUERY_CACHE;       /* 0: none, the cache is ours */
#endif
    pthread_once(&once, start_library);
    int status = ares_init_options(&l->channel, &options, mask);
    if (status == ARES_SUCCESS)
        find_servers(l);
    return status;
}

static void publish_rest(struct look_up *l)
{
    for (int i = 0; i < HALVES; i++) {
        struct reply *r = &l->replies[i];
        if (l->question.halves & 1u << i && !r->published && r->kind > FAILED)
            publish_one(l, r);
    }
}

/* Why what is missing is missing. */
static void end_question(struct look_up *l, int rc, int status)
{
    for (int i = 0; i < HALVES; i++)
        if (l->replies[i].kind == FAILED)
            status = l->replies[i].status;
    if (status == ARES_ENOMEM)
        rc = BIDE_ENOMEM;
    if (rc < 0 && rc != BIDE_ECANCELED)
        bide__resolver_end(&l->question, rc, bide_strerror(rc));
    else
        bide__resolver_end(&l->question, BIDE_EDNS,
                           rc < 0 ? "the look-up was ended" : ares_strerror(status));
}

/* A task: asks, answers, ends. */
static int look_up(void *arg)
{
    struct look_up *l = arg;
    int status = open_channel(l), rc = 0;
    if (status == ARES_SUCCESS) {
        rc = ask_by_search_list(l);
        publish_rest(l);
        ares_destroy(l->channel);
    }
    end_question(l, rc, status);
    bide_group_close(l->group);
    return 0;
}

static void free_look_up(void *arg)
{
    struct look_up *l = arg;
    bide__free(l->search);
    bide__free(l);
}

static void stop(struct question *q)
{
    bide_group_close(((struct look_up *)(void *)q)->group);
}

static struct look_up *new_look_up(const struct resolver *r, struct name *n, unsigned halves)
{
    struct look_up *l = bide__zalloc(sizeof *l);
    if (!l)
        return NULL;
    l->question = (struct question){ .name = n, .halves = halves, .stop = stop };
    l->timeout = r->timeout;
    l->tries = r->tries;
    l->server_count = r->server_count;
    memcpy(l->servers, r->servers, sizeof l->servers);
    memcpy(l->text, n->text, strlen(n->text) + 1);
    for (int i = 0; i < HALVES; i++)
        l->replies[i] = (struct reply){ .look_up = l, .half = i };
    for (int i = 0; i < SOCKETS_MAX; i++)
        l->sockets[i].fd = -1;
    if (!r->search || (l->search = bide__copy_text(r->search, strlen(r->search))))
        return l;
    bide__free(l);
    return NULL;
}

int bide__ask_servers(struct resolver *r, struct name *n, unsigned halves)
{
    struct look_up *l = new_look_up(r, n, halves);
    if (!l)
        return bide_fail(BIDE_ENOMEM, "dns: %s: out of memory", n->text);
    l->group = bide_group_open("resolver", free_look_up, l);
    if (!l->group) {
        int rc = bide_errcode();
        free_look_up(l);
        return bide_within("dns: %s", n->text), rc;
    }
    ((struct owned_group *)(void *)l->group)->background = true;
    int rc = bide_spawn(l->group, look_up, l, .name = "resolver", .stack_size = STACK);
    if (rc < 0) {
        bide_group_close(l->group);
        return bide_within("dns: %s", n->text);
    }
    for (int i = 0; i < HALVES; i++)
        if (halves & 1u << i)
            n->half[i].asking = &l->question;
    return 0;
}
