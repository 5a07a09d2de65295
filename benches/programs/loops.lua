local n, s = tonumber(arg[1]), 0
local i = 0
while i < n do
  local j = 0
  while j < n do
    s = s + i * j - j * 3
    j = j + 1
  end
  i = i + 1
end
print(string.format("%d", s))
