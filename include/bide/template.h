/* bide/template.h -- pages from templates: Mustache, escaping by itself.
 *
 *     bide_auto(template) page = bide_template_new(
 *         "<ul>{{#users}}<li>{{name}}</li>{{/users}}{{^users}}<li>nobody{{/users}}</ul>");
 *     ...
 *     return bide_respond_template(req, 200, page, data);
 *
 * Templates are those of mustache.github.io: they have no logic but what is in the data.
 *
 * {{name}}       the value, with & < > " ' escaped: right in text and in attribute values that
 *                stand in quotes, not within script, style or a URL's scheme
 * {{{name}}}     the same as it is; {{&name}} too
 * {{#name}}      up to {{/name}}: once for each item of an array, not at all if it is missing,
 *                null, false, "" or an empty array; else once; names are looked up in it first
 * {{^name}}      up to {{/name}}: just when {{#name}} would not be
 * {{>name}}      another template, a partial, with the data as it stands here
 * {{!...}}       nothing
 * {{=<% %>=}}    other delimiters from here on
 *
 * Names are members of objects, "a.b" a member of a member, "." the item itself.  A name is looked
 * for in what stands around as well; what is nowhere is nothing.  An object or array as a value is
 * its JSON.  A section, partial or comment that has a line for itself leaves none behind.
 * Not there: lambdas and inheritance. */
#ifndef BIDE_TEMPLATE_H
#define BIDE_TEMPLATE_H
#include <bide/json.h>
#include <bide/request.h>
BIDE_BEGIN_

/* A template made ready, with its partials.  It does not change any more: any number of threads
 * may render it. */
typedef struct bide_template bide_template;

/* The default of .size_max, 16 MiB. */
enum { BIDE_TEMPLATE_SIZE_MAX = 16 << 20 };
/* How deep sections and partials may lie in each other. */
enum { BIDE_TEMPLATE_DEPTH_MAX = 64 };

/* Options of bide_template_new(); 0 is the default of each. */
struct bide_template_opts {
    size_t abi_;
    const struct bide_pair *partials;   /* names and texts, ended by {NULL, NULL}; copied */
    size_t size_max;            /* bytes of a page; default BIDE_TEMPLATE_SIZE_MAX */
};
/* A template from its text: bide_template_new("hello, {{name}}").  NULL: BIDE_EINVAL: "template:
 * line 3: section 'users' is not closed", a partial that is missing; BIDE_ENOMEM. */
#define bide_template_new(text, ...) \
    bide_template_new_opts(text, BIDE_OPTS_(bide_template_opts, __VA_ARGS__))
bide_template *bide_template_new_opts(const char *text, const struct bide_template_opts *opts);
/* Options of bide_template_load(); 0 is the default of each. */
struct bide_template_load_opts {
    size_t abi_;
    const char *path;
    size_t size_max;            /* as above */
};
/* A template from a file: bide_template_load("pages/user.html").  Its partials are files beside it
 * with the same ending: {{>header}} is pages/header.html.  NULL: as above, or a file's failure. */
#define bide_template_load(...) \
    bide_template_load_opts(BIDE_OPTS_(bide_template_load_opts, .path = __VA_ARGS__))
BIDE_WAITS bide_template *bide_template_load_opts(const struct bide_template_load_opts *opts);
/* By its owner, when nobody renders it any more.  NULL: nothing. */
void bide_template_free(bide_template *t);
BIDE_AUTO_(template, bide_template_free)

/* The page as text with a NUL behind it, to be freed with bide_template_text_free(); *size, if not
 * NULL, is its length.  data NULL: an empty object.  NULL: what made the document bad;
 * BIDE_ELIMIT: larger than .size_max, or deeper than BIDE_TEMPLATE_DEPTH_MAX; BIDE_ENOMEM. */
char *bide_template_render(const bide_template *t, const bide_json *data, size_t *size);
/* Frees it; NULL is allowed. */
void bide_template_text_free(char *text);
/* Responds with the page, as text/html in UTF-8: as bide_respond(), or what rendering says.
 * Counterpart: aiohttp_jinja2.render_template(). */
int bide_respond_template(bide_request *req, int status, const bide_template *t,
                          const bide_json *data);

BIDE_END_
#endif
