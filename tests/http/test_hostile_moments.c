/* Servers that leave, break off or answer at the wrong moment, and those that never have enough:
 * what is sent again and what is not, and what ends it. */
#include "hostile.h"

/* ---- who leaves instead of answering ---- */

/* Answers so many requests on each connection; the one after that finds nobody. */
struct leaver { struct stand stand; int answered; bool breaks; };

static int leave(bide_stream *s, struct stand *stand)
{
    struct leaver *leaver = (struct leaver *)(void *)stand;
    for (int i = 0; stand_read(s, stand) > 0; i++) {
        if (i == leaver->answered)
            break;
        if (bide_printf(s, OK(2) "ok") < 0)
            return 0;
    }
    if (leaver->breaks)
        hostile_break(s);
    return 0;
}

/* How many requests there were when the second one met a server that leaves. */
static int requests_of(const char *method, bool no_resend, bool breaks)
{
    struct leaver leaver = { .stand.talk = leave, .answered = 1, .breaks = breaks };
    STAND(&leaver.stand);
    bide_auto(session) session = bide_session_open(.limit = 1, .retry.no_resend = no_resend);
    bide_auto(response) first = bide_get(session, leaver.stand.url);
    CHECK_STR(bide_response_text(first, NULL), "ok");
    bide_auto(response) second = bide_fetch(session, method, leaver.stand.url);
    bool idempotent = strcmp(method, "POST") != 0 && strcmp(method, "PATCH") != 0;
    if (idempotent && !no_resend) {
        CHECK_EQ(bide_response_status(second), 200);
    } else {
        CHECK_PTR(second, NULL);
        CHECK(bide_errcode() == BIDE_EEOF || bide_errcode() == -ECONNRESET);
        CHECK_EQ(bide_session_connections(session), 0);
    }
    return leaver.stand.requests;
}

TASK_TEST(what_a_kept_connection_loses_is_sent_again_if_that_does_no_harm)
{
    static const char *const safe[] = { "GET", "PUT", "DELETE", "OPTIONS", "HEAD" };
    for (int breaks = 0; breaks < 2; breaks++) {
        for (int i = 0; i < 4; i++) {
            CHECK_EQ(requests_of(safe[i], false, breaks), 3);
            CHECK_EQ(requests_of(safe[i], true, breaks), 2);
        }
        CHECK_EQ(requests_of("POST", false, breaks), 2);
        CHECK_EQ(requests_of("PATCH", false, breaks), 2);
    }
}

TASK_TEST(what_a_fresh_connection_loses_is_lost)
{
    struct leaver leaver = { .stand.talk = leave };
    STAND(&leaver.stand);
    bide_auto(session) session = bide_session_open(.limit = 1);
    struct hostile_outcome o;
    for (int i = 1; i < 4; i++) {
        hostile_ask(&o, session, leaver.stand.url, 0);
        CHECK_EQ(o.code, BIDE_EEOF);
        CHECK_HAS(o.text, "the server closed the connection without a reply");
        CHECK_EQ(leaver.stand.requests, i);
        CHECK_EQ(bide_session_connections(session), 0);
    }
}

/* Speaks while nobody has asked: what it says is nobody's answer. */
static int speak_unasked(bide_stream *s, struct stand *stand)
{
    while (stand_read(s, stand) > 0) {
        if (bide_printf(s, OK(2) "ok") < 0 || bide_sleep(1) < 0 ||
            bide_write(s, stand->reply, strlen(stand->reply)) < 0)
            break;
    }
    return 0;
}

