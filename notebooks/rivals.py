"""Other people's ODE solvers on the problems of the work-precision benchmark, one thread.

`make rivals` creates an environment from notebooks/requirements-rivals.txt and runs this script. By hand:
    python3 -m venv .venv-rivals && .venv-rivals/bin/pip install -r notebooks/requirements-rivals.txt
    .venv-rivals/bin/python notebooks/rivals.py [PROBLEMS] [OUTPUT] [--problems a,b] [--solvers a,b]

The flow of (w+, w-, v+, v-) from w+ = w- = √2 α and v = 0, with θ = (w+² - w-²) / 4 and g = Xᵀ(Xθ - y) / n, is
w' = v, λ v+' = -(v+ + g w+), λ v-' = -(v- - g w-).
PROBLEMS has a folder per problem: problem.json, X.csv, y.csv and truth.csv (w+ and w- at the end). A row of OUTPUT is
one solver at one tolerance: the error max|w - truth| / max(1, max|truth|), the evaluations of the right-hand side if
the library tells, and the best wall time of three after compiling and warming up (of fewer once one took 3 s). A run
that fails or takes 20 s leaves the error empty; after 20 s no tighter tolerance is tried. stderr tells why. Beside the
rows that are printed stands how many times longer they took than the fastest stepper of ours that errs no more
(work-precision.csv beside PROBLEMS).
"""

import os

os.environ |= {f"{pool}_NUM_THREADS": "1" for pool in ("OMP", "OPENBLAS", "MKL", "VECLIB_MAXIMUM")}
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import csv
import json
import math
import platform
import re
import sys
import warnings
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Callable, Iterator
from functools import cached_property, lru_cache, partial
from importlib.metadata import distributions
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

import numpy as np

HEADER = ["problem", "stepper", "rtol", "error", "passes", "ms"]
WALL_LIMIT = 20.0  # seconds of one run
REPEAT_LIMIT = 3.0  # seconds; a longer run is not repeated
EXPLICIT_STEPS = 2e5  # an explicit method's steps are no longer than about 5 λ
PACKAGES = ["numpy", "scipy", "jax", "jaxlib", "equinox", "diffrax", "heyoka", "scikit-sundae"]


def note(text: str) -> None:
    print(f"note: {text}", file=sys.stderr, flush=True)


class Problem:
    """A problem of the benchmark, its right-hand side and Jacobian, with a count of evaluations and a deadline."""
    def __init__(self, folder: Path):
        about = json.loads((folder / "problem.json").read_text())
        self.name: str = about["name"]
        self.rate, self.alpha, self.until = (float(about[key]) for key in ("lambda", "alpha", "until"))
        self.x = np.loadtxt(folder / "X.csv", delimiter=",", ndmin=2)
        self.y, self.truth = (np.loadtxt(folder / file, delimiter=",").ravel() for file in ("y.csv", "truth.csv"))
        self.n, self.d = self.x.shape
        self.start = np.concatenate([np.full(2 * self.d, math.sqrt(2) * self.alpha), np.zeros(2 * self.d)])
        self._quarter, self._transposed = self.x / 4, np.ascontiguousarray(self.x.T) / self.n

    def restart(self) -> None:
        self.passes, self.deadline = 0, perf_counter() + WALL_LIMIT

    def check_time(self) -> None:
        if perf_counter() > self.deadline:
            raise TimeoutError(f"more than {WALL_LIMIT:g} s")

    def gradient(self, p: np.ndarray, m: np.ndarray) -> np.ndarray:
        return self._transposed @ (self._quarter @ (p * p - m * m) - self.y)

    def rhs(self, _: float, state: np.ndarray) -> np.ndarray:
        self.passes += 1
        self.check_time()
        p, m, vp, vm = state.reshape(4, self.d)
        g = self.gradient(p, m)
        return np.concatenate([vp, vm, (vp + g * p) / -self.rate, (vm - g * m) / -self.rate])

    @cached_property
    def _constants(self) -> tuple[np.ndarray, np.ndarray]:
        """The Jacobian's constant part and, tiled, the Hessian over -2 λ."""
        one, hessian = np.eye(2 * self.d), np.tile(self._transposed @ self.x, (2, 2))
        return np.block([[0 * one, one], [0 * one, one / -self.rate]]), hessian / (-2 * self.rate)

    def jacobian(self, _: float, state: np.ndarray) -> np.ndarray:
        p, m = state.reshape(4, self.d)[:2]
        half, g, signed, out = 2 * self.d, self.gradient(p, m), np.concatenate([p, -m]), self._constants[0].copy()
        out[half:, :half] = self._constants[1] * np.outer(signed, signed)
        out[half:, :half][np.diag_indices(half)] -= np.concatenate([g, -g]) / self.rate
        return out


