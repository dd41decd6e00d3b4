"""Where what daytona-local answers, or what our client asks, knowingly differs
from the published documents: (reason, sentences of exchanges.py), "*" standing
for anything. An entry that a whole run needs no more fails."""

DIFFERENCES = [
    ("the original gives null where nothing is set, but for the answer to create; the document "
     "says that the fields may be missing", [
         "api * 200: *.errorReason is null, the document says string",
         "api * 200: *.networkAllowList is null, the document says string",
         "api * 200: *.domainAllowList is null, the document says string",
         "api * 200: *.backupCreatedAt is null, the document says string",
         "api * 200: *.linkedSandboxId is null, the document says string",
         "api * 200: *.daemonVersion is null, the document says string",
         "api * 200: *.runnerId is null, the document says string",
     ]),
    ("the original answers these with 201, the document says 200", [
        "api POST /sandbox/{sandboxIdOrName}/autoarchive/{interval} 201: a status that *",
        "api POST /sandbox/{sandboxIdOrName}/autodelete/{interval} 201: a status that *",
        "api POST /sandbox/{sandboxIdOrName}/autopause/{interval} 201: a status that *",
        "api POST /sandbox/{sandboxIdOrName}/autostop/{interval} 201: a status that *",
        "api POST /sandbox/{sandboxIdOrName}/backup 201: a status that *",
        "api POST /sandbox/{sandboxIdOrName}/ports/{port}/signed-preview-url/{token}/expire 201: a status that *",
        "api POST /sandbox/{sandboxIdOrName}/public/{isPublic} 201: a status that *",
        "api POST /sandbox/{sandboxIdOrName}/ttl/{ttlMinutes} 201: a status that *",
        "api POST /sandbox/*/signed-preview-url/{token}/expire 201: a status that *",
    ]),
    ("the original answers with the whole sandbox, the document with its labels", [
        "api PUT /sandbox/{sandboxIdOrName}/labels 200: . has *",
    ]),
    ("the original keeps and gives values of any type", [
        "api * 200: .env.* is *, the document says string",
        "api * 200: .labels.* is *, the document says string",
    ]),
    ("the document describes no body; the original has this one", [
        "api GET /health 200: has a body, the document knows none",
        "toolbox POST /files/bulk-upload 200: has a body, the document knows none",
    ]),
    ("the lists of what was and was not uploaded stand beside the envelope, as clients look for "
     "them", [
         "toolbox POST /files/bulk-upload 400: . has errors, *",
         "toolbox POST /files/bulk-upload 400: . has files, *",
     ]),
    ("the document calls a form of files JSON", [
        "toolbox POST /files/bulk-download 200: is multipart/form-data; *, the document says JSON",
    ]),
    ("parts of files are asked for and refused as HTTP has it; the document only knows whole ones", [
        "toolbox GET /files/download 206: a status that the document does not have",
        "toolbox GET /files/download 416: is application/octet-stream, the document says JSON",
    ]),
    ("in the original, and in no document", [
        "toolbox GET /project-dir 200: not in the document",
        "toolbox POST /files/upload 200: not in the document",
        "toolbox * 301: a status that the document does not have",
        "toolbox * 307: a status that the document does not have",
    ]),
    ("/process/pty/create-connect, which the official SDKs use and no document has, looks like "
     "the terminal of that name", [
         "toolbox GET /process/pty/{sessionId} 101: *",
         "toolbox GET /process/pty/{sessionId} 400: is text/plain; charset=utf-8, *",
     ]),
    ("the same path as a WebSocket, of which the document does not speak", [
        "toolbox GET /process/session/entrypoint/logs 101: a status that *",
        "toolbox GET /process/session/{sessionId}/command/{commandId}/logs 101: a status that *",
    ]),
    ("clients of an older level get the log as it is", [
        "toolbox GET /process/session/entrypoint/logs 200: is text/plain; charset=utf-8, *",
        "toolbox GET /process/session/{sessionId}/command/{commandId}/logs 200: is text/plain; *",
    ]),
    ("the original gives null for what it does not know, and for a list without items", [
        "toolbox POST /process/session/{sessionId}/exec 20?: .* is null, the document says *",
        "toolbox GET /git/branches 200: .branches is null, the document says array",
    ]),
    ("the document says in words that it is null where the key is not set", [
        "toolbox GET /git/config 200: .value is null, the document says string",
    ]),
    ("the log of a build is its text, of which the document does not speak", [
        "api GET /sandbox/{sandboxIdOrName}/build-logs 200: has a body, the document knows none",
    ]),
    ("what client:request sends is what its user wrote, null included", [
        "api POST /sandbox 200: request: .cpu is null, the document says integer",
        "api POST /sandbox 200: request: .name is null, the document says string",
    ]),
    ("later SDKs ask so", [
        "api GET /sandbox 200: request: query m??Gpu is not in the document",
        "api POST /sandbox 200: request: . has kvm, which the document does not",
    ]),
]
