/* THE table: one row for each API operation.  Validation and its messages, URL
 * escaping, JSON, renaming, reference docs, editor types and tool schemas are
 * all derived from it. */
#ifndef dt_operations_h
#define dt_operations_h

#include <stdbool.h>
#include <stddef.h>

#pragma GCC visibility push(hidden)

typedef enum {
  DT_STRING,
  DT_INTEGER,
  DT_NUMBER,
  DT_BOOLEAN,
  DT_OBJECT,  /* a table with the fields of 'shape' */
  DT_HANDLE,  /* a sandbox object; results become daytona.sandbox handles */
  DT_ANY,     /* the user's own data: keys never renamed */
  DT_BYTES,   /* of a result: base64 on the wire, bytes in Lua */
  DT_FUNCTION /* a callback of the Lua layer */
} dt_type;

typedef enum { DT_ONE, DT_LIST, DT_MAP } dt_many;

typedef enum {
  DT_BODY,   /* a member of the JSON body */
  DT_PATH,   /* a {name} of the path template */
  DT_QUERY,  /* the query string; lists repeat the key, maps are JSON text */
  DT_FORM,   /* a text part of the multipart form, before the file */
  DT_SOURCE, /* where an upload's bytes come from; never named on the wire */
  DT_SINK,   /* where a download goes; never named on the wire */
  DT_CALL,   /* for the Lua layer (deadline, waiting); not sent */
  DT_SUBPROTOCOL /* what a WebSocket offers: a string or a list of them */
} dt_place;

enum {
  DT_REQUIRED = 1,  /* may not be nil */
  DT_NONBLANK = 2,  /* may not be empty or white space */
  DT_BOUNDED = 4,   /* min and max hold */
  DT_PAIRS = 8,     /* a map that goes out as a list of one-key objects */
  DT_NULLABLE = 16, /* JSON null and absence are the same: nil; as the whole
                       result, an empty answer is true */
  DT_LINE = 32,     /* a string without CR and LF: part of a header or URL */
  DT_SAID = 64,     /* of a result: without it the answer makes no sense */
  DT_ID = 128,      /* of a result: it can stand in a path later */
  DT_NEW_ID = 256,  /* of a parameter: the id of something new, which stands in
                       paths later */
  DT_URL = 512,     /* of a result: an http or https URL, shown to people */
  DT_HOST = 2048, /* of a parameter: the name of a host, perhaps with a port */
  DT_HELD = 1024, /* of a parameter: a field of the object whose method it is */
  DT_SECRET = 4096, /* of a parameter: never in an error, a log or an event; of
                       a map: its values */
  DT_NEW_NAME = 32768, /* of a parameter: the name of something new, which can
                          stand in paths later; slashes are escaped there */
  DT_THERE = 16384, /* of a result: as DT_SAID, but it may be blank, as names of
                       files can be */
  DT_SECRET_IN_URL = 8192 /* of a parameter: a URL, whose password is such */
};

typedef struct dt_field {
  const char *name;   /* Lua name; NULL ends a list of fields */
  const char *wire;   /* name on the wire; NULL: the same */
  unsigned type : 4;  /* a dt_type; there are many fields, so they are small */
  unsigned many : 2;  /* a dt_many */
  unsigned place : 4; /* a dt_place */
  unsigned flags : 16;
  float min; /* what a float holds exactly */
  double max;
  union {
    const struct dt_shape *shape; /* of DT_OBJECT and DT_HANDLE */
    const char *const *values; /* of DT_STRING: the only ones, ended by NULL */
  } with;
  const char *doc;
} dt_field;

/* An option of calls that wait on a sandbox. */
#define DT_KEEP_AWAKE                                                          \
  {                                                                            \
    .name = "keep_awake", .type = DT_BOOLEAN, .place = DT_CALL,                \
    .doc = "true: counts as activity of the sandbox while the call waits"      \
  }

/* Fields of a JSON object.  In results, fields that stand here are typed;
 * others are kept and renamed by rule. */
typedef struct dt_shape {
  const char *name;
  const dt_field *fields;
} dt_shape;

typedef enum {
  DT_API,
  DT_TOOLBOX,
  DT_ELSEWHERE /* the param 'url', which a server named, is the whole URL */
} dt_plane;

typedef enum {
  DT_JSON,     /* JSON body when there are DT_BODY fields */
  DT_UPLOAD,   /* multipart form, the source as its last part */
  DT_UPLOADS,  /* multipart form of many sources */
  DT_RAW_BODY, /* the source is the body */
  DT_DOWNLOAD, /* the answer is bytes, not JSON */
  DT_PARTS,    /* JSON body; the answer is a multipart form of files */
  DT_WEBSOCKET /* becomes a WebSocket: for client:connect */
} dt_body;

