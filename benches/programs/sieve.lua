local function primes(n)
  local composite = {}
  for i = 0, n - 1 do composite[i] = false end
  local count, i = 0, 2
  while i < n do
    if not composite[i] then
      count = count + 1
      local j = i * i
      while j < n do composite[j] = true; j = j + i end
    end
    i = i + 1
  end
  return count
end
local total = 0
for r = 1, tonumber(arg[1]) do total = total + primes(200000) end
print(string.format("%d", total))
