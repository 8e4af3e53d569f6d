"""Heavy ball on a diagonal linear network by NumPy and JAX, one core: a single trajectory and maps of (γ, β) pairs.

`make rivals` runs this after our own benchmark. By hand: .venv-rivals/bin/python notebooks/descent_rivals.py [OUTPUT]

w+' = w+ - γ g w+ + β (w+ - w+_before), w-' with + γ g w-; θ = (w+² - w-²) / 4, g = Xᵀ(Xθ - y) / n, from w± = √2·0.1. A row
is the best of three after compiling and warming up: ns an iteration and trajectory, and GFLOP/s by 4nd flops. The column
`ours` says how many times longer than `make bench SECTIONS=descent` (descent.csv beside OUTPUT) on one core.
"""

import os

os.environ |= {f"{pool}_NUM_THREADS": "1" for pool in ("OMP", "OPENBLAS", "MKL", "VECLIB_MAXIMUM")}
if hasattr(os, "sched_setaffinity"):  # XLA's own threads heed none of these
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import csv
import platform
import re
import sys
from collections.abc import Callable
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


def data(n: int, d: int, side: int) -> tuple[np.ndarray, ...]:
    """X, y, γ and β of every run."""
    draw = np.random.default_rng(1)
    x, truth = draw.standard_normal((n, d)), np.zeros(d)
    truth[:3] = 1, -1, 1
    grid = np.meshgrid(np.linspace(1e-4, 1e-3, side), np.linspace(0, 0.9, side), indexing="ij")
    return x, x @ truth, *(values.ravel() for values in grid)


def step(xp, x, y, gamma, beta, state):
    """One iteration; rows of p, m and of their increments are runs."""
    p, m, dp, dm = state
    g = ((p * p - m * m) / 4 @ x.T - y) @ x / len(y)
    dp, dm = beta * dp - gamma * g * p, beta * dm + gamma * g * m
    return p + dp, m + dm, dp, dm


def numpy_run(x, y, gamma, beta, count: int):
    state = tuple(np.full((len(gamma), x.shape[1]), v) for v in (np.sqrt(2) * 0.1, np.sqrt(2) * 0.1, 0.0, 0.0))
    if len(gamma) == 1:
        state, gamma, beta = tuple(part[0] for part in state), gamma[0], beta[0]
    else:
        gamma, beta = gamma[:, None], beta[:, None]
    for _ in range(count):
        state = step(np, x, y, gamma, beta, state)
    return state[0]


def jax_products(x, y, gamma, beta, count):
    """All runs as rows of matrices."""
    start = jnp.full((gamma.shape[0], x.shape[1]), jnp.sqrt(2) * 0.1)
    state = (start, start, 0 * start, 0 * start)
    body = lambda _, state: step(jnp, x, y, gamma[:, None], beta[:, None], state)
    return jax.lax.fori_loop(0, count, body, state)[0]


def jax_single(x, y, gamma, beta, count):
    start = jnp.full(x.shape[1], jnp.sqrt(2) * 0.1)
    state = (start, start, 0 * start, 0 * start)
    return jax.lax.fori_loop(0, count, lambda _, state: step(jnp, x, y, gamma, beta, state), state)[0]


def jax_vmap(x, y, gamma, beta, count):
    return jax.vmap(lambda g, b: jax_single(x, y, g, b, count))(gamma, beta)


def best(run: Callable[[int], np.ndarray], runs: int) -> float:
    """Seconds an iteration and trajectory, over about half a second."""
    run(2)
    began = perf_counter()
    run(20)
    count = max(20, int(10 / (perf_counter() - began)))
    times = []
    for _ in range(3):
        began = perf_counter()
        run(count)
        times.append((perf_counter() - began) / count / runs)
    return min(times)


def main() -> None:
    output = Path(sys.argv[1] if len(sys.argv) > 1 else "notebooks/bench/descent-rivals.csv")
    output.parent.mkdir(parents=True, exist_ok=True)
    cpus = re.findall(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text()) if sys.platform == "linux" else []
    print(f"Python {platform.python_version()}, {(cpus or [platform.processor()])[0]}")
    print(f"numpy {np.__version__}, jax {jax.__version__ if jax else 'missing'}")
    own = output.parent / "descent.csv"
    ours = {}
    if own.exists():
        for row in csv.DictReader(own.open()):
            if row["workers"] == "1":
                ours[row["case"], row["n"], row["d"]] = float(row["ns_per_iteration"])
    line = "{:6} {:14} {:>5} {:>4} {:>5} {:>17} {:>7} {:>7}"
    print(line.format(*HEADER, "ours"))
    with output.open("w", newline="", buffering=1) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)

        def put(case: str, rival: str, runs: int, n: int, d: int, seconds: float) -> None:
            row = [case, rival, str(runs), str(n), str(d), f"{seconds * 1e9:.4g}", f"{4 * n * d / seconds / 1e9:.3g}"]
            writer.writerow(row)
            mine = ours.get((case, str(n), str(d)))
            print(line.format(*row, f"{seconds * 1e9 / mine:.3g}x" if mine else ""), flush=True)

        for n, d, side in ((20, 30, 32), (100, 1000, 16)):
            for case, width in (("one", 1), ("map", side)):
                given = x, y, gamma, beta = data(n, d, width)
                runs = width * width
                put(case, "numpy", runs, n, d, best(lambda count: numpy_run(*given, count), runs))
                if not jax:
                    continue
                forms = {"jax": jax_single} if case == "one" else {"jax-products": jax_products, "jax-vmap": jax_vmap}
                arrays = jax.tree.map(jnp.asarray, given if case == "map" else (x, y, gamma[0], beta[0]))
                for rival, form in forms.items():
                    compiled = jax.jit(form)
                    run = lambda count: jax.block_until_ready(compiled(*arrays, count))
                    if not np.allclose(run(50), numpy_run(*given, 50), rtol=1e-9, atol=1e-12):
                        raise RuntimeError(f"{rival} and numpy differ")
                    put(case, rival, runs, n, d, best(run, runs))
        a = np.ones((1024, 1024))
        times = []
        for _ in range(5):
            began = perf_counter()
            a @ a
            times.append(perf_counter() - began)
        rate = f"{2 * 1024**3 / min(times) / 1e9:.3g}"
        writer.writerow(["dgemm", "numpy", "", "", "", "", rate])
        print(line.format("dgemm", "numpy", "", "", "", "", rate, ""))


if __name__ == "__main__":
    main()
