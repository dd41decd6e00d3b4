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
    "POST /api-keys", "DELETE /api-keys/{name}", "DELETE /api-keys/{userId}/{name}", "POST /organizations",
    "DELETE /organizations/{organizationId}", "POST /organizations/*", "PUT /organizations/*", "PATCH /organizations/*",
    "DELETE /organizations/{organizationId}/*", "/organizations/invitations", "/organizations/invitations/count",
    "GET /organizations/otel-config/*", "GET /organizations/{organizationId}/available-sandbox-classes",
    "GET /organizations/{organizationId}/otel-config", "GET /organizations/{organizationId}/roles",
    "GET /organizations/{organizationId}/users", "GET /organizations/{organizationId}/invitations",
    "GET /organizations/{organizationId}/identity-providers*", "/users/me*", "/users/account-providers",
    "/users/linked-accounts*", "/users/mfa/*", "/audit/*", "/webhooks/*", "/docker-registry*",
  },
  {
    plane = "api", reason = "for operators and the service's own parts, refused to ordinary keys",
    "/admin/*", "/runners*", "/jobs*", "/preview/*", "/health/ready",
    "/sandbox/for-runner", "PUT /sandbox/{sandboxId}/state",
    "GET /sandbox/{sandboxId}/secrets", "/sandbox/{sandboxId}/organization",
    "/sandbox/{sandboxId}/region-quota", "POST /regions", "DELETE /regions/{id}", "PATCH /regions/{id}",
    "/regions/{id}/*",
  },
  {
    plane = "api", reason = "nothing but a sign of life; client:request reaches it",
    "/health",
  },
  {
    plane = "api", reason = "deprecated by the document itself",
    "/sandbox/paginated", "/sandbox/{sandboxIdOrName}/build-logs", "/snapshots/{id}/build-logs", "GET /secret",
  },
  {
    plane = "api", reason = "in no official SDK; client:request reads logs and traces where a server keeps them",
    "/sandbox/{sandboxId}/telemetry/logs", "/sandbox/{sandboxId}/telemetry/traces*",
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
