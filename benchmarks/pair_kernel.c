/* The arithmetic of cedrag/kernels/pair.py in C: the limit that the numba kernel is held against.

   Same closed forms, same branch-free structure; exp() is left to the vector mathematics library
   (libmvec), which gcc calls under -O3 -ffast-math.  Compiled and called by pair_limit.py. */

#include <math.h>
#include <stddef.h>
#include <stdint.h>

#define X_SERIES 1.5
#define DEGREE 6

typedef struct { double mass, mu, lam, B, J; } band_t;

/* copysign, in the form that gcc vectorises */
static inline double with_sign(double magnitude, double x)
{
    return x < 0.0 ? -magnitude : magnitude;
}

/* exp(-x), 0 <= x <= 700 */
#ifdef POLYNOMIAL_EXP
/* the polynomial of cedrag/kernels/exponential.py: no call, so that registers stay where they are */
static inline double exp_neg(double x)
{
    double n = rint(-x * 1.4426950408889634);
    double r = (-x - n * 6.93147180369123816490e-01) - n * 1.90821492927058770002e-10;
    double p = E_9;
    p = p * r + E_8, p = p * r + E_7, p = p * r + E_6, p = p * r + E_5, p = p * r + E_4;
    p = p * r + E_3, p = p * r + E_2, p = p * r + E_1, p = p * r + E_0;
    union { int64_t i; double f; } power = {.i = ((int64_t)n + 1023) << 52};
    return (1.0 + (r + r * r * p)) * power.f;
}
#else
static inline double exp_neg(double x)
{
    return exp(-x);
}
#endif

static inline double horner(const double *c, double z)
{
    double total = c[DEGREE];
    for (int n = DEGREE - 1; n >= 0; n--)
        total = total * z + c[n];
    return total;
}

static inline double band_and_velocity(double kx, double ky, band_t p, double *vx, double *vy)
{
    double a = p.lam * kx + p.B, b = p.lam * ky;
    double s = sqrt(a * a + b * b + (p.J * p.J + 1e-300));
    double slope = p.lam / s, per_mass = 1.0 / p.mass;
    *vx = kx * per_mass - slope * a;
    *vy = ky * per_mass - slope * b;
    return (kx * kx + ky * ky) * (0.5 * per_mass) - p.mu - s;
}

/* six components at n nodes for one q: f[c * n + i]; U and V are the kernel's own coefficients */
static void fill(ptrdiff_t n, const double *restrict node_x, const double *restrict node_y,
          double qx, double qy, double T, const double *electron, const double *hole,
          double E_ref, double m_r, const double *U_table, const double *V_table,
          double *restrict f)
{
    const band_t e_band = {electron[0], electron[1], electron[2], electron[3], electron[4]};
    const band_t h_band = {hole[0], hole[1], hole[2], hole[3], hole[4]};
    double U_[DEGREE + 1], V_[DEGREE + 1];
    for (int i = 0; i <= DEGREE; i++) {
        U_[i] = U_table[i];
        V_[i] = V_table[i];
    }
    const double half = 0.5 / T, a = -half, b = 0.25 / (T * T * T), c = 0.5 * half;
    double *restrict f0 = f, *restrict f1 = f + n, *restrict f2 = f + 2 * n;
    double *restrict f3 = f + 3 * n, *restrict f4 = f + 4 * n, *restrict f5 = f + 5 * n;

#pragma omp simd
    for (ptrdiff_t i = 0; i < n; i++) {
        double kx = node_x[i], ky = node_y[i], ve_x, ve_y, vh_x, vh_y;
        double e = band_and_velocity(kx + 0.5 * qx, ky + 0.5 * qy, e_band, &ve_x, &ve_y);
        double h = band_and_velocity(0.5 * qx - kx, 0.5 * qy - ky, h_band, &vh_x, &vh_y);
        double X = (e + h) * half, D = (e - h) * half;

        /* hyperbolic functions over cosh X + cosh D */
        double root_A = exp_neg(fmin(0.5 * fabs(X + D), 350.0));
        double root_B = exp_neg(fmin(0.5 * fabs(X - D), 350.0));
        double A = root_A * root_A, B = root_B * root_B;
        double N = 1.0 / ((1.0 + A) * (1.0 + B)), AB = A * B;
        double cosh_M = N * (1.0 + AB), sinh_M = N * (1.0 - AB);
        double cosh_m = N * (A + B), sinh_m = N * fabs(A - B);
        int x_larger = fabs(X) > fabs(D);
        double s1 = with_sign(x_larger ? sinh_M : sinh_m, X);
        double s2 = with_sign(x_larger ? sinh_m : sinh_M, D);
        double c1 = x_larger ? cosh_M : cosh_m, c2 = x_larger ? cosh_m : cosh_M;
        double Q = 2.0 * N * (root_A * root_B);

        /* small |X| */
        int series = fabs(X) < X_SERIES;
        double z = fmin(X * X, X_SERIES * X_SERIES);
        double U = horner(U_, z), V = horner(V_, z);
        double sigma = 1.0 / 6.0 + z * U, s = 1.0 + z * sigma;
        double r = (s - z * V) * (1.0 / 3.0);
        double p = sigma * (s + 1.0) + s * r;
        double dsigma = (sigma - V) * (1.0 / 6.0) - U;
        double dp = dsigma * (s + 1.0) + 0.5 * (sigma * r + r * r + s * V), dr = 0.5 * V;
        double w_0 = Q * s, R_0 = Q * r, y_0 = Q * (p * Q - c2 * r);
        double y_X0 = 2.0 * X * (Q * (dp * Q - c2 * dr) - w_0 * y_0);

        /* large |X| */
        double inv = 1.0 / (series ? X_SERIES : X), S_X = Q * Q + c1 * c2;
        double w_1 = s1 * inv, R_1 = (c1 - w_1) * (inv * inv), y_1 = (w_1 - S_X) * (inv * inv);
        double y_X1 = -(3.0 * y_1 + w_1 * (c2 - 2.0 * S_X)) * inv;

        double w = series ? w_0 : w_1, R = series ? R_0 : R_1;
        double y = series ? y_0 : y_1, y_X = series ? y_X0 : y_X1;
        double w_X = -X * y, w_D = -w * s2, y_D = -s2 * (R + 2.0 * y);

        double a_e = (a * c) * (w_X + w_D), a_h = (a * c) * (w_X - w_D);
        double b_e = (b * c) * (y_X + y_D), b_h = (b * c) * (y_X - y_D);
        f0[i] = 1.0 / ((kx * kx + ky * ky) * (0.5 / m_r) + E_ref) + a * w;
        f1[i] = b * y;
        f2[i] = a_e * ve_x + a_h * vh_x;
        f3[i] = a_e * ve_y + a_h * vh_y;
        f4[i] = b_e * ve_x + b_h * vh_x;
        f5[i] = b_e * ve_y + b_h * vh_y;
    }
}

/* the same for m momenta q, one after the other into the same f */
void fill_all(ptrdiff_t m, const double *q, ptrdiff_t n, const double *node_x,
              const double *node_y, double T, const double *electron, const double *hole,
              double E_ref, double m_r, const double *U, const double *V, double *f)
{
    for (ptrdiff_t j = 0; j < m; j++)
        fill(n, node_x, node_y, q[2 * j], q[2 * j + 1], T, electron, hole, E_ref, m_r, U, V, f);
}
