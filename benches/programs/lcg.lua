local n, x, i = tonumber(arg[1]), 1, 0
while i < n do
  x = (x * 16807 + 11) % 2147483647
  i = i + 1
end
print(string.format("%d", x))
