"""What README and the guide's page show of Python is run."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import matplotlib
import pytest
from conftest import CHECKOUT

from momentumflow._sweep import binary

matplotlib.use("Agg")


@pytest.mark.parametrize(
    ("page", "heading"), [("README.md", "## Python"), ("Sources/Guide/Guide.docc/Python.md", "## Overview")]
)
def test_package_as_shown(page: str, heading: str) -> None:
    section = (CHECKOUT / page).read_text().split(f"{heading}\n")[1].split("\n## ")[0]
    blocks = re.findall(r"```python\n(.*?)```", section, flags=re.DOTALL)
    assert len(blocks) == 1
    names: dict[str, object] = {}
    exec(compile(blocks[0], page, "exec"), names)  # noqa: S102
    assert {"sol", "flow", "descent"} <= names.keys()


@pytest.mark.parametrize("page", ["Tour", "FromPython", "RealData"])
def test_pages_run(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that a page has its reader make, its Python and its commands, one after another; what is refused there is meant so."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f"{binary().parent}:{os.environ['PATH']}")
    (tmp_path / "data").symlink_to(CHECKOUT / "data")
    text = (CHECKOUT / f"Sources/Guide/Guide.docc/{page}.md").read_text()
    names: dict[str, object] = {}
    count = 0
    for match in re.finditer(r"(?:into `([\w.-]+)`:\n\n)?```(\w+)\n(.*?)```", text, flags=re.DOTALL):
        file, language, body = match.groups()
        if file is not None:
            (tmp_path / file).write_text(body)
        elif language == "python":
            exec(compile(body, page, "exec"), names)  # noqa: S102
            count += 1
        elif language == "sh" and "make " not in body:
            done = subprocess.run(["bash", "-c", body], capture_output=True, text=True)
            meant = (0, 64) if page == "RealData" else (0,)
            assert done.returncode in meant, f"{body}\n{done.stderr}"
            count += 1
    assert count >= 4
