/* The forms in which a request's body can be asked for: decoded, as a text, as JSON, as a form, as
 * parts.  Each is made once, when it is first asked for, and ends with the request. */
#ifndef BIDE_WEB_BODY_FORMS_H
#define BIDE_WEB_BODY_FORMS_H

#include "web/request.h"

#include <bide/upload.h>

struct coded_body;

struct body_forms {
    struct coded_body *coded;   /* undoes the Content-Encoding; NULL: there is none, or not yet */
    size_t taken;               /* of the whole body, by who reads it piece by piece */
    bool has_decoded, has_string;
    bool coding_refused;        /* its Content-Encoding is none that is known here */
    struct text decoded, string;
    char *decoded_memory, *string_memory;       /* NULL: they lie elsewhere */
    bide_json *json;
    struct bide_upload *upload;
    struct bide_form *form;
};

/* NULL: BIDE_ENOMEM. */
struct body_forms *bide__body_forms(struct bide_request *req);
/* Frees them. */
void bide__body_forms_end(struct bide_request *req);

/* Says with which status the request is refused if its handler fails for the error held: its
 * code. */
int bide__request_refuse(struct bide_request *req, int status);

/* Gets ready to read the body without its Content-Encoding: 0; BIDE_EINVAL: a coding that nobody
 * here knows (415); BIDE_ENOMEM.  size_max: bytes of what comes out. */
int bide__request_decode(struct bide_request *req, uint64_t size_max);
/* If that refused it: says in the answer's headers which codings would do. */
void bide__request_tell_codings(struct bide_request *req);
/* Then: up to size bytes of it; 0: its end.  From what was read whole already, if it was. */
BIDE_WAITS ssize_t bide__request_read_decoded(struct bide_request *req, char *buf, size_t size);
/* All of it, with a NUL behind it: 0; BIDE_ELIMIT: it is more than max bytes, coded or not (413);
 * < 0.  What was read before is not measured again. */
BIDE_WAITS int bide__request_whole(struct bide_request *req, size_t max, struct text *whole);

/* Does a charset's label mean UTF-8?  None does. */
bool bide__is_utf8_label(struct text charset);
/* Some bytes of the body as UTF-8, with a NUL behind it: 0; BIDE_EINVAL: they are not in that
 * charset (400); BIDE_ENOMEM.  *memory: to be freed, or NULL: the text lies within the bytes, which
 * have a NUL behind them. */
int bide__body_string(struct bide_request *req, struct text bytes, struct text charset,
                      struct text *string, char **memory);

/* Frees what these hold. */
void bide__coded_body_free(struct coded_body *c);
void bide__upload_free(struct bide_upload *up);
void bide__form_free(struct bide_form *form);

#endif
