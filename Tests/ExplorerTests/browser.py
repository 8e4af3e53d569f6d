"""A small client of Chromium's DevTools protocol: one browser, tabs, what a person does with them."""

from __future__ import annotations

import base64
import contextlib
import itertools
import json
import os
import re
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import websocket

#: Where Debian has it, and others.
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def executable() -> str | None:
    """The browser: that of $MOMENTUMFLOW_CHROMIUM, or the first that is installed."""
    given = os.environ.get("MOMENTUMFLOW_CHROMIUM")
    return given or next((path for path in map(shutil.which, NAMES) if path), None)


class BrowserError(Exception):
    """What the protocol, or a script in the page, has to complain about."""


class Chromium:
    """A headless browser with a profile of its own."""

    def __init__(self) -> None:
        path = executable()
        if path is None:
            raise BrowserError("no Chromium is installed")
        self._profile = Path(tempfile.mkdtemp(prefix="explorer-"))
        # A session of its own: what ends it ends all its children, and nothing else.
        self.process = subprocess.Popen(
            [
                path, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync", "--mute-audio",
                "--disable-extensions", "--enable-precise-memory-info", "--js-flags=--expose-gc",
                "--remote-debugging-port=0", f"--user-data-dir={self._profile}", "about:blank",
            ],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        port, place = self._address()
        self._socket = websocket.create_connection(
            f"ws://127.0.0.1:{port}{place}", suppress_origin=True, max_size=None, timeout=None
        )
        self._ids = itertools.count(1)
        self._answers: dict[int, SimpleQueue[dict[str, Any]]] = {}
        self._tabs: dict[str, Tab] = {}
        self._lock = threading.Lock()
        threading.Thread(target=self._listen, daemon=True).start()

    def _address(self) -> tuple[str, str]:
        file = self._profile / "DevToolsActivePort"
        for _ in range(600):
            if self.process.poll() is not None:
                raise BrowserError(f"Chromium ended with {self.process.returncode}")
            with contextlib.suppress(OSError, ValueError):
                port, place = file.read_text().splitlines()[:2]
                return port, place
            time.sleep(0.05)
        raise BrowserError("Chromium does not open its port")

    def _listen(self) -> None:
        while True:
            try:
                message = json.loads(self._socket.recv())
            except (OSError, ValueError, websocket.WebSocketException) as error:
                for answer in list(self._answers.values()):
                    answer.put({"error": {"message": f"the browser is gone: {error!r}, {self.process.poll()}"}})
                return
            if "id" in message:
                number = int(message["id"])
                if number in self._answers:
                    self._answers.pop(number).put(message)
            elif tab := self._tabs.get(message.get("sessionId", "")):
                tab._heard(message["method"], message["params"])

    def send(
        self, method: str, session: str | None = None, *, timeout: float = 60, **parameters: Any
    ) -> dict[str, Any]:
        """Asks for something and waits for the answer."""
        answer: SimpleQueue[dict[str, Any]] = SimpleQueue()
        with self._lock:
            number = next(self._ids)
            self._answers[number] = answer
            asked = {"id": number, "method": method, "params": parameters} | ({"sessionId": session} if session else {})
            self._socket.send(json.dumps(asked))
        try:
            found = answer.get(timeout=timeout)
        except Empty:
            raise BrowserError(f"{method}: no answer within {timeout} s") from None
        if "error" in found:
            raise BrowserError(f"{method}: {found['error']['message']}")
        result: dict[str, Any] = found["result"]
        return result

    def open(self, url: str = "about:blank", *, width: int = 1280, height: int = 900) -> Tab:
        """A tab with cookies and storage of its own."""
        context = self.send("Target.createBrowserContext")["browserContextId"]
        target = self.send(
            "Target.createTarget", url="about:blank", browserContextId=context, width=width, height=height
        )
        session = self.send("Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"]
        tab = Tab(self, target["targetId"], session, context)
        self._tabs[session] = tab
        for domain in ("Page", "Runtime", "Log", "Network", "Performance", "Accessibility"):
            tab.send(f"{domain}.enable")
        tab.viewport(width, height)
        if url != "about:blank":
            tab.go(url)
        return tab

    def close(self) -> None:
        with contextlib.suppress(BrowserError, OSError, websocket.WebSocketException):
            self.send("Browser.close", timeout=5)
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, 9)
            self.process.wait()
        with contextlib.suppress(OSError, websocket.WebSocketException):
            self._socket.close()
        shutil.rmtree(self._profile, ignore_errors=True)


