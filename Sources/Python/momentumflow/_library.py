"""The C library: its functions, its handles, and how long calls leave the interpreter free."""

from __future__ import annotations

import _signal  # as signal, which makes enumerations of all that it hands out
import _thread
import atexit
import ctypes
import functools
import itertools
import json
import os
import signal
import threading
from collections.abc import Callable, Mapping
from ctypes import POINTER, byref, c_char_p, c_double, c_int, c_int32, c_int64, c_void_p
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from ._errors import Interrupted, InvalidInput, StoppedEarly

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    #: An array with its dimensions and attributes, as xarray takes variables.
    Variable = tuple[tuple[str, ...], npt.NDArray[Any], dict[str, str]]
else:
    from . import _numpy as np

KEYWORDS = 1  # MF_KEYWORDS
_REAL, _INTEGER, _TEXT = 0, 1, 2
_STOPPED = 1

_Progress = ctypes.CFUNCTYPE(c_int, c_void_p, c_double, c_char_p)
_Release = ctypes.CFUNCTYPE(None, c_void_p)

#: Called with the fraction done and what is being done.
Progress = Callable[[float, str], None]


class _Array(ctypes.Structure):
    _fields_ = [
        ("name", c_char_p),
        ("long_name", c_char_p),
        ("units", c_char_p),
        ("kind", c_int),
        ("rank", c_int32),
        ("shape", c_int64 * 2),
        ("dimensions", c_char_p * 2),
        ("data", c_void_p),
    ]


def _path() -> Path:
    given = os.environ.get("MOMENTUMFLOW_LIBRARY")
    return Path(given) if given else Path(__file__).parent / "libmomentumflow.so"


def _load() -> ctypes.CDLL:
    path = _path()
    try:
        library = ctypes.CDLL(str(path))
    except OSError as error:
        raise ImportError(f"momentumflow's library cannot be loaded: {error}") from error
    signatures: dict[str, tuple[Any, list[Any]]] = {
        "mf_version": (c_char_p, []),
        "mf_keys": (c_char_p, []),
        "mf_problem_new": (
            c_void_p,
            [c_void_p, *[c_int64] * 4, c_void_p, c_char_p, _Release, c_void_p, POINTER(c_void_p)],
        ),
        "mf_problem_load": (c_void_p, [c_char_p, c_void_p, POINTER(c_void_p)]),
        "mf_problem_count": (c_int64, [c_void_p]),
        "mf_problem_array": (c_int, [c_void_p, c_int64, POINTER(_Array)]),
        "mf_problem_free": (None, [c_void_p]),
        "mf_run": (c_void_p, [c_char_p, c_void_p, _Progress, c_void_p, POINTER(c_void_p)]),
        "mf_check": (c_void_p, [c_char_p, POINTER(c_void_p)]),
        "mf_result_json": (c_char_p, [c_void_p, c_int]),
        "mf_result_experiment": (c_char_p, [c_void_p]),
        "mf_result_shortfall": (c_char_p, [c_void_p, c_int]),
        "mf_result_provenance": (c_char_p, [c_void_p]),
        "mf_result_problem": (c_void_p, [c_void_p]),
        "mf_result_count": (c_int64, [c_void_p]),
        "mf_result_array": (c_int, [c_void_p, c_int64, POINTER(_Array)]),
        "mf_result_width": (c_int64, [c_void_p]),
        "mf_result_evaluate": (c_int, [c_void_p, c_void_p, c_int64, c_void_p, POINTER(c_void_p)]),
        "mf_result_free": (None, [c_void_p]),
        "mf_error_code": (c_int, [c_void_p]),
        "mf_error_field": (c_char_p, [c_void_p]),
        "mf_error_subject": (c_char_p, [c_void_p, c_int]),
        "mf_error_reason": (c_char_p, [c_void_p, c_int]),
        "mf_error_remedy": (c_char_p, [c_void_p, c_int]),
        "mf_error_free": (None, [c_void_p]),
    }
    for name, (result, arguments) in signatures.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


_loaded: ctypes.CDLL | None = None


def library() -> ctypes.CDLL:
    """The library, loaded when it is first needed."""
    global _loaded
    if _loaded is None:
        _loaded = _load()
    return _loaded


def version() -> str:
    """The version of the library."""
    return str(library().mf_version().decode())


@functools.cache
def keys() -> dict[str, list[str]]:
    """The keys of an experiment by its parts."""
    return dict(json.loads(library().mf_keys()))


class Handle:
    """What the library made: freed once nobody holds it, arrays in its memory included."""

    def __init__(self, pointer: int, free: str) -> None:
        self.pointer = pointer
        self._free = getattr(library(), free)

    def __del__(self) -> None:
        self._free(self.pointer)


class _Memory:
    """Numbers of a handle, as NumPy asks for them."""

    def __init__(self, handle: Handle, address: int, shape: tuple[int, ...], kind: str) -> None:
        self._handle = handle
        self.__array_interface__ = {"version": 3, "data": (address, False), "shape": shape, "typestr": kind}


