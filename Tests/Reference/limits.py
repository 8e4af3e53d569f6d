"""Limits of gradient flow and momentum gradient flow on ill-conditioned designs, in multiple precision.

Writes limits.json beside itself: for each case X, y, alpha, lambda (null: gradient flow), and to 17 digits theta_inf, the
decimal logarithm of Delta_inf and the number of sign changes. X and y are the doubles as stored: exact rationals. None of
the project's code is used, nor its methods:

- gradient flow: Newton on the dual in a basis of the row space that Gram and Schmidt make in 240 bits;
- momentum: Taylor steps of order 40 in 160 bits until the fast modes are gone, then Radau IIA of order 5 on the equation of
  the log-velocities, lambda p' + lambda p^2 + p +- g = 0, to rest, nothing linearised; theta_inf is then the gradient
  flow's limit from ln|w+-| + lambda p+- - lambda * integral of p^2. What a second run with twice the step gives differs by
  the error written down.

Needs numpy and gmpy2 (python3 -m venv v; v/bin/pip install numpy gmpy2); takes some minutes.
"""

import json
import pathlib
import sys

import gmpy2
import numpy as np
from gmpy2 import mpfr

gmpy2.get_context().precision = 160


def big(a):
    """An array of multiple-precision numbers, exactly equal to the doubles given."""
    a = np.asarray(a)
    return np.array([mpfr(float(x)) for x in a.ravel()], dtype=object).reshape(a.shape)


def each(function, values):
    return np.array([function(x) for x in values], dtype=object)


def solve(a, b):
    """Gaussian elimination with row pivoting."""
    n = len(b)
    a = [list(row) + [x] for row, x in zip(a, b)]
    for i in range(n):
        pivot = max(range(i, n), key=lambda k: abs(a[k][i]))
        a[i], a[pivot] = a[pivot], a[i]
        for k in range(i + 1, n):
            factor = a[k][i] / a[i][i]
            if factor != 0:
                for j in range(i, n + 1):
                    a[k][j] -= factor * a[i][j]
    x = [mpfr(0)] * n
    for i in range(n - 1, -1, -1):
        x[i] = (a[i][n] - sum(a[i][j] * x[j] for j in range(i + 1, n))) / a[i][i]
    return np.array(x, dtype=object)


def row_space(X, y):
    """An orthonormal basis of the row space and the coordinates of the solutions of X theta = y."""
    basis, target = [], []
    for row, t in zip(X, y):
        size = gmpy2.sqrt(row.dot(row))
        if size == 0:
            continue
        for _ in range(2):
            for q, z in zip(basis, target):
                c = q.dot(row)
                row, t = row - c * q, t - c * z
        length = gmpy2.sqrt(row.dot(row))
        if length > size * mpfr("1e-35"):
            basis.append(row / length)
            target.append(t / length)
    return np.array(basis, dtype=object), np.array(target, dtype=object)


def gradient_flow(X, y, logs):
    """theta_inf from ln|w+-| (2d numbers): Newton's method on the dual, damped far from the solution."""
    d = X.shape[1]
    with gmpy2.context(gmpy2.get_context(), precision=240):
        R, z = row_space(X, y)
        zeta = np.array([mpfr(0)] * len(z), dtype=object)

        def weights(zeta):
            G = R.T.dot(zeta)
            return each(gmpy2.exp, 2 * (logs[:d] - G)) / 4, each(gmpy2.exp, 2 * (logs[d:] + G)) / 4

        def dual(zeta):
            plus, minus = weights(zeta)
            return (plus.sum() + minus.sum()) / 2 + zeta.dot(z)

        for _ in range(2000):
            plus, minus = weights(zeta)
            defect = R.dot(plus - minus) - z
            step = solve((R * (2 * (plus + minus))).dot(R.T), defect)
            longest = max(abs(R.T.dot(step)))
            if longest < mpfr("1e-40"):
                return plus - minus
            length = min(mpfr(1), 5 / longest)
            if longest > mpfr("1e-15"):
                now, slope = dual(zeta), step.dot(defect)
                while dual(zeta + length * step) > now - length * slope / 10:
                    length /= 2
            zeta = zeta + length * step
    raise RuntimeError("Newton's method does not converge")