# A solver made ready for a problem and its tolerances (there it may compile): gives the last state and the passes.
Run = Callable[[], tuple[np.ndarray, int | None]]


def scipy_solver(method: str, problem: Problem, rtol: float, atol: float) -> Run:
    import scipy.integrate
    kind = getattr(scipy.integrate, method)  # the class by itself: solve_ivp would also store every step
    options = {"rtol": rtol, "atol": atol} | ({} if method == "DOP853" else {"jac": problem.jacobian})

    def run():
        solver = kind(problem.rhs, 0.0, problem.start, problem.until, **options)
        while solver.status == "running":
            message = solver.step()
        if solver.status != "finished":
            raise RuntimeError(message)
        return solver.y, problem.passes

    return run


def sundials(method: str, problem: Problem, rtol: float, atol: float) -> Run:
    from scipy.sparse import identity
    from sksundae.cvode import CVODE

    def rhs(t, state, out):
        out[:] = problem.rhs(t, state)

    def jacobian(t, state, _, out):
        out[:] = 0 if problem.d > 100 else problem.jacobian(t, state)

    # The binding offers Newton's iteration alone. For a large d, Adams gets CVODE's other one, the fixed-point
    # iteration, as Newton's with a Jacobian of zeros: GMRES took a hundred times as many passes.
    options = {"method": method, "jacfn": jacobian, "rtol": rtol, "atol": atol, "max_num_steps": 10**9}
    if problem.d > 100:
        options |= {"linsolver": "sparse", "sparsity": identity(4 * problem.d, format="csc")}
        warnings.filterwarnings("ignore", "Custom sparse Jacobian")

    def run():
        solver = CVODE(rhs, **options)
        solver.init_step(0.0, problem.start)
        result = solver.step(problem.until, tstop=problem.until)
        if not result.success:
            raise RuntimeError(result.message)
        return result.y.ravel(), problem.passes  # counted here: nfev leaves some out

    return run


@lru_cache(maxsize=1)
def compiled_diffrax(problem: Problem):
    """A jitted solve of (rtol, atol) with as many steps as fit into WALL_LIMIT."""
    import diffrax
    import jax
    jax.config.update("jax_enable_x64", True)

    def field(_, state, data):
        p, m, vp, vm = state.reshape(4, problem.d)
        g = (data[0] @ ((p * p - m * m) / 4) - data[1]) @ data[0] / problem.n
        return jax.numpy.concatenate([vp, vm, (vp + g * p) / -problem.rate, (vm - g * m) / -problem.rate])

    def bounded(steps: int):
        def solve(start, end, data, rtol, atol):
            options = {"stepsize_controller": diffrax.PIDController(rtol, atol), "max_steps": steps, "throw": False}
            return diffrax.diffeqsolve(diffrax.ODETerm(field), diffrax.Dopri8(), 0.0, end, None, start, data, **options)

        given = jax.tree.map(jax.numpy.asarray, (problem.start, problem.until, (problem.x, problem.y)))
        began, compiled = perf_counter(), jax.jit(solve).lower(*given, 1.0, 1.0).compile()
        note(f"{problem.name} diffrax-dopri8: compiled in {perf_counter() - began:.1f} s")
        return lambda rtol, atol: jax.block_until_ready(compiled(*given, rtol, atol))

    # A jitted loop cannot be aborted: time the steps of a short run first.
    probe = bounded(200)
    probe(1e-6, 1e-9)
    began = perf_counter()
    steps = int(probe(1e-6, 1e-9).stats["num_steps"])
    return bounded(int(1000 + WALL_LIMIT * steps / (perf_counter() - began)))


