function advance(bodies, dt) {
  const n = bodies.length;
  for (let i = 0; i < n; i++) {
    const a = bodies[i];
    for (let j = i + 1; j < n; j++) {
      const b = bodies[j];
      const dx = a.x - b.x, dy = a.y - b.y, dz = a.z - b.z;
      const d2 = dx * dx + dy * dy + dz * dz, mag = dt / (d2 * Math.sqrt(d2));
      a.vx -= dx * b.m * mag; a.vy -= dy * b.m * mag; a.vz -= dz * b.m * mag;
      b.vx += dx * a.m * mag; b.vy += dy * a.m * mag; b.vz += dz * a.m * mag;
    }
  }
  for (const b of bodies) { b.x += dt * b.vx; b.y += dt * b.vy; b.z += dt * b.vz; }
}
function energy(bodies) {
  let e = 0.0;
  for (let i = 0; i < bodies.length; i++) {
    const b = bodies[i];
    e += 0.5 * b.m * (b.vx * b.vx + b.vy * b.vy + b.vz * b.vz);
    for (let j = i + 1; j < bodies.length; j++) {
      const c = bodies[j], dx = b.x - c.x, dy = b.y - c.y, dz = b.z - c.z;
      e -= (b.m * c.m) / Math.sqrt(dx * dx + dy * dy + dz * dz);
    }
  }
  return e;
}
const bodies = [];
for (let k = 0; k < 5; k++)
  bodies.push({ x: k * 1.5, y: k * k * 0.25, z: 1.0 - k * 0.5, vx: 0.1 * k, vy: 0.3 - 0.1 * k, vz: 0.05 * k, m: 1.0 / (k + 1.0) });
for (let step = Number(process.argv[2]); step > 0; step--) advance(bodies, 0.001);
console.log(Math.round(energy(bodies) * 1000000));