def taylor(X, y, w, v, lam, end, order=40, tolerance=mpfr("1e-40")):
    """Momentum gradient flow from (w, v) to `end`: w, v and the number of sign changes."""
    n, d = X.shape
    time, changes = mpfr(0), 0
    while time < end:
        W, force = [w, v], []
        for k in range(order - 1):
            theta = sum(W[j][:d] * W[k - j][:d] - W[j][d:] * W[k - j][d:] for j in range(k + 1)) / 4
            residual = X.dot(theta) - (y if k == 0 else 0)
            g = X.T.dot(residual) / n
            force.append(np.concatenate([g, -g]))
            f = sum(force[j] * W[k - j] for j in range(k + 1))
            W.append(-((k + 1) * W[k + 1] + f) / (lam * (k + 1) * (k + 2)))
        size = each(abs, w) + lam * each(abs, v)
        h = min(
            (tolerance * s / abs(c)) ** (mpfr(1) / k)
            for k in (order - 1, order) for s, c in zip(size, W[k]) if c != 0)
        h = min(h, end - time)
        new, rate = W[order], order * W[order]
        for k in range(order - 1, -1, -1):
            new = new * h + W[k]
            if k:
                rate = rate * h + k * W[k]
        changes += sum(int((a < 0) != (b < 0)) for a, b in zip(w, new))
        w, v, time = new, rate, time + h
    return w, v, changes


ROOT = gmpy2.sqrt(mpfr(6))
RADAU = [
    [(88 - 7 * ROOT) / 360, (296 - 169 * ROOT) / 1800, (-2 + 3 * ROOT) / 225],
    [(296 + 169 * ROOT) / 1800, (88 + 7 * ROOT) / 360, (-2 - 3 * ROOT) / 225],
    [(16 - ROOT) / 36, (16 + ROOT) / 36, mpfr(1) / 9],
]
INVERSE = np.array([solve(RADAU, [mpfr(int(i == j)) for i in range(3)]) for j in range(3)], dtype=object).T


def rest(X, y, logs, p, lam, longest):
    """J+- = lambda * integral of p^2 to rest, from logarithms and log-velocities (2d numbers each)."""
    n, d = X.shape
    m = 2 * d
    H = X.T.dot(X) / n

    def gradient(logs):
        squares = each(gmpy2.exp, 2 * logs)
        g = X.T.dot(X.dot(squares[:d] - squares[d:]) / 4 - y) / n
        slope = np.concatenate([H * (squares[:d] / 2), -H * (squares[d:] / 2)], axis=1)
        return np.concatenate([g, -g]), np.concatenate([slope, -slope])

    missing = np.array([mpfr(0)] * m, dtype=object)
    time, h = mpfr(0), lam / 100
    for _ in range(4000):
        P, isSolved = [p] * 3, False
        for _ in range(15):
            blocks, right = [], []
            for i in range(3):
                g, slope = gradient(logs + h * sum(RADAU[i][j] * P[j] for j in range(3)))
                right.append(-(lam / h * sum(INVERSE[i][j] * (P[j] - p) for j in range(3)) + lam * P[i] ** 2 + P[i] + g))
                row = [h * RADAU[i][j] * slope for j in range(3)]
                for j in range(3):
                    for a in range(m):
                        row[j][a][a] += lam * INVERSE[i][j] / h + ((2 * lam * P[i][a] + 1) if i == j else 0)
                blocks.append(np.concatenate(row, axis=1))
            correction = solve(np.concatenate(blocks), np.concatenate(right)).reshape(3, m)
            P = [a + b for a, b in zip(P, correction)]
            size = max(abs(h * c) for c in correction.ravel())
            isSolved = size < mpfr("1e-28")
            if isSolved or size > 1:
                break
        change = max(max(abs(h * P[2])), max(abs(lam * (P[2] - p))))
        if not isSolved or change > 2 * longest:
            h /= 2
            continue
        for weight, stage in zip(RADAU[2], P):
            missing = missing + lam * h * weight * stage ** 2
            logs = logs + h * weight * stage
        p, time = P[2], time + h
        # What may still move later than 1e30 adds nothing to J.
        if max(abs(p)) * max(time, mpfr("1e30")) < mpfr("1e-20"):
            return missing
        if change < 0.7 * longest:
            h *= mpfr("1.6")
    raise RuntimeError("no rest")


def momentum(X, y, w, lam, end, longest=0.01):
    """theta_inf, ln Delta_inf, the number of sign changes, and how far halving the steps moved the first two."""
    d = X.shape[1]
    w, v, changes = taylor(X, y, w, 0 * w, lam, mpfr(end))
    found = []
    for size in (2 * longest, longest):
        logs = each(lambda x: gmpy2.log(abs(x)), w)
        extended = logs + lam * v / w
        with gmpy2.context(gmpy2.get_context(), precision=260):
            sums = extended - rest(X, y, logs, v / w, lam, size)
        # The balance of the whole path and the row space settle the rest exactly: ln|w| at rest is this but for -+G.
        found.append((gradient_flow(X, y, sums), sums[:d] + sums[d:]))
    error = [float(max(abs(a - b))) for a, b in zip(*found)]
    return found[1][0], found[1][1], changes, error


