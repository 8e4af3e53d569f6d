"""What the tests of the explorer share: servers, a browser, pages that may not complain."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import psutil
import pytest
from browser import Chromium, Tab, executable

CHECKOUT = Path(__file__).resolve().parent.parent.parent


def mgf() -> str:
    """The command line that is tested."""
    return os.environ.get("MOMENTUMFLOW_MGF") or str(CHECKOUT / ".build/release/mgf")


def command(*words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run([mgf(), *words], capture_output=True, text=True, cwd=cwd, timeout=300)


def answer(*words: str, cwd: Path | None = None) -> Any:
    """What `mgf … --json` says."""
    done = command(*words, "--json", "--quiet", cwd=cwd)
    assert done.returncode in (0, 1), done.stderr
    return json.loads(done.stdout)


class Server:
    """`mgf explore`, and the address of its page."""

    def __init__(self, *arguments: str, cwd: Path | None = None) -> None:
        self.process = subprocess.Popen(
            [mgf(), "explore", *arguments, "--no-open", "--port", "0"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=cwd, start_new_session=True,
        )  # fmt: skip
        assert self.process.stdout is not None and self.process.stderr is not None
        line = self.process.stdout.readline()
        found = re.fullmatch(r"Explorer: (http://127\.0\.0\.1:(\d+)/[^/]+/)\s*", line)
        if found is None:
            self.process.kill()
            raise RuntimeError(f"mgf explore {' '.join(arguments)}: {line}{self.process.stderr.read()}")
        self.url, self.port = found[1], int(found[2])
        #: What it says on standard error.
        self.said: list[str] = []
        for stream in (self.process.stdout, self.process.stderr):
            threading.Thread(target=lambda stream=stream: self.said.extend(stream), daemon=True).start()

    def ask(self, path: str, body: Any = None) -> bytes:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"} if data else {}
        with urlopen(Request(self.url + path, data=data, headers=headers), timeout=60) as reply:  # noqa: S310
            found: bytes = reply.read()
            return found

    def work(self) -> dict[str, int]:
        """How many runs there are: {"running", "waiting"}."""
        found: dict[str, int] = json.loads(self.ask("work"))
        return found

    def memory(self) -> int:
        """Bytes that it has in memory."""
        return int(psutil.Process(self.process.pid).memory_info().rss)

    @property
    def is_alive(self) -> bool:
        return self.process.poll() is None

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(how)
        try:
            return self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    if executable() is None:
        pytest.skip("Chromium is not installed")
    browser = Chromium()
    yield browser
    browser.close()


@pytest.fixture
def explorer(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Starts `mgf explore` with arguments, in an empty folder."""
    started: list[Server] = []

    def start(*arguments: str, cwd: Path | None = None) -> Server:
        started.append(Server(*arguments, cwd=cwd or tmp_path))
        return started[-1]

    yield start
    for server in started:
        server.stop()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One of (20, 30) for the tests of a module that do not harm it."""
    found = Server("--gaussian", "20,30,3", cwd=tmp_path_factory.mktemp("explorer"))
    yield found
    found.stop()


@pytest.fixture
def page(chromium: Chromium) -> Iterator[Callable[..., Tab]]:
    """Opens an address, and waits until its first results are drawn. Errors in the page fail the test."""
    tabs: list[Tab] = []

    def open_(url: str, *, width: int = 1280, height: int = 900, idle: bool = True, **media: str) -> Tab:
        tab = chromium.open(width=width, height=height)
        tabs.append(tab)
        if media:
            tab.prefer(**media)
        tab.go(url)
        if idle:
            settle(tab)
        return tab

    yield open_
    faults = [fault for tab in tabs for fault in tab.faults]
    for tab in tabs:
        tab.close()
    assert not faults, "\n".join(faults)


IDLE = "typeof App !== 'undefined' && App.current?.() && !App.isBusy() && Object.values(App.results()).some(Boolean)"


def settle(tab: Tab, timeout: float = 30) -> None:
    """Waits until what was asked for is there and drawn."""
    tab.wait(IDLE, timeout=timeout, what="results")
    tab.run("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 30))))")
    tab.wait(IDLE, timeout=timeout, what="results")
