local sqrt = math.sqrt
local function advance(bodies, dt)
  local n = #bodies
  for i = 1, n do
    local a = bodies[i]
    for j = i + 1, n do
      local b = bodies[j]
      local dx, dy, dz = a.x - b.x, a.y - b.y, a.z - b.z
      local d2 = dx * dx + dy * dy + dz * dz
      local mag = dt / (d2 * sqrt(d2))
      a.vx = a.vx - dx * b.m * mag; a.vy = a.vy - dy * b.m * mag; a.vz = a.vz - dz * b.m * mag
      b.vx = b.vx + dx * a.m * mag; b.vy = b.vy + dy * a.m * mag; b.vz = b.vz + dz * a.m * mag
    end
  end
  for i = 1, n do
    local b = bodies[i]
    b.x = b.x + dt * b.vx; b.y = b.y + dt * b.vy; b.z = b.z + dt * b.vz
  end
end
local function energy(bodies)
  local e = 0.0
  for i = 1, #bodies do
    local b = bodies[i]
    e = e + 0.5 * b.m * (b.vx * b.vx + b.vy * b.vy + b.vz * b.vz)
    for j = i + 1, #bodies do
      local c = bodies[j]
      local dx, dy, dz = b.x - c.x, b.y - c.y, b.z - c.z
      e = e - b.m * c.m / sqrt(dx * dx + dy * dy + dz * dz)
    end
  end
  return e
end
local bodies = {}
for i = 0, 4 do
  local k = i * 1.0
  bodies[i + 1] = { x = k * 1.5, y = k * k * 0.25, z = 1.0 - k * 0.5, vx = 0.1 * k, vy = 0.3 - 0.1 * k, vz = 0.05 * k, m = 1.0 / (k + 1.0) }
end
for step = 1, tonumber(arg[1]) do advance(bodies, 0.001) end
print(string.format("%.0f", energy(bodies) * 1000000))
