"""What can go wrong."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any


class MomentumFlowError(Exception):
    """Any error of this package."""


class InvalidInput(MomentumFlowError, ValueError):
    """Input, or a setting, that cannot be used.

    Attributes
    ----------
    keyword : str or None
        The keyword at fault, ``"lambda_"``; None where it is none.
    subject : str
        What was given, and where.
    reason : str
        What is wrong with it.
    remedy : str or None
        What would be right.
    """

    def __init__(self, subject: str, reason: str, remedy: str | None = None, field: str | None = None) -> None:
        super().__init__(f"{subject}: {reason}" + (f"; {remedy}" if remedy else ""))
        self.subject, self.reason, self.remedy, self.field = subject, reason, remedy, field

    @property
    def keyword(self) -> str | None:
        if self.field is None:
            return None
        name = self.field.rsplit(".", 1)[-1]
        return "lambda_" if name == "lambda" else name

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.subject, self.reason, self.remedy, self.field)


class IncompleteResult(MomentumFlowError, RuntimeError):
    """A run that did not come to what was asked for.

    Attributes
    ----------
    result : Result
        What it has.
    """

    def __init__(self, message: str, result: Any) -> None:
        super().__init__(message)
        self.result = result

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (str(self), self.result)


class StoppedEarly(MomentumFlowError):
    """A run that was stopped before there was anything to show."""


class Interrupted(KeyboardInterrupt):
    """Ctrl-C during a run."""

    def __init__(self, pending: Callable[[], Any] = lambda: None) -> None:
        super().__init__("the run was interrupted; .result has what there is")
        self._pending = pending

    @cached_property
    def result(self) -> Any:
        """What the run has, once it has put that together; None where it had nothing yet."""
        return self._pending()
