import sys
from math import sqrt
class Body:
    def __init__(self, x, y, z, vx, vy, vz, m):
        self.x, self.y, self.z, self.vx, self.vy, self.vz, self.m = x, y, z, vx, vy, vz, m
def advance(bodies, dt):
    n = len(bodies)
    for i in range(n):
        a = bodies[i]
        for j in range(i + 1, n):
            b = bodies[j]
            dx = a.x - b.x
            dy = a.y - b.y
            dz = a.z - b.z
            d2 = dx * dx + dy * dy + dz * dz
            mag = dt / (d2 * sqrt(d2))
            a.vx -= dx * b.m * mag
            a.vy -= dy * b.m * mag
            a.vz -= dz * b.m * mag
            b.vx += dx * a.m * mag
            b.vy += dy * a.m * mag
            b.vz += dz * a.m * mag
    for b in bodies:
        b.x += dt * b.vx
        b.y += dt * b.vy
        b.z += dt * b.vz
def energy(bodies):
    e = 0.0
    for i, b in enumerate(bodies):
        e += 0.5 * b.m * (b.vx * b.vx + b.vy * b.vy + b.vz * b.vz)
        for c in bodies[i + 1:]:
            dx = b.x - c.x
            dy = b.y - c.y
            dz = b.z - c.z
            e -= b.m * c.m / sqrt(dx * dx + dy * dy + dz * dz)
    return e
bodies = []
for i in range(5):
    k = i * 1.0
    bodies.append(Body(k * 1.5, k * k * 0.25, 1.0 - k * 0.5, 0.1 * k, 0.3 - 0.1 * k, 0.05 * k, 1.0 / (k + 1.0)))
for step in range(int(sys.argv[1])):
    advance(bodies, 0.001)
print(round(energy(bodies) * 1000000))
