local function fill(n, k)
  local m = {}
  for i = 0, n * n - 1 do m[i + 1] = i * k % 10 * 0.5 end
  return m
end
local function product(a, b, n)
  local c = {}
  for i = 0, n - 1 do
    for j = 0, n - 1 do
      local s = 0.0
      for k = 0, n - 1 do s = s + a[i * n + k + 1] * b[k * n + j + 1] end
      c[#c + 1] = s
    end
  end
  return c
end
local n = tonumber(arg[1])
local c = product(fill(n, 7), fill(n, 3), n)
local sum = 0.0
for i = 1, n * n do sum = sum + c[i] end
print(string.format("%d %d %d", math.floor(c[1]), math.floor(c[math.floor(n * n / 2) + 1]), math.floor(sum)))
