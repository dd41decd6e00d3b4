--- The end of a command's standard input.
---
--- No server can be told that a command's input has ended.  So what process:start runs
--- with `stdin = true` reads from a pipe that a relay fills with what the server passes
--- on, line by line, until a line comes that says: that was all.  Servers end every
--- piece of input with a newline, so that line never comes in the middle of another.

local input_end = {}

local FIRST = "\030"

--- The line that ends the input of a session's command.
---@param session_id string
---@return string
function input_end.line(session_id)
  return FIRST .. "end of " .. session_id .. "\n"
end

--- Where the pipe has its name, for the moment that it takes to open it.
---@param session_id string
---@return string
function input_end.pipe(session_id)
  return ("/tmp/%s.input"):format(session_id)
end

-- The relay takes blocks and gives lines where there is a program for that; else it is a
-- shell, which reads single bytes.  What is left of it when the command ends is ended
-- with it: the variable tells that its number is still its own.
local RELAYED = [[(%s; p=%s; l=$(printf '%s'); exec 3<&0
command -v mkfifo >/dev/null && mkfifo -m 600 "$p" || { echo 'stdin: no pipe can be made' >&2; exit 127; }
if command -v stdbuf && command -v sed; then b=1; else b=; fi >/dev/null
r=$({ exec >"$p"; [ -z "$b" ] || exec env LC_ALL=C stdbuf -oL sed -n -e "/^$l\$/q" -e p
exec sh -c 'while IFS= read -r t && [ "$t" != "$0" ]; do printf "%%s\n" "$t" || exit; done' "$l"
} <&3 3<&- >/dev/null 2>&1 & echo $!)
exec <"$p" 3<&-; rm -f "$p"; (%s); e=$?
grep -qF %s "/proc/$r/environ" 2>/dev/null && kill $r 2>/dev/null; exit $e)]]

--- Shell text that runs steps with an input that can be ended.
---@param session_id string
---@param first string shell text before everything else, which marks its processes
---@param steps string
---@return string
function input_end.around(session_id, first, steps)
  local line = "\\036" .. input_end.line(session_id):sub(2, -2)
  return RELAYED:format(first, input_end.pipe(session_id), line, steps, session_id)
end

return input_end