def arrays(handle: Handle, kind: str) -> dict[str, Variable]:
    """The named arrays of a problem or a result, in the library's own memory."""
    found: dict[str, Variable] = {}
    functions = library()
    for index in range(getattr(functions, f"mf_{kind}_count")(handle.pointer)):
        item = _Array()
        getattr(functions, f"mf_{kind}_array")(handle.pointer, index, byref(item))
        shape = tuple(item.shape[: item.rank])
        values: npt.NDArray[Any]
        if item.kind == _TEXT:
            texts = (c_char_p * shape[0]).from_address(item.data)
            values = np.array([text.decode() for text in texts], dtype=object)
        else:
            values = np.asarray(_Memory(handle, item.data, shape, "<f8" if item.kind == _REAL else "<i8"))
        attributes = {"long_name": item.long_name.decode()}
        if item.units is not None:
            attributes["units"] = item.units.decode()
        dimensions = tuple(item.dimensions[k].decode() for k in range(item.rank))
        found[item.name.decode()] = (dimensions, values, attributes)
    return found


def _raise(error: c_void_p) -> None:
    functions = library()
    pointer = error.value
    try:
        texts = [
            getattr(functions, f"mf_error_{part}")(pointer, KEYWORDS) for part in ("subject", "reason", "remedy")
        ]
        field = functions.mf_error_field(pointer)
        subject, reason, remedy = (text.decode() if text is not None else None for text in texts)
        stopped = functions.mf_error_code(pointer) == _STOPPED
    finally:
        functions.mf_error_free(pointer)
    if stopped:
        raise StoppedEarly(f"{subject}: {reason}")
    raise InvalidInput(subject or "", reason or "", remedy, field.decode() if field is not None else None)


