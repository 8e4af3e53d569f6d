"""Python and the command line agree bit for bit on every experiment of the golden files."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import pytest

import momentumflow as mf
from conftest import CHECKOUT
from momentumflow._sweep import binary

COMMANDS = ("solve", "descend", "compare", "limit", "certify", "thresholds")


def experiments() -> dict[str, str]:
    """The golden commands that run one experiment, without what they do with their output."""
    found = {}
    for line in (CHECKOUT / "Tests/CommandLineTests/Golden/commands.txt").read_text().splitlines():
        name, _, command = line.partition("|")
        for part in re.split(r"&&|;", command):
            match = re.match(r"\s*mgf ([a-z]+) (.*)", part)
            if line.startswith("#") or match is None or match[1] not in COMMANDS or "mpirun" in part:
                continue
            found[name.strip()] = f"{match[1]} {match[2].split('>')[0].split('|')[0]}"
            break
    return found


def without_timings(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: without_timings(item)
            for key, item in value.items()
            if key not in ("provenance", "wall_seconds", "output", "seconds", "failure")
        }
    if isinstance(value, list):
        return [without_timings(item) for item in value]
    return value


@pytest.mark.parametrize("name", experiments())
def test_bits(name: str, mgf: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    words = [word for word in shlex.split(experiments()[name]) if word not in ("--json", "--quiet")]
    for option in ("-o", "--output"):
        if option in words:
            del words[words.index(option) : words.index(option) + 2]
    shown = subprocess.run([str(binary()), *words, "--print-experiment"], capture_output=True, text=True)
    assert shown.returncode == 0, shown.stderr
    experiment = json.loads(shown.stdout)
    (tmp_path / "e.json").write_text(shown.stdout)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", mf.Note)
        found = mf.run(experiment, partial=True)
    printed = mgf("run", "e.json", "--json", "--quiet")
    assert json.dumps(without_timings(found.to_dict()), sort_keys=True) == json.dumps(
        without_timings(printed), sort_keys=True
    )
    if isinstance(found, mf.Solution):
        mgf("run", "e.json", "--json", "--quiet", "--output", "e.nc")
        with netCDF4.Dataset("e.nc") as file:
            assert set(file.variables) == set(found.arrays)
            for variable, values in found.arrays.items():
                written = np.asarray(file[variable][:])
                assert written.dtype.kind == "O" or written.tobytes() == np.ascontiguousarray(values).tobytes(), variable
                assert list(written) == list(values) if written.dtype.kind == "O" else True


def test_enough_are_compared() -> None:
    assert len(experiments()) >= 40
    assert {command.split()[0] for command in experiments().values()} == set(COMMANDS)
