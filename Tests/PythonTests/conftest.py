"""What the tests share: the checkout, its `mgf`, small problems."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import momentumflow as mf
from momentumflow._sweep import binary

# Jobs in the background of a shell, as CI may be, are born deaf to Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)

CHECKOUT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def mgf(tmp_path: Path) -> Callable[..., Any]:
    """Runs the command line in an empty folder beside a link to data/, and reads its JSON."""
    if not (tmp_path / "data").exists():
        (tmp_path / "data").symlink_to(CHECKOUT / "data")

    def run(*words: str) -> Any:
        done = subprocess.run([str(binary()), *words], capture_output=True, text=True, cwd=tmp_path, env=os.environ)
        assert done.returncode in (0, 1), done.stderr
        return json.loads(done.stdout)

    return run


@pytest.fixture
def problem() -> mf.Problem:
    return mf.gaussian(20, 30, 3)


@pytest.fixture
def arrays() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(7)
    return random.standard_normal((6, 11)), random.standard_normal(6)
