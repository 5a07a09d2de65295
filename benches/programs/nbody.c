#include <math.h>
#include <stdio.h>
#include <stdlib.h>
enum { N = 5 };
struct body { double x, y, z, vx, vy, vz, m; };
static struct body bodies[N];
static void advance(double dt) {
    for (int i = 0; i < N; i++)
        for (int j = i + 1; j < N; j++) {
            struct body *a = &bodies[i], *b = &bodies[j];
            double dx = a->x - b->x, dy = a->y - b->y, dz = a->z - b->z;
            double d2 = dx * dx + dy * dy + dz * dz, mag = dt / (d2 * sqrt(d2));
            a->vx -= dx * b->m * mag; a->vy -= dy * b->m * mag; a->vz -= dz * b->m * mag;
            b->vx += dx * a->m * mag; b->vy += dy * a->m * mag; b->vz += dz * a->m * mag;
        }
    for (int i = 0; i < N; i++) {
        bodies[i].x += dt * bodies[i].vx; bodies[i].y += dt * bodies[i].vy; bodies[i].z += dt * bodies[i].vz;
    }
}
static double energy(void) {
    double e = 0;
    for (int i = 0; i < N; i++) {
        struct body *b = &bodies[i];
        e += 0.5 * b->m * (b->vx * b->vx + b->vy * b->vy + b->vz * b->vz);
        for (int j = i + 1; j < N; j++) {
            double dx = b->x - bodies[j].x, dy = b->y - bodies[j].y, dz = b->z - bodies[j].z;
            e -= b->m * bodies[j].m / sqrt(dx * dx + dy * dy + dz * dz);
        }
    }
    return e;
}
int main(int argc, char **argv) {
    for (int i = 0; i < N; i++) {
        double k = i;
        bodies[i] = (struct body){k * 1.5, k * k * 0.25, 1.0 - k * 0.5, 0.1 * k, 0.3 - 0.1 * k, 0.05 * k, 1.0 / (k + 1.0)};
    }
    for (long steps = atol(argv[1]); steps > 0; steps--) advance(0.001);
    printf("%.0f\n", round(energy() * 1000000));
    return argc - 2;
}
