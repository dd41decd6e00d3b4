-- Stands for nil among the bad arguments of misuse_cases.lua.

return setmetatable({}, { __name = "none" })