#: Keys that are no characters: code, virtual key code, text.
KEYS = {
    "Tab": ("Tab", 9, ""), "Enter": ("Enter", 13, "\r"), "Escape": ("Escape", 27, ""), "Space": ("Space", 32, " "),
    "ArrowLeft": ("ArrowLeft", 37, ""), "ArrowUp": ("ArrowUp", 38, ""), "ArrowRight": ("ArrowRight", 39, ""),
    "ArrowDown": ("ArrowDown", 40, ""), "Home": ("Home", 36, ""), "End": ("End", 35, ""), "Backspace": ("Backspace", 8, ""),
}  # fmt: skip

#: Bits of the protocol.
MODIFIERS = {"Alt": 1, "Control": 2, "Meta": 4, "Shift": 8}


class Tab:
    """A page in the browser."""

    def __init__(self, browser: Chromium, target: str, session: str, context: str) -> None:
        self.browser, self._target, self._session, self._context = browser, target, session, context
        #: Uncaught exceptions, console errors, violations of the content security policy.
        self.errors: list[str] = []
        #: Addresses that were asked for.
        self.requests: list[str] = []
        #: Failures to load that belong to the test, such as those of a dead server.
        self.expected: list[str] = []
        self._loaded = threading.Event()
        self._is_open = True

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        return self.browser.send(method, self._session, **parameters)

    def _heard(self, method: str, given: dict[str, Any]) -> None:
        if method == "Runtime.exceptionThrown":
            details = given["exceptionDetails"]
            shown = details.get("exception", {}).get("description") or details["text"]
            self.errors.append(f"{shown} ({details.get('url', '')}:{details['lineNumber'] + 1})")
        elif method == "Runtime.consoleAPICalled" and given["type"] in ("error", "assert"):
            self.errors.append(" ".join(str(item.get("value", item.get("description"))) for item in given["args"]))
        elif method == "Log.entryAdded" and given["entry"]["level"] == "error":
            self.errors.append(f"{given['entry']['text']} {given['entry'].get('url', '')}".strip())
        elif method == "Network.requestWillBeSent":
            self.requests.append(given["request"]["url"])
        elif method == "Page.loadEventFired":
            self._loaded.set()

    @property
    def faults(self) -> list[str]:
        """The errors but those that were expected."""
        return [error for error in self.errors if not any(re.search(one, error) for one in self.expected)]

    # What a program does

    def go(self, url: str, timeout: float = 60) -> None:
        """Opens an address and waits until it is loaded."""
        self._loaded.clear()
        found = self.send("Page.navigate", url=url)
        if "errorText" in found:
            raise BrowserError(f"{url}: {found['errorText']}")
        if "loaderId" in found and not self._loaded.wait(timeout):
            raise BrowserError(f"{url} does not load")

    def reload(self) -> None:
        self._loaded.clear()
        self.send("Page.reload")
        self._loaded.wait(60)

    def run(self, script: str, *arguments: Any, timeout: float = 60) -> Any:
        """The value of an expression, or of a function called with arguments; promises are waited for."""
        expression = script
        if arguments or re.match(r"\s*(async\s*)?\([\w\s,]*\)\s*=>", script):
            expression = f"({script})({', '.join(json.dumps(item) for item in arguments)})"
        found = self.send(
            "Runtime.evaluate",
            expression=expression,
            awaitPromise=True,
            returnByValue=True,
            userGesture=True,
            timeout=timeout,
        )
        if "exceptionDetails" in found:
            details = found["exceptionDetails"]
            raise BrowserError(details.get("exception", {}).get("description") or details["text"])
        return found["result"].get("value")

    def wait(self, script: str, *arguments: Any, timeout: float = 20, what: str | None = None) -> Any:
        """The first value of an expression that is true."""
        end = time.monotonic() + timeout
        while True:
            found = self.run(script, *arguments)
            if found:
                return found
            if time.monotonic() > end:
                raise BrowserError(f"not within {timeout} s: {what or script}")
            time.sleep(0.02)

    def close(self) -> None:
        if self._is_open:
            self._is_open = False
            self.browser.send("Target.closeTarget", targetId=self._target)
            self.browser.send("Target.disposeBrowserContext", browserContextId=self._context)

    def screenshot(self, path: str | Path, *, whole: bool = False) -> None:
        """Writes what is seen to a PNG file."""
        found = self.send("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        Path(path).write_bytes(base64.b64decode(found["data"]))

    def viewport(self, width: int, height: int, *, mobile: bool = False, scale: float = 1) -> None:
        self.send(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=mobile
        )  # fmt: skip

    def prefer(self, **features: str) -> None:
        """Media features: `color_scheme="dark"`, `reduced_motion="reduce"`."""
        listed = [{"name": f"prefers-{name.replace('_', '-')}", "value": value} for name, value in features.items()]
        self.send("Emulation.setEmulatedMedia", features=listed)

    def save_downloads(self, folder: Path) -> None:
        self.browser.send(
            "Browser.setDownloadBehavior", behavior="allow", downloadPath=str(folder), browserContextId=self._context
        )  # fmt: skip

    def may(self, *names: str) -> None:
        """Grants permissions."""
        self.browser.send("Browser.grantPermissions", permissions=list(names), browserContextId=self._context)

    def heap(self) -> int:
        """Bytes of JavaScript that are still reachable."""
        self.send("HeapProfiler.collectGarbage")
        found = self.send("Performance.getMetrics")["metrics"]
        return int(next(item["value"] for item in found if item["name"] == "JSHeapUsedSize"))

    def names(self) -> list[dict[str, Any]]:
        """Role and name of each node of the accessibility tree that is not ignored."""
        found = self.send("Accessibility.getFullAXTree")["nodes"]
        return [
            {
                "role": node.get("role", {}).get("value"), "name": node.get("name", {}).get("value", ""),
                **{item["name"]: item["value"].get("value") for item in node.get("properties", [])},
            }
            for node in found if not node["ignored"]
        ]  # fmt: skip

    # What a person does

    def place(self, selector: str) -> tuple[float, float]:
        """The middle of an element, scrolled into view."""
        found = self.run(
            """(selector) => {
              const element = document.querySelector(selector);
              if (!element) return null;
              element.scrollIntoView({ block: "center", behavior: "instant" });
              const { left, top, width, height } = element.getBoundingClientRect();
              return width && height ? [left + width / 2, top + height / 2] : null;
            }""",
            selector,
        )
        if found is None:
            raise BrowserError(f"there is no {selector} to be seen")
        return found[0], found[1]

    def mouse(self, kind: str, x: float, y: float, *, button: str = "none", count: int = 0) -> None:
        held = 1 if kind == "mouseMoved" and button == "left" else 0
        self.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, button=button, buttons=held, clickCount=count)

    def click(self, selector: str) -> None:
        self.click_at(*self.place(selector))

    def click_at(self, x: float, y: float) -> None:
        self.mouse("mouseMoved", x, y)
        self.mouse("mousePressed", x, y, button="left", count=1)
        self.mouse("mouseReleased", x, y, button="left", count=1)

    def drag(self, start: tuple[float, float], *stops: tuple[float, float]) -> None:
        self.mouse("mouseMoved", *start)
        self.mouse("mousePressed", *start, button="left", count=1)
        for stop in stops:
            self.mouse("mouseMoved", *stop, button="left")
        self.mouse("mouseReleased", *(stops or (start,))[-1], button="left", count=1)

    def press(self, key: str, *modifiers: str) -> None:
        code, number, text = KEYS.get(key, (key, ord(key.upper()[0]), key))
        held = sum(MODIFIERS[name] for name in modifiers)
        name = " " if key == "Space" else key
        common = {"key": name, "code": code, "windowsVirtualKeyCode": number, "modifiers": held}
        written = {"text": text} if text and not held & ~MODIFIERS["Shift"] else {}
        self.send("Input.dispatchKeyEvent", type="keyDown" if written else "rawKeyDown", **common, **written)
        self.send("Input.dispatchKeyEvent", type="keyUp", **common)

    def write(self, text: str) -> None:
        self.send("Input.insertText", text=text)

    def fill(self, selector: str, text: str) -> None:
        """Writes into a field, in place of what it holds, and leaves it by Enter."""
        self.run(
            "(selector) => { const field = document.querySelector(selector); field.focus(); field.select?.(); }",
            selector,
        )
        self.write(text)
        self.press("Enter")

    def slide(self, selector: str, part: float) -> None:
        """Moves a slider to a part of its length, with the events of a person's drag."""
        self.run(
            """(selector, part) => {
              const slider = document.querySelector(selector);
              const [low, high] = [Number(slider.min), Number(slider.max)];
              slider.value = low + part * (high - low);
              slider.dispatchEvent(new Event("input", { bubbles: true }));
              slider.dispatchEvent(new Event("change", { bubbles: true }));
            }""",
            selector, part,
        )  # fmt: skip

    def focused(self) -> str:
        """What has the focus: tag, id, label."""
        return str(
            self.run(
                """(() => {
                  const one = document.activeElement;
                  const label = one.getAttribute("aria-label") ?? one.labels?.[0]?.innerText ?? one.innerText ?? "";
                  return `${one.tagName.toLowerCase()}#${one.id} ${label.trim().split("\\n")[0]}`;
                })()"""
            )
        )


@contextlib.contextmanager
def chromium() -> Iterator[Chromium]:
    """A browser for as long as it is needed."""
    browser = Chromium()
    try:
        yield browser
    finally:
        browser.close()
