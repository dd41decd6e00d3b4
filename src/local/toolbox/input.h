#ifndef DL_TOOLBOX_INPUT_H
#define DL_TOOLBOX_INPUT_H

#include "http/http.h"
#include "strbuf.h"

/* Reads the fields of a JSON request body. Errors are collected while the
 * fields are read; dl_input_ok answers 400 with all of them. */
typedef struct dl_input {
  dl_http_request *req;
  const char *type;   /* name of the request type in messages */
  const char *prefix; /* what messages start with */
  const char *code;   /* error code */
  json_t *body;       /* object, or NULL */
  dl_strbuf broken;   /* what cannot be decoded */
  dl_strbuf missing;  /* what is required and not there */
} dl_input;

#define DL_INPUT_INVALID_BODY "INVALID_REQUEST_BODY"

#pragma GCC visibility push(hidden)

/* Starts reading the body of `req`. The texts must outlive `in`. */
void dl_input_begin(dl_input *in, dl_http_request *req, const char *type,
                    const char *prefix, const char *code);

/* The field's value (borrowed), its name in any case; NULL if it is absent or
 * null. */
json_t *dl_input_field(dl_input *in, const char *name);

/* A string without NUL bytes; "" if it is absent. */
const char *dl_input_string(dl_input *in, const char *name, bool required);

/* A string that may hold NUL bytes; "" if it is absent. */
const char *dl_input_bytes(dl_input *in, const char *name, bool required,
                           size_t *len);

/* A boolean; false if it is absent. */
bool dl_input_bool(dl_input *in, const char *name);

/* An integer of 0 .. 2^32-1; 0 if it is absent. */
unsigned dl_input_uint32(dl_input *in, const char *name);

/* A list of strings without NUL bytes (borrowed), or NULL if it is absent. */
json_t *dl_input_strings(dl_input *in, const char *name, bool required);

/* An object whose values are strings without NUL bytes or null (borrowed), or
 * NULL if it is absent. */
json_t *dl_input_map(dl_input *in, const char *name);

/* Ends the reading. True if all went well; otherwise the request has been
 * answered with 400. */
bool dl_input_ok(dl_input *in);

#pragma GCC visibility pop

#endif
