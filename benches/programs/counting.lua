local function count(n)
  local d, x, i = {}, 12345, 0
  while i < n do
    x = x * 16807 % 2147483647
    local k = x % 1000
    d[k] = (d[k] or 0) + 1
    i = i + 1
  end
  return d
end
local d = count(tonumber(arg[1]))
local len = 0
for _ in pairs(d) do len = len + 1 end
print(string.format("%d %d %d", len, d[0], d[999]))