def diffrax_dopri8(problem: Problem, rtol: float, atol: float) -> Run:
    solve = compiled_diffrax(problem)

    def run():
        solution = solve(rtol, atol)
        steps = int(solution.stats["num_steps"])
        if steps >= int(solution.stats["max_steps"]):
            raise TimeoutError(f"more than {steps} steps, or about {WALL_LIMIT:g} s")
        # 13 new stages a step, as its last is the next one's first, and one at the start. A callback counted the same.
        return np.asarray(solution.ys[-1]), 13 * steps + 1  # not finite if it failed otherwise

    return run


def heyoka(problem: Problem, rtol: float, _: float) -> Run:
    import heyoka as hy
    hy.llvm_state.set_diskcache_enabled(False)  # each compilation is timed
    began, d = perf_counter(), problem.d
    state = hy.make_vars(*(f"s{i}" for i in range(4 * d)))
    p, m, vp, vm = (state[k * d : (k + 1) * d] for k in range(4))
    theta = [(a * a - b * b) / 4 for a, b in zip(p, m)]
    r = [hy.sum([float(c) * t for c, t in zip(row, theta)]) - float(b) for row, b in zip(problem.x, problem.y)]
    g = [hy.sum([float(c) * e for c, e in zip(column, r)]) for column in problem.x.T / problem.n]
    rates = vp + vm + [(v + q * a) / -problem.rate for v, q, a in zip(vp, g, p)]
    rates += [(v - q * b) / -problem.rate for v, q, b in zip(vm, g, m)]
    # heyoka has one tolerance, relative to the state's largest entry and absolute while that is below 1. Its compact
    # mode compiles in less than a second, but what it compiles runs three times as long.
    compact = problem.n * d > 1000
    solver = hy.taylor_adaptive(list(zip(state, rates)), problem.start, tol=rtol, compact_mode=compact)
    note(f"{problem.name} heyoka {rtol:g}: order {solver.order} compiled in {perf_counter() - began:.1f} s")

    def run():
        solver.time, solver.state[:] = 0.0, problem.start
        outcome = hy.taylor_outcome.step_limit
        while outcome == hy.taylor_outcome.step_limit:
            problem.check_time()
            outcome = solver.propagate_until(problem.until, max_steps=10000)[0]
        if outcome != hy.taylor_outcome.time_limit:
            raise RuntimeError(outcome)
        return solver.state.copy(), None  # it evaluates Taylor coefficients, no right-hand sides

    return run


class Solver(NamedTuple):
    make: Callable[[Problem, float, float], Run]
    explicit: bool = False  # or with a bounded region of stability, as Adams
    features: float = math.inf  # the largest d
    entries: float = math.inf  # the largest n d
    tolerances: tuple[float, ...] = (1e-6, 1e-9, 1e-12)


SOLVERS = {
    "scipy-dop853": Solver(partial(scipy_solver, "DOP853"), explicit=True),
    "scipy-radau": Solver(partial(scipy_solver, "Radau"), features=100, tolerances=(1e-6, 1e-9)),
    "scipy-lsoda": Solver(partial(scipy_solver, "LSODA"), features=500),
    "diffrax-dopri8": Solver(diffrax_dopri8, explicit=True),
    "heyoka": Solver(heyoka, explicit=True, entries=2000),
    "sundials-cvode-adams": Solver(partial(sundials, "Adams"), explicit=True),
    "sundials-cvode-bdf": Solver(partial(sundials, "BDF"), features=100, tolerances=(1e-6, 1e-9)),
}


