/* One call of bide_fetch() while it runs: what was asked, under which limits, how far it is. */
#ifndef BIDE_HTTP_CALL_H
#define BIDE_HTTP_CALL_H

#include "http/response.h"

struct call {
    bide_session *session;
    const struct bide_fetch_opts *opts;
    struct bide_timeouts limits;
    struct text method;
    enum method known;
    struct url url;             /* points into the response's copy */
    bide_response *response;
    const char *phase;          /* what is going on, for the sentence of a time-out */
    struct bide_report report;
};

/* Reads the URL (joined to the session's base) into call->url and the response's scratch. */
int bide__call_read_url(struct call *call);
/* Writes the request's head into the response's scratch; the host's prepared fields are made when
 * they are missing. */
int bide__call_write_head(struct call *call, struct host *host, struct text *head);
/* Makes the connection's stream: name look-up, then connect, each under its limit. */
BIDE_WAITS int bide__call_connect(struct call *call, struct connection *connection);
/* Sends the request, in one write. */
BIDE_WAITS int bide__call_send(struct call *call, struct connection *connection,
                               struct text head);
/* Waits for the reply's head and puts it into the response.  BIDE_EEOF with *silent: the server
 * has closed, or reset, without a byte. */
BIDE_WAITS int bide__call_read_reply(struct call *call, struct connection *connection,
                                     bool *silent);
/* The time for the report; 0, without looking, if nobody asked for one. */
double bide__call_now(const struct call *call);
/* One whole try: connection, request, reply's head. */
BIDE_WAITS int bide__call_try(struct call *call);
/* May a try that ended with rc (0: with the response's status) be made again? */
bool bide__call_may_retry(const struct call *call, int rc);
/* Seconds before try number `attempt` + 1; < 0: the server asks for more than the cap. */
double bide__call_retry_delay(const struct call *call, unsigned attempt);

#endif
