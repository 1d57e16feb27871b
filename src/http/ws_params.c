/* Offers and answers.  An offer that says anything unknown, twice, or out of range is passed over
 * by a server (section 5.1); an answer like that ends the client's connection. */
#include "http/ws_params.h"

#include "http/parameters.h"

/* One extension of a list, as far as it is permessage-deflate's. */
struct offer {
    bool ours;                  /* its name is */
    bool good;                  /* and so are its parameters */
    bool server_resets, client_resets, has_server_bits, has_client_bits;
    uint8_t server_bits, client_bits;   /* 0: given without a value */
};

/* ---- reading ---- */

/* One or two digits, without a leading zero, 8 to 15. */
static bool read_bits(struct text value, uint8_t *bits)
{
    uint64_t number;
    if (value.size == 0 || value.at[0] == '0' || !bide__text_number(value, &number) ||
        number < WS_BITS_MIN || number > WS_BITS_MAX)
        return false;
    *bits = (uint8_t)number;
    return true;
}

static bool set_once(bool *place)
{
    bool first = !*place;
    *place = true;
    return first;
}

/* Takes note of a parameter; false: an offer with it cannot be kept. */
static bool note(struct offer *o, struct text name, bool has_value, struct text value)
{
    if (bide__text_is_caseless(name, "server_no_context_takeover"))
        return !has_value && set_once(&o->server_resets);
    if (bide__text_is_caseless(name, "client_no_context_takeover"))
        return !has_value && set_once(&o->client_resets);
    if (bide__text_is_caseless(name, "server_max_window_bits"))
        return has_value && set_once(&o->has_server_bits) && read_bits(value, &o->server_bits);
    if (bide__text_is_caseless(name, "client_max_window_bits"))
        return set_once(&o->has_client_bits) && (!has_value || read_bits(value, &o->client_bits));
    return false;
}

/* A token, or one between quotes. */
static bool read_value(struct reader *r, struct text *value)
{
    if (r->at == r->end || *r->at != '"') {
        *value = bide__read_token(r);
        return value->size > 0;
    }
    return bide__read_quoted(r, value) && value->size > 0 &&
           bide__chars_skip(value->at, value->at + value->size, CHAR_TOKEN) ==
           value->at + value->size;
}

/* 1: a parameter; 0: there are no more; -1: not well formed. */
static int read_parameter(struct reader *r, struct offer *o)
{
    bide__read_space(r);
    if (!bide__read_char(r, ';'))
        return 0;
    bide__read_space(r);
    struct text name = bide__read_token(r), value = text_of(NULL, 0);
    if (name.size == 0)
        return -1;
    bide__read_space(r);
    bool has_value = bide__read_char(r, '=');
    bide__read_space(r);
    if (has_value && !read_value(r, &value))
        return -1;
    o->good = note(o, name, has_value, value) && o->good;
    return 1;
}

/* The next extension: 1; 0: the list is over; -1: it is none. */
static int read_offer(struct reader *r, struct offer *o)
{
    do
        bide__read_space(r);
    while (bide__read_char(r, ','));
    if (r->at == r->end)
        return 0;
    struct text name = bide__read_token(r);
    bool ours = bide__text_is_caseless(name, "permessage-deflate");
    int rc = name.size > 0 ? 1 : -1;
    *o = (struct offer){ .ours = ours, .good = ours };
    while (rc > 0)
        rc = read_parameter(r, o);
    bide__read_space(r);
    return rc < 0 || (r->at < r->end && *r->at != ',') ? -1 : 1;
}

/* ---- a server ---- */

static uint8_t least(uint8_t a, uint8_t b)
{
    return a < b ? a : b;
}

/* The client's window is made smaller only where it has said that it can. */
static void take(struct ws_params *p, const struct offer *o, bool resets)
{
    uint8_t client = o->client_bits ? least(o->client_bits, WS_BITS_SERVER) : WS_BITS_SERVER;
    *p = (struct ws_params){
        .deflate = true,
        .server_resets = o->server_resets || resets,
        .client_resets = o->client_resets || resets,
        .server_bits = o->has_server_bits ? least(o->server_bits, WS_BITS_SERVER) : WS_BITS_SERVER,
        .client_bits = o->has_client_bits ? client : WS_BITS_MAX,
    };
}

int bide__ws_params_choose(struct ws_params *p, struct text offers, bool resets)
{
    struct reader r = reader_of(offers);
    struct offer o;
    int rc;
    while ((rc = read_offer(&r, &o)) > 0)
        if (o.good && !p->deflate)
            take(p, &o, resets);
    return rc;
}

void bide__ws_params_answer(struct writer *w, const struct ws_params *p)
{
    writer_literal(w, "permessage-deflate");
    if (p->server_resets)
        writer_literal(w, "; server_no_context_takeover");
    if (p->client_resets)
        writer_literal(w, "; client_no_context_takeover");
    if (p->server_bits < WS_BITS_MAX) {
        writer_literal(w, "; server_max_window_bits=");
        bide__writer_number(w, p->server_bits);
    }
    if (p->client_bits < WS_BITS_MAX) {
        writer_literal(w, "; client_max_window_bits=");
        bide__writer_number(w, p->client_bits);
    }
}

/* ---- a client ---- */

void bide__ws_params_offer(struct writer *w, bool resets)
{
    writer_literal(w, "permessage-deflate; client_max_window_bits");
    if (resets)
        writer_literal(w, "; server_no_context_takeover; client_no_context_takeover");
}

static int refuse(const char *sentence, const char **why)
{
    *why = sentence;
    return -1;
}

int bide__ws_params_agree(struct ws_params *p, struct text answer, bool offered, bool resets,
                          const char **why)
{
    struct reader r = reader_of(answer);
    struct offer o;
    int rc;
    while ((rc = read_offer(&r, &o)) > 0) {
        if (!o.ours || !offered || p->deflate)
            return refuse("the server uses an extension that was not offered", why);
        if (!o.good || (o.has_client_bits && o.client_bits == 0))
            return refuse("the server's parameters of permessage-deflate are none", why);
        if (resets && !o.server_resets)
            return refuse("the server does not make messages independent, as was asked", why);
        *p = (struct ws_params){
            .deflate = true, .server_resets = o.server_resets,
            .client_resets = o.client_resets || resets,
            .server_bits = o.has_server_bits ? o.server_bits : WS_BITS_MAX,
            .client_bits = o.has_client_bits ? o.client_bits : WS_BITS_MAX,
        };
    }
    return rc < 0 ? refuse("Sec-WebSocket-Extensions is no list of extensions", why) : 0;
}