enum {
  DT_IDEMPOTENT = 1, /* twice is as good as once; of a WebSocket: to open it */
  DT_READS = 2,      /* changes nothing, although its method does not say so */
  DT_RUNS = 4,       /* works in the sandbox until it answers, so that 503 and
                        410 can come when it has begun */
  DT_ALONE = 8,      /* takes none of the options that every operation takes */
  DT_EXCHANGE = 16, /* with a server in a sandbox: any answer is the result, its
                       status, headers and body; it gets none of the client's
                       own headers, so no credential */
  DT_BY_HAND = 32,  /* makes no method: Lua has one that is more than the row,
                     or asks for itself */
  DT_SAVES = 64     /* 'destination' names the file for the DT_BYTES of the
                     result */
};

typedef enum { DT_WHOLE, DT_PAGES, DT_CURSOR } dt_paging;

typedef struct dt_operation {
  const char *name; /* "process.exec": area and method in Lua */
  const char *method;
  const char *path;
  const dt_field *params;
  dt_field result; /* type, many and shape; name NULL: no result */
  unsigned flags;
  unsigned char plane;  /* a dt_plane */
  unsigned char body;   /* a dt_body */
  unsigned char paging; /* a dt_paging: how the rest of a list is asked for */
  const char *header;   /* sent in the place of the client's of that name */
  const char *since;    /* first server version known to have it */
  const char *doc;
  const char *fails;  /* errors of its own, for the reference */
  const char *member; /* of the result: what the method gives of it */
  const char *goal;   /* state of the result that the method waits for */
  double timeout;     /* seconds by default; 0: those of the client */
} dt_operation;

/* Options that every operation takes and the Lua layer acts on. */
extern const dt_field dt_operations_common[];

/* The planes, the toolbox's in two parts, ended by rows without a name. */
extern const dt_operation dt_operations_api[];
extern const dt_operation dt_operations_toolbox[];
extern const dt_operation dt_operations_live[];
extern const dt_operation dt_operations_catalog[];
extern const dt_operation dt_operations_git[];
extern const dt_operation dt_operations_lsp[];
extern const dt_operation dt_operations_computer[];
extern const dt_operation dt_operations_local[]; /* of the Lua layer itself */

/* What code can be written in; ended by NULL. */
extern const char *const dt_languages[];

extern const dt_shape dt_shape_sandbox;

/* Those of them that the row takes, or NULL. */
const dt_field *dt_operations_options(const dt_operation *op);

/* The row of 'name', or NULL; costs the same with few rows and with many. */
const dt_operation *dt_operations_find(const char *name);

/* All rows, one after the other: give a walk of zeros; NULL ends it. */
typedef struct dt_walk {
  int plane, row;
} dt_walk;
const dt_operation *dt_operations_next(dt_walk *walk);

/* Whether the row makes a method. */
int dt_operations_makes_method(const dt_operation *op);

/* Whether a parameter of the row comes from the object whose method it is. */
bool dt_operations_is_handle(const dt_operation *op, const dt_field *f);

/* Whether a parameter is positional in the method of the row. */
bool dt_operations_is_argument(const dt_operation *op, const dt_field *f);

/* The field called 'name' in Lua, or NULL; 'fields' may be NULL. */
const dt_field *dt_operations_field(const dt_field *fields, const char *name);

/* The field called 'wire' on the wire, or NULL. */
const dt_field *dt_operations_wire(const dt_field *fields, const char *wire);

/* Those of the object or handle that it is, or NULL. */
const dt_shape *dt_operations_shape(const dt_field *field);

/* The only values that a string may have, ended by NULL, or NULL: any. */
const char *const *dt_operations_values(const dt_field *field);

/* How many fields there are; 'fields' may be NULL. */
int dt_operations_count(const dt_field *fields);

/* What goes over the wire for 'field'. */
const char *dt_operations_wire_name(const dt_field *field);

/* "string", "list of integer", ... for messages and docs. */
const char *dt_operations_type_name(const dt_field *field);

/* Edits (insert, delete, replace, swap neighbours) from 'a' to 'b'; both are
 * cut at 31 bytes, enough to tell option names apart. */
int dt_operations_distance(const char *a, const char *b);

/* Among the row's options the one nearest to 'name', or NULL if none is near.
 */
const char *dt_operations_nearest(const dt_operation *op, const char *name);

#pragma GCC visibility pop
#endif
