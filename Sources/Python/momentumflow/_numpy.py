"""NumPy, imported when it is first needed: it takes longer than all else that importing this package does."""

from typing import Any


def __getattr__(name: str) -> Any:
    import numpy

    return getattr(numpy, name)
