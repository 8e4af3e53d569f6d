"""What README shows of Python is run."""

from __future__ import annotations

import re

from conftest import CHECKOUT


def test_package_as_shown() -> None:
    section = (CHECKOUT / "README.md").read_text().split("## From Python\n")[1].split("\n## ")[0]
    blocks = re.findall(r"```python\n(.*?)```", section, flags=re.DOTALL)
    assert len(blocks) == 1
    names: dict[str, object] = {}
    exec(compile(blocks[0], "README.md", "exec"), names)  # noqa: S102
    assert {"sol", "flow", "descent"} <= names.keys()
