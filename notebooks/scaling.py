"""Strong and weak scaling of one run over the processes of mpirun, as tables: make bench-mpi.

    python3 notebooks/scaling.py .build-mpi/release/mgf [ranks ...]

Times are of the iterations or the integration alone, the least of three; a pass is one gradient.
"""

import json
import os
import subprocess
import sys

REPETITIONS = 3
N, D = 400, 20_000
RUNS = {
    "descend": "descend --gamma 1e-5 --beta 0.9 --iterations 200",
    "solve gf": "solve --flow gf --alpha 0.01 --until 1 --stepper taylor --samples 2",
    "solve mgf": "solve --lambda 0.1 --alpha 0.01 --until 1 --stepper taylor --samples 2",
}


def run(tool, ranks, n, d, command):
    """Seconds, seconds of them waiting in sums, and passes of the fastest repetition."""
    words = command.split() + ["--gaussian", f"{n},{d},5", "--json", "--quiet"]
    # One core a process: by itself a process would share large passes among all cores.
    launch = ["mpirun", "--allow-run-as-root", "--oversubscribe", "-n", str(ranks)] if ranks > 1 else ["taskset", "-c", "0"]
    best = None
    for _ in range(REPETITIONS):
        found = json.loads(subprocess.run(launch + [tool] + words, check=True, capture_output=True, text=True).stdout)
        passes = found.get("gradient_evaluations") or found["iterations"]
        one = (found["wall_seconds"], found.get("communication_seconds", 0.0), passes)
        best = min(best or one, one)
    return best


def table(title, rows):
    print(f"\n{title}")
    widths = [max(len(r[k]) for r in rows) for k in range(len(rows[0]))]
    for row in rows:
        print("  " + "  ".join(c.ljust(w) for c, w in zip(row, widths)).rstrip())


def main():
    tool = sys.argv[1]
    counts = [int(a) for a in sys.argv[2:]] or [k for k in (1, 2, 4, 8, 16, 32, 64) if k <= (os.cpu_count() or 1)]
    for title, width in [("strong", lambda p: D), ("weak", lambda p: p * D // 2)]:
        rows = [["run", "ranks", "n", "d", "ms/pass", "in sums", "speedup" if title == "strong" else "efficiency"]]
        for name, command in RUNS.items():
            base = None
            for p in counts:
                seconds, waiting, passes = run(tool, p, N, width(p), command)
                each = 1e3 * seconds / passes
                base = base or each
                rows.append([name, str(p), str(N), str(width(p)), f"{each:.3g}", f"{waiting / seconds:.0%}", f"{base / each:.2f}"])
        table(f"{title} scaling, one thread a process", rows)
    rows = [["ranks", "n", "us/sum"]]
    for p in [k for k in counts if k > 1]:
        for n in (20, 2_000, 20_000):
            _, waiting, passes = run(tool, p, n, 16 * p, "descend --gamma 1e-6 --beta 0 --iterations 2000")
            rows.append([str(p), str(n), f"{1e6 * waiting / passes:.3g}"])
    table("sums of n numbers, waiting included", rows)


if __name__ == "__main__":
    main()
