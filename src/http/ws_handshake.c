/* Checks in the order in which their answers help most: what is no WebSocket at all, then the
 * version, then who asks. */
#include "http/ws_handshake.h"

#include "http/base64.h"
#include "http/parameters.h"
#include "http/sha1.h"

#include <string.h>

/* ---- lists ---- */

/* The next word of a list with commas; false: there is none. */
static bool next_word(struct reader *r, struct text *word)
{
    do
        bide__read_space(r);
    while (bide__read_char(r, ','));
    const char *start = r->at;
    while (r->at < r->end && *r->at != ',')
        r->at++;
    const char *end = r->at;
    while (end > start && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    *word = text_of(start, (size_t)(end - start));
    return word->size > 0;
}

static bool is_same(struct text a, struct text b)
{
    return a.size == b.size && memcmp(a.at, b.at, a.size) == 0;
}

static bool has_word(struct text list, struct text wanted)
{
    struct reader r = reader_of(list);
    for (struct text word; next_word(&r, &word);)
        if (is_same(word, wanted))
            return true;
    return false;
}

struct text bide__ws_protocol_choose(const char *ours, struct text theirs)
{
    struct reader r = reader_of(text_from(ours));
    for (struct text word; theirs.at && next_word(&r, &word);)
        if (has_word(theirs, word))
            return word;
    return text_of(NULL, 0);
}

bool bide__ws_protocol_is(const char *ours, struct text protocol)
{
    return ours && has_word(text_from(ours), protocol);
}

bool bide__ws_protocols_are(const char *list)
{
    struct reader r = reader_of(text_from(list));
    bool any = false;
    for (struct text word; next_word(&r, &word); any = true)
        if (bide__chars_skip(word.at, word.at + word.size, CHAR_TOKEN) < word.at + word.size)
            return false;
    return any;
}

bool bide__ws_upgrade_is(struct text upgrade)
{
    struct reader r = reader_of(upgrade);
    for (struct text word; upgrade.at && next_word(&r, &word);)
        if (bide__text_is_caseless(word, "websocket"))
            return true;
    return false;
}

/* ---- origins ---- */

static bool is_caseless(struct text a, struct text b)
{
    for (size_t i = 0; i < a.size && i < b.size; i++)
        if (char_lower(a.at[i]) != char_lower(b.at[i]))
            return false;
    return a.size == b.size;
}

static bool begins(struct text text, const char *with)
{
    size_t size = strlen(with);
    return text.size >= size && bide__text_is_caseless(text_of(text.at, size), with);
}

/* Host and port without the port that the scheme has anyhow. */
static struct text without_port(struct text host, const char *port)
{
    size_t size = strlen(port);
    if (host.size > size && memcmp(host.at + host.size - size, port, size) == 0)
        host.size -= size;
    return host;
}

/* Is the page from the server itself?  Its scheme tells which port Host may leave out. */
static bool is_own(struct text origin, struct text host)
{
    bool secure = begins(origin, "https://");
    size_t scheme = secure ? 8 : 7;
    const char *port = secure ? ":443" : ":80";
    if (!secure && !begins(origin, "http://"))
        return false;
    return is_caseless(without_port(text_of(origin.at + scheme, origin.size - scheme), port),
                       without_port(host, port));
}

static bool is_among(struct text origin, const char *origins)
{
    while (*origins) {
        size_t size = strcspn(origins, " ,");
        struct text one = text_of(origins, size);
        if (bide__text_is(one, "*") || (size > 0 && is_caseless(one, origin)))
            return true;
        origins += size;
        origins += strspn(origins, " ,");
    }
    return false;
}

/* ---- the request ---- */

static bool is_base64(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || char_is(c, CHAR_DIGIT) ||
           c == '+' || c == '/';
}

/* 16 bytes in base64: 22 letters, the last of which has four bits to spare, and two '='. */
static bool is_key(struct text key)
{
    if (key.size != WS_KEY_SIZE || key.at[22] != '=' || key.at[23] != '=')
        return false;
    for (size_t i = 0; i < 22; i++)
        if (!is_base64(key.at[i]))
            return false;
    return strchr("AQgw", key.at[21]) != NULL;
}

static int refuse(int status, const char *sentence, const char **why)
{
    *why = sentence;
    return status;
}

int bide__ws_check(const struct ws_asked *a, const char *origins, const char **why)
{
    if (!a->upgrades || !bide__ws_upgrade_is(a->upgrade))
        return refuse(426, "this is a WebSocket: ask for it with Upgrade: websocket", why);
    if (!a->is_get)
        return refuse(400, "a WebSocket is asked for by GET, in HTTP/1.1", why);
    if (!a->version.at || !bide__text_is(a->version, "13"))
        return refuse(a->version.at ? 426 : 400, "the version of WebSocket here is 13", why);
    if (!a->key.at || !is_key(a->key))
        return refuse(400, "Sec-WebSocket-Key is not there, or is none", why);
    if (!a->origin.at || (origins ? is_among(a->origin, origins) : is_own(a->origin, a->host)))
        return 0;
    return refuse(403, "pages of this origin may not connect here", why);
}

/* ---- keys ---- */

void bide__ws_key(char key[WS_KEY_SIZE], const uint8_t random[16])
{
    struct writer w = { .at = key, .room = WS_KEY_SIZE };
    struct text bytes = text_of((const char *)random, 16);
    bide__base64_write(&w, &bytes, 1);
}

void bide__ws_accept(char accept[WS_ACCEPT_SIZE], struct text key)
{
    static const char salt[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    char both[WS_KEY_SIZE + sizeof salt - 1];
    uint8_t hash[SHA1_SIZE];
    memcpy(both, key.at, WS_KEY_SIZE);
    memcpy(both + WS_KEY_SIZE, salt, sizeof salt - 1);
    bide__sha1(both, sizeof both, hash);
    struct writer w = { .at = accept, .room = WS_ACCEPT_SIZE };
    struct text bytes = text_of((const char *)hash, SHA1_SIZE);
    bide__base64_write(&w, &bytes, 1);
}
