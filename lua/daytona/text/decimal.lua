--- Numbers for people, with a point in every locale: string.format writes the
--- comma of some.

--- Formats one number; the format is "%.1f" or the like.
---@param format string
---@param number number
---@return string
return function(format, number)
  return (format:format(number):gsub("[^%d%-+e]+", "."))
end
