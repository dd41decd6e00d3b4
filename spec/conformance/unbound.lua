-- What of the published documents the operations table leaves out, and why.
--   operations  { plane, reason, pattern, ... }, a pattern being "PATH" or
--               "METHOD PATH"; a "*" at its end takes everything below
--   fields      { reason, "row place name", ... }; "*" stands for any row
-- A pattern that takes nothing, or something that is bound, fails; so does a
-- field that is offered meanwhile.

local unbound = {}

unbound.operations = {
  {
    plane = "api", reason = "account and organization management, not for sandbox clients",
    "/api-keys*", "/organizations*", "/users/me*", "/users/account-providers",
    "/users/linked-accounts*", "/users/mfa/*", "/audit/*", "/webhooks/*",
    "/docker-registry*",
  },
  {
    plane = "api", reason = "for operators and the service's own parts, refused to ordinary keys",
    "/admin/*", "/runners*", "/jobs*", "/preview/*", "/health/ready",
    "/sandbox/for-runner", "PUT /sandbox/{sandboxId}/state",
    "GET /sandbox/{sandboxId}/secrets", "/sandbox/{sandboxId}/organization",
    "/sandbox/{sandboxId}/region-quota", "/sandbox/ssh-access/validate",
  },
  {
    plane = "api", reason = "nothing but a sign of life; client:request reaches it",
    "/health",
  },
  {
    plane = "api", reason = "deprecated by the document itself",
    "/sandbox/paginated", "/sandbox/{sandboxIdOrName}/backup",
    "/sandbox/{sandboxIdOrName}/build-logs", "/snapshots/{id}/build-logs",
  },
  {
    plane = "api", reason = "regions are given by name; reading and managing them is a later issue",
    "/regions*", "/shared-regions",
  },
  {
    plane = "api", reason = "snapshots, images and their builds are a later issue",
    "POST /snapshots", "GET /snapshots", "/snapshots/{id}", "/snapshots/{id}/activate",
    "/snapshots/{id}/deactivate", "/snapshots/{id}/build-logs-url",
    "/sandbox/{sandboxIdOrName}/snapshot",
    "/object-storage/*",
  },
  {
    plane = "api", reason = "volumes, secrets and warm pools are a later issue",
    "/volumes*", "/secret*", "PUT /sandbox/{sandboxIdOrName}/secrets", "/warm-pools*",
  },
  {
    plane = "api", reason = "pausing, forking, resizing, network settings and timers of the newest"
      .. " servers are a later issue",
    "/sandbox/{sandboxIdOrName}/pause", "/sandbox/{sandboxIdOrName}/fork",
    "/sandbox/{sandboxIdOrName}/forks", "/sandbox/{sandboxIdOrName}/parent",
    "/sandbox/{sandboxIdOrName}/ancestors", "/sandbox/{sandboxIdOrName}/resize",
    "/sandbox/{sandboxIdOrName}/network-settings",
    "/sandbox/{sandboxIdOrName}/autopause/{interval}",
    "/sandbox/{sandboxIdOrName}/ttl/{ttlMinutes}",
  },
  {
    plane = "api", reason = "SSH access and telemetry are a later issue",
    "/sandbox/{sandboxIdOrName}/ssh-access",
    "/sandbox/{sandboxId}/telemetry/*",
  },
  {
    plane = "toolbox", reason = "computer use and language servers are a later issue",
    "/computeruse/*", "/lsp/*",
  },
  {
    plane = "toolbox", reason = "git beyond cloning is a later issue",
    "/git/add", "/git/branches", "/git/checkout", "/git/commit", "/git/config*",
    "/git/credentials", "/git/history", "/git/init", "/git/pull", "/git/push",
    "/git/remotes", "/git/reset", "/git/restore", "/git/status",
  },
  {
    plane = "toolbox", reason = "lists of ports, metrics and a changed environment are a later issue",
    "/port", "/system/metrics", "/env",
  },
  {
    plane = "toolbox", reason = "the server tells its own daemon, not for clients",
    "/init",
  },
}

unbound.fields = {
  {
    reason = "a setting of the client (organization_id), sent with every call",
    "* header X-Daytona-Organization-ID",
  },
  {
    reason = "a free remark for the server's statistics",
    "sandbox.refresh_activity body activityType",
  },
  {
    reason = "with it the request becomes a WebSocket, which is a row of its own",
    "command.logs query follow", "command.entrypoint_logs query follow",
  },
  {
    reason = "an older name of runAsync",
    "session.exec body async",
  },
  {
    reason = "the file is sent as the bare body, which the same endpoint takes",
    "fs.upload_raw form file",
  },
}

return unbound