def _text(value: Mapping[str, Any] | str, what: str) -> bytes:
    if isinstance(value, str):
        text = value
    else:
        try:
            text = json.dumps(value, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise InvalidInput(what, f"it cannot be written as JSON: {error}", "give finite numbers, texts and lists") from None
    if "\0" in text:
        raise InvalidInput(what, "it holds a NUL character")
    return text.encode()


#: What the library reads in place, by number, until it says that it no longer does.
_lent: dict[int, npt.NDArray[np.float64]] = {}
_numbers = itertools.count(1)


@_Release  # type: ignore[untyped-decorator, unused-ignore]
def _give_back(number: int | None) -> None:
    _lent.pop(number or 0, None)


def _readable_behind(x: npt.NDArray[np.float64]) -> int:
    """How many numbers behind the last of X belong to its own memory: what malloc has rounded up to, or an array that it is part of."""
    end = x.ctypes.data + (x.shape[0] - 1) * x.strides[0] + 8 * x.shape[1]
    owner: Any = x
    while isinstance(owner.base, np.ndarray):
        owner = owner.base
    if not owner.flags.owndata or not owner.flags.c_contiguous:
        return 0
    room = owner.ctypes.data + owner.nbytes
    try:
        from numpy._core.multiarray import get_handler_name  # type: ignore[import-not-found, unused-ignore]

        if get_handler_name(owner) == "default_allocator":
            usable = ctypes.CDLL(None).malloc_usable_size
            usable.restype, usable.argtypes = ctypes.c_size_t, [c_void_p]
            room = owner.ctypes.data + usable(owner.ctypes.data)
    except (ImportError, AttributeError):
        pass  # another NumPy, or another C library: only what the arrays say
    return int(max(0, room - end) // 8)


def new_problem(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], description: Mapping[str, Any]) -> Handle:
    """A problem of arrays, whose rows must be contiguous; X is left where it lies if it is large."""
    number = next(_numbers)
    _lent[number] = x
    error = c_void_p()
    pointer = library().mf_problem_new(
        x.ctypes.data,
        x.shape[0],
        x.shape[1],
        x.strides[0] // 8,
        _readable_behind(x),
        y.ctypes.data,
        _text(description, "description"),
        _give_back,
        number,
        byref(error),
    )
    if not pointer:
        _raise(error)
    return Handle(pointer, "mf_problem_free")


def load_problem(problem: Mapping[str, Any], given: Handle | None) -> Handle:
    """The data that the part "problem" of an experiment speaks of."""
    error = c_void_p()
    pointer = library().mf_problem_load(_text(problem, "problem"), given.pointer if given else None, byref(error))
    if not pointer:
        _raise(error)
    return Handle(pointer, "mf_problem_free")


def problem_of(run: Handle) -> Handle:
    """The data that a run was on."""
    return Handle(library().mf_result_problem(run.pointer), "mf_problem_free")


def check(experiment: Mapping[str, Any] | str) -> dict[str, Any]:
    """The experiment in full, its defaults included."""
    error = c_void_p()
    pointer = library().mf_check(_text(experiment, "experiment"), byref(error))
    if not pointer:
        _raise(error)
    handle = Handle(pointer, "mf_result_free")
    return dict(json.loads(library().mf_result_experiment(handle.pointer)))


class _Call:
    """One run of the library, on this thread or on one of its own."""

    def __init__(self, experiment: bytes, given: Handle | None, progress: Progress | None) -> None:
        self._experiment, self._given, self._progress = experiment, given, progress
        self.cancelled = False
        self._failure: BaseException | None = None
        self._pointer: int | None = None
        self._error = c_void_p()

    def _ask(self, _: int | None, fraction: float, what: bytes) -> int:
        if self._progress is not None and not self.cancelled:
            try:
                self._progress(fraction, what.decode())
            except BaseException as error:  # noqa: BLE001: raised again by the caller's thread
                self._failure = error
                self.cancelled = True
        return int(self.cancelled)

    def __call__(self, watched: bool) -> None:
        callback = _Progress(self._ask) if watched else _Progress()
        given = self._given.pointer if self._given else None
        self._pointer = library().mf_run(self._experiment, given, callback, None, byref(self._error))

    def result(self) -> Handle:
        if self._failure is not None:
            raise self._failure
        if not self._pointer:
            _raise(self._error)
        return Handle(self._pointer or 0, "mf_result_free")


#: Runs that are under way on threads of their own: the interpreter waits for them, since what it frees at its end they use.
_running: set[_thread.LockType] = set()


@atexit.register
def _wait_for_all() -> None:
    for done in list(_running):
        done.acquire()


def _late(done: _thread.LockType, call: _Call) -> Handle | None:
    """What an interrupted run has, once it ends."""
    with done:
        pass
    try:
        return call.result()
    except (StoppedEarly, InvalidInput):
        return None


def _has_other_handlers() -> bool:
    """Whether Python listens to more than Ctrl-C."""
    return any(map(callable, map(_signal.getsignal, _OTHER_SIGNALS)))


_OTHER_SIGNALS = [int(number) for number in signal.valid_signals() if number != signal.SIGINT]


def run(
    experiment: Mapping[str, Any] | str, given: Handle | None, progress: Progress | None = None, is_brief: bool = False
) -> Handle:
    """Carries out an experiment without the interpreter's lock.

    In the main thread, Ctrl-C ends it within a tenth of a second: `Interrupted` has what it has. One whose every
    step is brief asks often enough whether to stop to be carried out by the main thread itself: that saves the way to another one
    and back.
    """
    call = _Call(_text(experiment, "experiment"), given, progress)
    if threading.current_thread() is not threading.main_thread():
        call(progress is not None)
        return call.result()
    heard = _signal.getsignal(signal.SIGINT)
    if is_brief and callable(heard) and not _has_other_handlers():
        return _run_here(call, heard)
    # Signals are heard by the main thread alone, and only between instructions of Python: it waits, another one computes.
    done = _thread.allocate_lock()
    done.acquire()

    def work() -> None:
        _running.add(done)
        try:
            call(True)
        finally:
            _running.discard(done)
            done.release()

    try:
        # threading.Thread would wait for its thread to say that it is there.
        _thread.start_new_thread(work, ())
        done.acquire()
    except BaseException as stop:
        call.cancelled = True
        if not isinstance(stop, KeyboardInterrupt):
            raise
        # What sets up cannot be stopped, and is left to itself; what is recorded takes its time to be put together.
        if done.acquire(timeout=0.05):
            done.release()
        raise Interrupted(functools.partial(_late, done, call)) from None
    return call.result()


def _run_here(call: _Call, heard: Callable[[int, FrameType | None], Any]) -> Handle:
    """A run that asks the main thread itself: what the handler of Ctrl-C raises there waits for the run's end."""
    raised: list[BaseException] = []

    def hear(number: int, frame: FrameType | None) -> None:
        try:
            heard(number, frame)
        except BaseException as error:  # noqa: BLE001: raised again below
            raised.append(error)
            call.cancelled = True

    _signal.signal(signal.SIGINT, hear)
    try:
        call(True)
    finally:
        _signal.signal(signal.SIGINT, heard)
    if not raised:
        return call.result()
    if not isinstance(raised[0], KeyboardInterrupt):
        raise raised[0]
    done = _thread.allocate_lock()
    raise Interrupted(functools.partial(_late, done, call))


def width(handle: Handle) -> int:
    """The numbers of a state between recorded times: weights, rates, θ; 0 where it is not known."""
    return int(library().mf_result_width(handle.pointer))


def evaluate(handle: Handle, times: npt.NDArray[np.float64], width: int) -> npt.NDArray[np.float64]:
    """The states at some times, times × width."""
    states = np.empty((len(times), width))
    error = c_void_p()
    done = library().mf_result_evaluate(handle.pointer, times.ctypes.data, len(times), states.ctypes.data, byref(error))
    if done != 0:
        _raise(error)
    return states
