-- Lua's idiom for building: pieces in a table, joined at the end.
local function build(n)
  local t = {}
  for i = 0, n - 1 do
    t[#t + 1] = "ab"
    if i % 10 == 0 then t[#t + 1] = "-" end
  end
  return table.concat(t)
end
local total = 0
for r = 1, tonumber(arg[1]) do
  local s = build(100000)
  local dashes = 0
  for i = 1, #s do
    if s:sub(i, i) == "-" then dashes = dashes + 1 end
  end
  total = total + dashes + #s
end
print(string.format("%d", total))
