"""Heavy ball on a diagonal linear network by NumPy and JAX, one core: a single trajectory and maps of (γ, β) pairs.

`make rivals` runs this after our own benchmark. By hand: .venv-rivals/bin/python notebooks/descent_rivals.py [OUTPUT]

w+' = w+ - γ g w+ + β (w+ - w+_before), w-' with + γ g w-; θ = (w+² - w-²) / 4, g = Xᵀ(Xθ - y) / n, from w± = √2 α.
A row of OUTPUT is the best of three runs of about half a second, after compiling and warming up: ns an iteration and
trajectory, and GFLOP/s by 4nd flops. A map by JAX is the faster of vmap and of matrix products; stderr tells which.
Printed beside a row is how many times as long it took as ours on one core (descent.csv beside OUTPUT).
"""

import os

os.environ |= {f"{pool}_NUM_THREADS": "1" for pool in ("OMP", "OPENBLAS", "MKL", "VECLIB_MAXIMUM")}
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
if hasattr(os, "sched_setaffinity"):  # XLA's own threads heed none of these
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

import csv
import math
import platform
import re
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter

import numpy as np

try:
    import jax
    import jax.numpy as jnp
    jax.config.update("jax_enable_x64", True)
except ImportError:
    jax = None

HEADER = ["case", "rival", "runs", "n", "d", "ns_per_iteration", "gflops"]
CASES = [("one", 1, 20, 30), ("one", 1, 100, 1000), ("map", 32, 20, 30), ("map", 16, 100, 1000)]  # γs, n, d
START = math.sqrt(2) * 0.1
SECONDS = 0.5  # of one timing
CHECKED = 200  # iterations after which the weights are compared

Run = Callable[[int], np.ndarray]  # so many iterations from the start: w+ and w-, stacked


def note(text: str) -> None:
    print(f"note: {text}", file=sys.stderr, flush=True)


def given(side: int, n: int, d: int) -> tuple[np.ndarray, ...]:
    """X, y, and γ and β of every run."""
    x, truth = np.random.default_rng(1).standard_normal((n, d)), np.zeros(d)
    truth[:3] = 1, -1, 1
    # from the largest, which a single run takes
    grid = np.meshgrid(np.linspace(1e-3, 1e-4, side), np.linspace(0.9, 0, side), indexing="ij")
    return x, x @ truth, *(values.ravel() for values in grid)


def numpy_run(x: np.ndarray, y: np.ndarray, gamma: np.ndarray, beta: np.ndarray) -> Run:
    """In place. A run is a row of w+ and of w-; a single one is a vector."""
    runs, (n, d) = len(gamma), x.shape
    quarter, rows = x.T / 4, () if runs == 1 else (runs,)
    rate, decay = gamma[0] / n, beta[0]
    if rows:  # in full: broadcast along short rows is slow
        rate, decay = np.repeat(gamma / n, n).reshape(runs, n), np.repeat(beta, d).reshape(runs, d)

    def run(count: int) -> np.ndarray:
        w, moved = np.full((2, *rows, d), START), np.zeros((2, *rows, d))
        product, theta, residual, g = np.empty_like(w), np.empty((*rows, d)), np.empty((*rows, n)), np.empty((*rows, d))
        (plus, minus), (moved_plus, moved_minus) = product, moved
        for _ in range(count):
            np.multiply(w, w, out=product)
            np.subtract(plus, minus, out=theta)
            np.dot(theta, quarter, out=residual)
            np.subtract(residual, y, out=residual)
            np.multiply(residual, rate, out=residual)
            np.dot(residual, x, out=g)
            np.multiply(w, g, out=product)
            np.multiply(moved, decay, out=moved)
            np.subtract(moved_plus, plus, out=moved_plus)
            np.add(moved_minus, minus, out=moved_minus)
            np.add(w, moved, out=w)
        return w

    return run


def jax_loop(x, y, gamma, beta, count):
    """One run, or several as rows of matrices if γ and β are columns."""
    def step(_, state):
        p, m, dp, dm = state
        g = (((p * p - m * m) / 4) @ x.T - y) @ x / len(y)
        dp, dm = beta * dp - gamma * g * p, beta * dm + gamma * g * m
        return p + dp, m + dm, dp, dm

    start = jnp.full((*gamma.shape[:-1], x.shape[1]), START)
    return jnp.stack(jax.lax.fori_loop(0, count, step, (start, start, 0 * start, 0 * start))[:2])