def designs():
    """(kind, X, y): y = X theta* rounded, of which X as rounded knows nothing."""
    random = np.random.default_rng(14)

    def normal(n, d):
        return random.standard_normal((n, d))

    for trial in range(3):
        for exponent in (2, 4, 6, 8, 10, 12, 13):
            n, d = int(random.integers(3, 6)), int(random.integers(7, 11))
            left, right = np.linalg.qr(normal(n, n))[0], np.linalg.qr(normal(d, n))[0]
            yield f"condition 1e{exponent}", left * 10 ** (-exponent * np.arange(n) / (n - 1)) @ right.T, None
        for exponent in (2, 4, 6, 8, 10, 12):
            X = normal(3, 6)
            X[1] = X[0] * (1 + 10.0 ** -exponent * normal(1, 6)[0])
            yield f"rows differ by 1e-{exponent}", X, None
        X = normal(4, 7)
        yield "equal rows", X[[0, 1, 2, 1, 3, 0]], None
        X = normal(4, 7)
        X[:, 3] = X[:, 1]
        yield "equal columns", X, None
        X[:, 5] = X[:, 2] * (1 + 1e-9 * normal(4, 1)[:, 0])
        yield "nearly equal columns", X, None
        for exponent in (3, 6, 12, 40):
            X = normal(3, 6)
            yield f"rows graded to 1e-{exponent}", X * 10.0 ** (-exponent * np.arange(3) / 2)[:, None], None
        for exponent in (2, 4, 6):
            X = normal(3, 6)
            yield f"columns graded to 1e-{exponent}", X * 10.0 ** (-exponent * np.arange(6) / 5), None
        # Exactly of rank 3, in small integers.
        X = random.integers(-3, 4, (5, 3)) @ random.integers(-3, 4, (3, 8))
        yield "rank 3 of 5", X.astype(float), np.round(4 * normal(1, 8)[0]) / 4


def table():
    random = np.random.default_rng(15)
    cases = []

    def add(kind, X, y, alpha, lam, end=600.0):
        X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
        d = X.shape[1]
        w = np.array([mpfr(float(np.sqrt(2.0) * alpha))] * (2 * d), dtype=object)
        case = {"kind": kind, "X": X.tolist(), "y": y.tolist(), "alpha": alpha, "lambda": lam}
        if lam is None:
            theta, error = gradient_flow(big(X), big(y), each(gmpy2.log, w)), [0, 0]
            logs, changes = each(gmpy2.log, w[:d] * w[d:]), 0
        else:
            theta, logs, changes, error = momentum(big(X), big(y), w, mpfr(lam), end)
        case["theta"] = [float(x) for x in theta]
        case["log10_delta"] = [float(x / gmpy2.log(mpfr(10))) for x in logs]
        case["delta"] = [float(gmpy2.exp(x)) for x in logs]
        case["sign_changes"], case["error"] = changes, error
        cases.append(case)
        print(len(cases), kind, alpha, lam, error, file=sys.stderr, flush=True)

    shared = pathlib.Path(__file__).parent
    for name, alpha, lambdas, end in [
            ("near-equal-rows", 0.1, (None, 0.3, 3.0), 600.0), ("underflow", 1e-120, (0.3,), 9000.0)]:
        X = np.loadtxt(shared / f"{name}-X.csv", delimiter=",")
        y = np.loadtxt(shared / f"{name}-y.csv")
        for lam in lambdas:
            add(name, X, y, alpha, lam, end)
    for number, (kind, X, star) in enumerate(designs()):
        if star is None:
            star = random.standard_normal(X.shape[1])
        y = X @ star
        if kind == "equal rows":
            y = y[[0, 1, 2, 1, 4, 0]]
        for alpha in (0.3, 0.01):
            add(kind, X, y, alpha, None)
        # Momentum where the tail is short enough to follow: a third of them.
        if number % 3 == 0 and X.shape[1] <= 8:
            lam = float(np.round(10 ** random.uniform(-1, 0.7), 3))
            try:
                add(kind, X, y, 0.2, lam)
            except (RuntimeError, ValueError) as error:
                print("left out:", kind, error, file=sys.stderr)
    return cases


if __name__ == "__main__":
    target = pathlib.Path(__file__).with_suffix(".json")
    target.write_text("[\n" + ",\n".join(json.dumps(case) for case in table()) + "\n]\n")