def measured(problem: Problem, solver: Solver, rtol: float) -> list[str]:
    """The error, the passes and the milliseconds of the fastest of three runs after one to warm up."""
    # The velocities start at zero, so a purely relative tolerance is impossible for them; α is the weights' scale. (Weights
    # far below α are then less accurate than ours; the error, relative to the largest weight, does not tell.)
    run, best = solver.make(problem, rtol, rtol * problem.alpha), math.inf
    for _ in range(4):
        problem.restart()
        began = perf_counter()
        state, passes = run()
        best = min(best, perf_counter() - began)
        if best > REPEAT_LIMIT:
            break
    error = np.max(np.abs(state[: 2 * problem.d] - problem.truth)) / max(1.0, np.max(np.abs(problem.truth)))
    if not np.isfinite(error):
        raise RuntimeError("the state is not finite")
    return [f"{error:.3g}", "" if passes is None else str(passes), f"{1e3 * best:.4g}"]


def rows(problem: Problem, name: str) -> Iterator[list[str]]:
    solver, steps = SOLVERS[name], problem.until / (5 * problem.rate)
    if problem.d > solver.features or problem.n * problem.d > solver.entries:
        return note(f"{problem.name} {name}: skipped, {problem.n} x {problem.d} is too large for it")
    if solver.explicit and steps > EXPLICIT_STEPS:
        return note(f"{problem.name} {name}: skipped, explicit and about {steps:.0e} steps")
    for rtol in solver.tolerances:
        result, late = ["", "", ""], False
        try:
            result = measured(problem, solver, rtol)
        except ImportError as error:
            return note(f"{problem.name} {name}: skipped, {error}")
        except Exception as error:
            late = isinstance(error, TimeoutError)
            note(f"{problem.name} {name} {rtol:g}: {error!r}{'; no tighter one is tried' if late else ''}")
        yield [problem.name, name, f"{rtol:g}", *result]
        if late:
            return


def times_ours(ours: list[dict[str, str]], row: list[str]) -> str:
    """How many times as long a row took as the fastest of ours that errs no more."""
    name, error, ms = row[0], *(float(row[k]) if row[k] else math.nan for k in (3, 5))
    times = [float(r["ms"]) for r in ours if r["problem"] == name and float(r["error"]) <= max(error, 1e-15)]
    return f"{ms / min(times):.3g}x" if times and math.isfinite(ms) else ""


def main() -> None:
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=Path("notebooks/bench/problems"), metavar="PROBLEMS")
    parser.add_argument("output", nargs="?", type=Path, default=Path("notebooks/bench/rivals.csv"), metavar="OUTPUT")
    parser.add_argument("--problems", help="names, parted by commas; else all")
    parser.add_argument("--solvers", help=f"some of {','.join(SOLVERS)}; else all")
    arguments = parser.parse_args()
    known = sorted(path.parent.name for path in arguments.folder.glob("*/problem.json"))
    problems = arguments.problems.split(",") if arguments.problems else known
    solvers = arguments.solvers.split(",") if arguments.solvers else list(SOLVERS)
    if unknown := (set(problems) - set(known)) | (set(solvers) - set(SOLVERS)) or not problems:
        parser.error(f"not there: {unknown}; problems of {arguments.folder}: {known}, solvers: {list(SOLVERS)}")

    cpus = re.findall(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text()) if sys.platform == "linux" else []
    installed = {found.metadata["Name"].lower(): found.version for found in distributions()}
    np.seterr(all="ignore")  # a trial step that overflows is rejected
    print(f"Python {platform.python_version()}, {(cpus or [platform.processor()])[0]}")
    print(", ".join(f"{name} {installed.get(name, 'missing')}" for name in PACKAGES))
    line = "{:10} {:21} {:>6} {:>9} {:>9} {:>10} {:>10}"
    print(line.format(*HEADER, "ours"))
    steppers = {"auto", "taylor", "radau", "radau9", "radau5"}
    reference = arguments.folder.parent / "work-precision.csv"
    ours = []
    if reference.exists():
        ours = [row for row in csv.DictReader(reference.open()) if row["stepper"] in steppers]
    with arguments.output.open("w", newline="", buffering=1) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        for problem in (Problem(arguments.folder / name) for name in problems):
            for row in (row for name in solvers for row in rows(problem, name)):
                writer.writerow(row)
                print(line.format(*row, times_ours(ours, row)), flush=True)


if __name__ == "__main__":
    main()