def jax_products(x, y, gamma, beta, count):
    return jax_loop(x, y, gamma[:, None], beta[:, None], count)


def jax_single(x, y, gamma, beta, count):
    return jax_loop(x, y, gamma[0], beta[0], count)


def jax_vmap(x, y, gamma, beta, count):
    return jax.vmap(lambda g, b: jax_loop(x, y, g, b, count), out_axes=1)(gamma, beta)


def jax_run(form: Callable, data: tuple[np.ndarray, ...], label: str) -> Run:
    arrays = [jnp.asarray(values) for values in data]
    began, compiled = perf_counter(), jax.jit(form).lower(*arrays, 1).compile()
    note(f"{label}: compiled in {perf_counter() - began:.2f} s")
    return lambda count: jax.block_until_ready(compiled(*arrays, count))


def best(run: Callable[[int], object]) -> float:
    """Seconds an iteration."""
    def timed(count: int) -> float:
        began = perf_counter()
        run(count)
        return perf_counter() - began

    count = 1
    timed(count)
    while (probe := timed(count)) < SECONDS / 10:
        count *= 2
    count = math.ceil(count * SECONDS / probe)
    return min(timed(count) for _ in range(3)) / count


def rows(case: str, side: int, n: int, d: int) -> Iterator[list[str]]:
    data, runs = given(side, n, d), side * side

    def row(rival: str, seconds: float) -> list[str]:
        ns = 1e9 * seconds / runs
        return [case, rival, str(runs), str(n), str(d), f"{ns:.4g}", f"{4 * n * d / ns:.3g}"]

    reference = numpy_run(*data)
    yield row("numpy", best(reference))
    if jax is None:
        return
    expected, times = reference(CHECKED), {}
    for form in [jax_single] if case == "one" else [jax_vmap, jax_products]:
        name = f"{case} {n} x {d} {form.__name__}"
        run = jax_run(form, data, name)
        error = np.max(np.abs(run(CHECKED) - expected)) / np.max(np.abs(expected))
        if not error <= 1e-9:  # nor if it is not a number
            raise RuntimeError(f"{name} and NumPy differ by {error:.1e} after {CHECKED} iterations")
        times[name] = best(run)
    fastest = min(times, key=times.get)
    if len(times) > 1:
        all_times = ", ".join(f"{name.split()[-1]} {1e9 * time / runs:.4g} ns" for name, time in times.items())
        note(f"{case} {n} x {d} jax is {fastest.split()[-1]} ({all_times})")
    yield row("jax", times[fastest])


def dgemm() -> list[str]:
    a, b = np.random.default_rng(1).standard_normal((2, 1024, 1024))
    out = np.empty_like(a)

    def run(count: int) -> None:
        for _ in range(count):
            np.matmul(a, b, out=out)

    return ["dgemm", "numpy", "", "", "", "", f"{2 * 1024**3 / best(run) / 1e9:.3g}"]


def times_ours(ours: dict[tuple[str, ...], float], row: list[str]) -> str:
    mine = ours.get((row[0], row[3], row[4]))
    return f"{float(row[5]) / mine:.3g}x" if mine else ""


def main() -> None:
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    default = Path("notebooks/bench/descent-rivals.csv")
    parser.add_argument("output", nargs="?", type=Path, default=default, metavar="OUTPUT")
    output = parser.parse_args().output
    output.parent.mkdir(parents=True, exist_ok=True)

    cpus = re.findall(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text()) if sys.platform == "linux" else []
    print(f"Python {platform.python_version()}, {(cpus or [platform.processor()])[0]}")
    print(f"numpy {np.__version__}, jax {jax.__version__ if jax else 'missing'}")
    if jax is None:
        note("jax is missing: NumPy alone")
    reference, ours = output.parent / "descent.csv", {}
    if reference.exists():
        own = [row for row in csv.DictReader(reference.open()) if row["workers"] == "1"]
        ours = {(row["case"], row["n"], row["d"]): float(row["ns_per_iteration"]) for row in own}
    line = "{:6} {:6} {:>5} {:>4} {:>5} {:>17} {:>7} {:>7}"
    print(line.format(*HEADER, "ours"))
    with output.open("w", newline="", buffering=1) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        for row in (row for results in (*(rows(*case) for case in CASES), [dgemm()]) for row in results):
            writer.writerow(row)
            print(line.format(*row, times_ours(ours, row)), flush=True)


if __name__ == "__main__":
    main()
