local size, total = tonumber(arg[1]), 0
for py = 0, size - 1 do
  for px = 0, size - 1 do
    local cx, cy, x, y, n = px * 3.0 / size - 2.0, py * 2.0 / size - 1.0, 0.0, 0.0, 0
    while x * x + y * y <= 4.0 and n < 500 do
      x, y = x * x - y * y + cx, 2.0 * x * y + cy
      n = n + 1
    end
    total = total + n
  end
end
print(string.format("%d", total))
