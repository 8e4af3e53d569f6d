"""Puts the library and the tool, which Swift builds from the repository around this folder, into the wheel."""

import subprocess
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Build(BuildHookInterface):  # type: ignore[type-arg]
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        repository = Path(self.root).parents[1]
        subprocess.run(["make", "-C", str(repository), "python-parts"], check=True)
        build_data["pure_python"] = False
        build_data["tag"] = "py3-none-" + sysconfig.get_platform().replace("-", "_").replace(".", "_")
        build_data["force_include"] = {str(repository / ".build-python" / "parts"): "momentumflow"}
