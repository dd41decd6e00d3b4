--- Options of a create that the server took and did not obey, as far as its
--- answer shows it: an older one ignores what it does not know.

local ignored = {}

-- The field of the answer that a server has which obeys the option.
local SHOWN_BY = {
  ttl_minutes = "auto_destroy_at", auto_pause_interval = "auto_pause_interval",
  auto_stop_interval = "auto_stop_interval", auto_archive_interval = "auto_archive_interval",
  auto_delete_interval = "auto_delete_interval", network_block_all = "network_block_all",
  network_allow_list = "network_allow_list", domain_allow_list = "domain_allow_list", public = "public",
  spot = "spot", kvm = "kvm", queue_timeout = "queue_timeout",
}

--- Whether it asks for nothing, as the server does without it.
local function is_off(value)
  return value == false or value == 0 or value == ""
end

--- The names of the options that were not obeyed, sorted; nil if there is none.
---@param params table of sandbox.create
---@param sandbox daytona.Sandbox as the server answered
---@return string[]? names
function ignored.options(params, sandbox)
  local names = {}
  for name, field in pairs(SHOWN_BY) do
    local wanted, shown = params[name], sandbox[field]
    if wanted ~= nil and not is_off(wanted) and (shown == nil or shown == false) then
      names[#names + 1] = name
    end
  end
  table.sort(names)
  return names[1] and names
end

return ignored
