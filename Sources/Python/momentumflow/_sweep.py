"""Sweeps and studies: the bundled `mgf` does them as a child process, with stores of its own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from ._errors import IncompleteResult, InvalidInput
from ._problem import Problem, plain
from ._result import Measurement
from ._run import tqdm_bar

if TYPE_CHECKING:
    import xarray


def binary() -> Path:
    """The `mgf` that belongs to the package, else that of MOMENTUMFLOW_MGF, else the one on PATH."""
    given = os.environ.get("MOMENTUMFLOW_MGF")
    own = Path(given) if given else Path(__file__).parent / "bin" / "mgf"
    if own.exists():
        return own
    found = shutil.which("mgf")
    if found is None:
        raise FileNotFoundError("mgf is not there: neither in the package nor on PATH")
    return Path(found)


def main() -> NoReturn:
    """The console script: becomes `mgf`."""
    path = str(binary())
    os.execv(path, [path, *sys.argv[1:]])


def _arguments(
    settings: Mapping[str, Any] | None,
    filter: Sequence[str] | str | None = None,  # noqa: A002
    **options: Any,
) -> list[str]:
    """Settings, conditions and options as the command line takes them; what is None or False is left out."""
    words: list[str] = []
    for key, value in (settings or {}).items():
        plain_value = plain(value)
        text = ",".join(str(item) for item in plain_value) if isinstance(plain_value, list) else str(plain_value)
        words += ["--set", f"{key.removesuffix('_')}={text}"]
    for condition in [filter] if isinstance(filter, str) else filter or []:
        words += ["--filter", condition]
    for option, value in options.items():
        if value is None or value is False:
            continue
        words.append("--" + option.replace("_", "-"))
        if value is not True:
            words.append(str(plain(value)))
    return words


def _perform(words: list[str], partial: bool = False, path: Path | None = None, bar: _SweepBar | None = None) -> str:
    """What `mgf` prints. Ctrl-C ends it as it ends a sweep in a shell: what is done is kept.

    `path` is the file of a study that the caller gave as a dict.
    """
    child = subprocess.Popen(
        [str(binary()), *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        start_new_session=True,
    )
    try:
        while True:
            try:
                out, err = child.communicate(timeout=None if bar is None else 0.5)
                break
            except subprocess.TimeoutExpired:
                if bar is not None:
                    bar.update()
    except BaseException:
        child.send_signal(signal.SIGINT)
        try:
            child.communicate(timeout=5)
        except subprocess.TimeoutExpired:
            child.kill()
            child.communicate()
        raise
    if child.returncode == 0 or (partial and child.returncode == 1 and out.strip()):
        return out
    if path is not None:
        err = err.replace(str(path), "study")
    lines = [line.removeprefix("mgf: error: ") for line in err.splitlines() if not line.startswith("note: ")]
    reason = "\n".join(lines).strip() or f"mgf ended with {child.returncode}"
    if child.returncode == 64:
        subject, colon, rest = reason.partition(": ")
        raise InvalidInput(subject, rest) if colon else InvalidInput("study", reason)
    raise IncompleteResult(reason, Measurement(json.loads(out)) if out.strip().startswith("{") else None)


def _text(study: Mapping[str, Any], folder: Path) -> str:
    """A study as a file has it; arrays of its problem are written to a folder."""
    whole = dict(study)
    if isinstance(whole.get("problem"), Problem):
        whole["problem"] = whole["problem"]._in_files(folder)
    try:
        return json.dumps(plain(whole))  # which is YAML
    except (TypeError, ValueError) as error:
        raise InvalidInput("study", f"it cannot be written as a file: {error}", "give numbers, texts, lists and dicts") from None


class _SweepBar:
    """How far the store is, asked of `mgf sweep status` now and then."""

    def __init__(self, store: Path) -> None:
        self._store, self._bar = store, tqdm_bar(total=None, unit="run", leave=False)

    def update(self) -> None:
        if self._bar is None or not self._store.exists():
            return
        asked = subprocess.run(
            [str(binary()), "sweep", "status", str(self._store), "--json", "--quiet"], capture_output=True, text=True
        )
        if asked.returncode == 0:
            status = json.loads(asked.stdout)
            self._bar.total = status.get("runs")
            self._bar.n = status.get("completed", 0) + status.get("failed", 0)
            self._bar.refresh()

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()


def sweep(
    study: Mapping[str, Any] | str | os.PathLike[str],
    *,
    store: str | os.PathLike[str] | None = None,
    settings: Mapping[str, Any] | None = None,
    filter: Sequence[str] | str | None = None,  # noqa: A002
    workers: int | None = None,
    max_work: int | None = None,
    max_seconds: float | None = None,
    retry_failed: bool = False,
    progress: bool = True,
    partial: bool = False,
) -> xarray.Dataset:
    """Runs a study, a grid of experiments, and returns its results over its axes. Needs xarray and netCDF4.

    Parameters
    ----------
    study : dict, str or path
        The study as study files say it, or the name of such a file. Its ``"problem"`` may be a Problem; arrays are then written
        beside the store, to a folder STORE.arrays.
    store : path, optional
        The SQLite file in which runs are kept: a sweep that was stopped goes on with the same call.
    settings : dict, optional
        Settings to override: ``{"lambda_": [0.1, 1], "seed": 3}``.
    filter : str or sequence of str, optional
        Only runs that meet these: ``"beta<0.9"``.
    workers : int, optional
        The threads that compute; all cores where nothing is said. Results do not depend on it.
    max_work, max_seconds : int, float, optional
        The most passes over X of each run, and the seconds after which to stop.
    retry_failed : bool
        Whether runs that failed are done again.
    progress : bool
        Whether a bar is shown, if tqdm is installed.
    partial : bool
        Whether a sweep that was stopped, or has failed runs, is returned rather than raised.

    Returns
    -------
    xarray.Dataset
        The columns of the store, with the axes as coordinates.

    Examples
    --------
    >>> import momentumflow as mf
    >>> grid = mf.sweep({
    ...     "name": "small", "problem": {"gaussian": {"samples": 5, "features": 10, "nonzeros": 2}}, "method": "mgf",
    ...     "axes": {"lambda": [0.1, 1.0], "seed": [1, 2]}, "stop": {"delta_tolerance": 1e-6}}, progress=False)
    >>> dict(grid.sizes)
    {'lambda': 2, 'seed': 2}
    """
    import xarray

    with tempfile.TemporaryDirectory(prefix="momentumflow-") as place:
        folder = Path(place)
        if isinstance(study, Mapping):
            path = folder / "study.yaml"
            path.write_text(_text(study, Path(f"{store}.arrays") if store is not None else folder), encoding="utf-8")
        else:
            path = Path(study)
        kept = Path(store) if store is not None else folder / "store.sqlite"
        words = ["sweep", "run", str(path), "--output", str(kept), "--json", "--quiet"]
        words += _arguments(
            settings, filter, workers=workers, max_work=max_work, max_seconds=max_seconds, retry_failed=retry_failed
        )
        bar = _SweepBar(kept) if progress else None
        try:
            _perform(words, partial, path if isinstance(study, Mapping) else None, bar)
        finally:
            if bar is not None:
                bar.close()
        exported = folder / "runs.nc"
        _perform(["sweep", "export", str(kept), str(exported)])
        with xarray.open_dataset(exported) as found:
            return found.load()


def study(
    name: str,
    *,
    seeds: int | None = None,
    settings: Mapping[str, Any] | None = None,
    store: str | os.PathLike[str] | None = None,
    figure: str | os.PathLike[str] | None = None,
    workers: int | None = None,
    max_work: int | None = None,
    max_seconds: float | None = None,
    partial: bool = False,
) -> Measurement:
    """Answers one of the theory's questions: claim, rows of the summary, verdict.

    Parameters
    ----------
    name : str
        Its name, such as ``"small-lambda"``; ``mgf study --help`` lists them.
    seeds : int, optional
        Repetitions with seeds 1 … k.
    settings : dict, optional
        Settings to override, as for :func:`sweep`.
    store : path, optional
        The SQLite file in which runs are kept.
    figure : path, optional
        Where the figure is drawn, ending in .svg, .png or .pdf; an existing file is replaced.
    workers, max_work, max_seconds, partial
        As for :func:`sweep`.

    Returns
    -------
    Measurement
        ``claim``, ``verdict``, ``rows``; ``pandas.DataFrame([dict(row) for row in found.rows])`` is its table.
    """
    words = ["study", name, "--json", "--quiet", "--force"]
    words += _arguments(
        settings, seeds=seeds, store=store, figure=figure, workers=workers, max_work=max_work, max_seconds=max_seconds
    )
    return Measurement(json.loads(_perform(words, partial)))
