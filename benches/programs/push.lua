local function build(n)
  local a, i = {}, 0
  while i < n do
    a[#a + 1] = i * 2
    i = i + 1
  end
  return a
end
local total = 0
for r = 1, tonumber(arg[1]) do
  local a = build(200000)
  total = total + a[#a] + #a
end
print(string.format("%d", total))