TASK_TEST(what_comes_unasked_is_no_answer)
{
    static const char *const replies[] = {
        OK(2) "no",
        ("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
        "\r\n", "HTTP/1.1 100 Continue\r\n\r\n", "x",
    };
    for (size_t i = 0; i < sizeof replies / sizeof *replies; i++) {
        struct stand stand = { .talk = speak_unasked, .reply = replies[i] };
        STAND(&stand);
        bide_auto(session) session = bide_session_open(.limit = 1);
        for (int turn = 1; turn < 4; turn++) {
            bide_auto(response) r = bide_post(session, stand.url);
            CHECK_STR(bide_response_text(r, NULL), "ok");
            CHECK_EQ(bide_sleep(2), 0);
            CHECK_EQ(stand.requests, turn);
        }
    }
}

static const struct hostile_reply to_a_head[] = {
    MEANS("a head", OK(9), ""), MEANS("chunks announced", CHUNKED, ""),
    REFUSED("the body as well", OK(2) "no", BIDE_EHTTP, "more bytes"),
    REFUSED("chunks as well", CHUNKED "0\r\n\r\n", BIDE_EHTTP, "more bytes"),
};

TASK_TEST(who_answers_a_head_with_a_body_is_refused)
{
    struct hostile h = { .stand.talk = hostile_talk };
    STAND(&h.stand);
    bide_auto(session) session = bide_session_open(.limit = 1);
    for (size_t i = 0; i < sizeof to_a_head / sizeof *to_a_head; i++) {
        struct hostile_outcome o;
        hostile_says(&h, to_a_head[i].reply, to_a_head[i].size);
        bide_response *r = bide_head(session, h.stand.url, .timeout = 20);
        hostile_hear(&o, r, 0);
        bide_response_close(r);
        CHECK_EQ(o.code, to_a_head[i].code);
        if (o.code)
            CHECK_HAS(o.text, to_a_head[i].why);
        else
            CHECK_STR(o.text, "");
    }
}

/* ---- uploads ---- */

struct refuser {
    struct stand stand;
    size_t first;               /* bytes that come before the rest */
    size_t read;                /* of the body, before it answers */
    bool breaks;
};

static int refuse(bide_stream *s, struct stand *stand)
{
    struct refuser *refuser = (struct refuser *)(void *)stand;
    char *line, waste[4096];
    if (bide_read_until(s, "\r\n\r\n", &line) <= 0)
        return 0;
    stand->requests++;
    for (size_t left = refuser->read; left > 0;) {
        ssize_t got = bide_read(s, waste, left < sizeof waste ? left : sizeof waste);
        if (got <= 0)
            return 0;
        left -= (size_t)got;
    }
    size_t size = strlen(stand->reply);
    size_t first = refuser->first < size ? refuser->first : size;
    if (bide_write(s, stand->reply, first) < 0 || bide_sleep(1) < 0 ||
        bide_write(s, stand->reply + first, size - first) < 0)
        return 0;
    if (refuser->breaks)
        hostile_break(s);
    else
        bide_ignore(bide_sleep(100000));        /* reads no more */
    return 0;
}

static ssize_t endless(void *arg, void *buf, size_t size)
{
    (void)arg;
    memset(buf, 'x', size);
    return (ssize_t)size;
}

TASK_TEST(an_answer_that_comes_early_is_heard_however_it_comes)
{
    static const char refusal[] = "HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig";
    static const char *const before[] = { "", "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 103 Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n" };
    for (size_t i = 0; i < 3; i++)
        for (size_t first = 0; first < strlen(before[i]) + 14; first += 3) {
            char reply[200];
            snprintf(reply, sizeof reply, "%s%s", before[i], refusal);
            struct refuser refuser = { .stand = { .talk = refuse, .reply = reply },
                                       .first = first, .read = first % 2 * 100000 };
            STAND(&refuser.stand);
            bide_auto(session) session = bide_session_open(.limit = 1);
            double start = bide_now();
            bide_auto(response) r = bide_post(session, refuser.stand.url, .source = endless);
            const char *text = bide_response_text(r, NULL);
            if (!text || strcmp(text, "big") != 0 || bide_response_status(r) != 413)
                test_fail(__FILE__, __LINE__, "%zu of \"%s\" first: %s", first, reply,
                          bide_errmsg());
            CHECK_NEAR(bide_now() - start, 1, 1);
            CHECK_EQ(bide_session_connections(session), 0);
        }
}

TASK_TEST(a_connection_that_breaks_while_a_body_is_sent_is_told)
{
    for (size_t read = 0; read < 1000000; read += 300000) {
        struct refuser refuser = { .stand = { .talk = refuse, .reply = "" }, .read = read,
                                   .breaks = true };
        STAND(&refuser.stand);
        bide_auto(session) session = bide_session_open(.limit = 1);
        CHECK_PTR(bide_put(session, refuser.stand.url, .source = endless), NULL);
        CHECK(bide_errcode() == -ECONNRESET || bide_errcode() == -EPIPE ||
              bide_errcode() == BIDE_EEOF);
        CHECK_HAS(bide_errmsg(), "put http://127.0.0.1:");
        CHECK_EQ(refuser.stand.requests, 1);
        CHECK_EQ(bide_session_connections(session), 0);
    }
}

TASK_TEST(who_answers_an_expectation_without_end_is_left)
{
    struct hostile h = { .stand.talk = hostile_talk };
    char reply[20 * 25 + 1] = "";
    for (int i = 0; i < 20; i++)
        strcat(reply, "HTTP/1.1 102 Wait\r\n\r\n");
    STAND(&h.stand);
    bide_auto(session) session = bide_session_open(.limit = 1);
    hostile_says(&h, reply, strlen(reply));
    CHECK_PTR(bide_post(session, h.stand.url, .data = "hello", .data_size = 5, .timeout = 20,
                        .expect_continue = true), NULL);
    CHECK_EQ(bide_errcode(), BIDE_ELIMIT);
    CHECK_EQ(bide_session_connections(session), 0);
}

TASK_TEST(an_interim_reply_with_a_body_is_refused_before_an_upload_too)
{
    static const char reply[] = "HTTP/1.1 100 Go\r\nContent-Length: 2\r\n\r\n" OK(2) "no";
    struct hostile h = { .stand.talk = hostile_talk };
    STAND(&h.stand);
    bide_auto(session) session = bide_session_open(.limit = 1);
    hostile_says(&h, reply, strlen(reply));
    CHECK_PTR(bide_post(session, h.stand.url, .data = "hello", .data_size = 5, .timeout = 20,
                        .expect_continue = true), NULL);
    CHECK_EQ(bide_errcode(), BIDE_EHTTP);
    CHECK_HAS(bide_errmsg(), "announces");
    CHECK_EQ(bide_session_connections(session), 0);
}

TASK_TEST(the_first_byte_is_not_waited_for_before_all_is_sent)
{
    struct stand stand = { .reply = OK(2) "ok" };
    STAND(&stand);
    bide_auto(session) session = bide_session_open(.limit = 1, .timeouts.first_byte = 0.5);
    bide_auto(response) r = bide_post(session, stand.url, .data = "hello", .data_size = 5,
                                      .expect_continue = true);
    CHECK_STR(bide_response_text(r, NULL), "ok");
}

/* ---- never enough ---- */

static void asks_again(const char *reply, int status, int requests, double seconds)
{
    struct stand stand = { .reply = reply };
    STAND(&stand);
    bide_auto(session) session = bide_session_open(.limit = 1);
    double start = bide_now();
    bide_auto(response) r = bide_post(session, stand.url, .data = "hello", .data_size = 5,
        .auth = { .user = "me", .password = "pw", .digest = true }, .expect_continue = true,
        .retries = 3, .retry = { .all_methods = true, .jitter = -1 });
    CHECK_EQ(bide_response_status(r), status);
    if (stand.requests != requests)
        test_fail(__FILE__, __LINE__, "%d requests, not %d: %s", stand.requests, requests, reply);
    CHECK_NEAR(bide_now() - start, seconds, 0.3);
}
#define CHALLENGE(more) "HTTP/1.1 401 Who?\r\nWWW-Authenticate: Digest realm=\"r\", nonce=\"n\", " \
    "qop=\"auth\"" more "\r\nContent-Length: 0\r\n\r\n"
#define BUSY(after) "HTTP/1.1 503 Busy\r\nRetry-After: " after "\r\nContent-Length: 0\r\n\r\n"

TASK_TEST(who_never_has_enough_is_left)
{
    asks_again(CHALLENGE(""), 401, 2, 2);
    asks_again(CHALLENGE(", stale=true"), 401, 2, 2);
    asks_again(CHALLENGE(", algorithm=NONSENSE"), 401, 1, 1);
    asks_again("HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n", 417, 2, 1);
    asks_again(BUSY("99999999999999999999"), 503, 1, 1);
    asks_again(BUSY("Fri, 31 Dec 9999 23:59:59 GMT"), 503, 1, 1);
    asks_again(BUSY("-1"), 503, 4, 4 + 3.5);
    asks_again(BUSY("soon"), 503, 4, 4 + 3.5);
    asks_again(BUSY("0"), 503, 4, 4 + 3.5);
}

/* ---- cookies ---- */

TASK_TEST(a_flood_of_cookies_makes_no_flood_of_requests)
{
    struct stand stand = { .reply = NULL };
    char *reply = malloc(70000);
    CHECK(reply != NULL);
    stand.reply = reply;
    STAND(&stand);
    bide_auto(session) session = bide_session_open(.limit = 1);
    for (int turn = 0; turn < 30; turn++) {
        char *at = reply + sprintf(reply, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n");
        for (int i = 0; i < 98; i++)
            at += sprintf(at, "Set-Cookie: c%d-%d=%0*d; Path=/\r\n", turn, i, turn ? 200 : 600, i);
        strcpy(at, "\r\n");
        bide_auto(response) r = bide_get(session, stand.url);
        if (!r)
            test_fail(__FILE__, __LINE__, "%d: %s", turn, bide_errmsg());
    }
    CHECK(strlen(stand.last) > 1000);
    strcpy(reply, OK(2) "ok");
    bide_auto(response) r = bide_get(session, stand.url);
    CHECK_STR(bide_response_text(r, NULL), "ok");
    free(reply);
    stand.reply = OK(0);
}
