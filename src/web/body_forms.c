/* Making and ending what a body was asked for as. */
#include "web/body_forms.h"

#include "base/memory.h"

struct body_forms *bide__body_forms(struct bide_request *req)
{
    if (!req->forms && !(req->forms = bide__zalloc(sizeof *req->forms)))
        bide_fail(BIDE_ENOMEM, "out of memory for the body");
    return req->forms;
}

void bide__body_forms_end(struct bide_request *req)
{
    struct body_forms *forms = req->forms;
    if (!forms)
        return;
    bide__form_free(forms->form);
    bide__upload_free(forms->upload);
    bide_json_free(forms->json);
    bide__coded_body_free(forms->coded);
    bide__free(forms->string_memory);
    bide__free(forms->decoded_memory);
    bide__free(forms);
    req->forms = NULL;
}

int bide__request_refuse(struct bide_request *req, int status)
{
    req->status = status;
    return bide_errcode();
}
