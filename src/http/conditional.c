/* The order of RFC 9110, 13.2.2: what guards against lost updates first, then what saves a
 * transfer; a tag goes before a date, for it knows more. */
#include "http/conditional.h"

#include "http/cookie_date.h"
#include "http/date.h"

/* A date in any of the three forms that must be understood (5.6.7); what is none is as if the
 * header was not there. */
static bool read_date(struct text text, int64_t *seconds)
{
    return text.at && (bide__date_read(text, seconds) || bide__cookie_date(text, seconds));
}

/* A list may be in several lines. */
static bool lists_tag(const struct head *head, const char *text, enum header header,
                      const struct etag *etag, bool weakly)
{
    for (unsigned i = head->first[header] - 1u; i < head->count; i++)
        if (head->fields[i].header == header &&
            bide__etag_is_in(etag, head_value(text, &head->fields[i]), weakly))
            return true;
    return false;
}

static bool is_unmodified(const struct head *head, const char *text,
                          const struct validators *is)
{
    int64_t since;
    if (head->first[HEADER_IF_MATCH])
        return lists_tag(head, text, HEADER_IF_MATCH, &is->etag, false);
    return is->modified < 0 ||
           !read_date(head_get(head, text, HEADER_IF_UNMODIFIED_SINCE), &since) ||
           is->modified <= since;
}

static bool is_known(const struct head *head, const char *text, const struct validators *is,
                     bool reads)
{
    int64_t since;
    if (head->first[HEADER_IF_NONE_MATCH])
        return lists_tag(head, text, HEADER_IF_NONE_MATCH, &is->etag, true);
    return reads && is->modified >= 0 &&
           read_date(head_get(head, text, HEADER_IF_MODIFIED_SINCE), &since) &&
           is->modified <= since;
}

int bide__conditions_judge(const struct head *head, const char *text, const struct validators *is)
{
    bool reads = head->method_known == METHOD_GET || head->method_known == METHOD_HEAD;
    if (!is_unmodified(head, text, is))
        return 412;
    if (is_known(head, text, is, reads))
        return reads ? 304 : 412;
    return 0;
}

bool bide__if_range_holds(const struct head *head, const char *text, const struct validators *is)
{
    struct text value = head_get(head, text, HEADER_IF_RANGE);
    int64_t then;
    if (!value.at)
        return true;
    struct etag etag = bide__etag_of(value);
    if (etag.opaque.size > 0)
        return !etag.weak && bide__etag_is_in(&is->etag, value, false);
    return is->modified >= 0 && read_date(value, &then) && then == is->modified &&
           is->now - is->modified > 1;
}
