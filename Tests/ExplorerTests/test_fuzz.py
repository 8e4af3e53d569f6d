"""Requests that no page sends: a status each, or a close; never a crash, a hang or memory that is kept."""

from __future__ import annotations

import contextlib
import json
import os
import random
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from conftest import Server

#: `MOMENTUMFLOW_FUZZ=100000` for the whole hundred thousand.
COUNT = int(os.environ.get("MOMENTUMFLOW_FUZZ", "5000"))
SEED = int(os.environ.get("MOMENTUMFLOW_FUZZ_SEED", "1"))

EXPERIMENT: dict[str, Any] = {
    "command": "solve", "problem": {"gaussian": {"samples": 3, "features": 5, "nonzeros": 1, "mean": 0}, "seed": 1},
    "initialisation": {"alpha": 0.1}, "motion": {"flow": "mgf", "lambda": 1}, "numerics": {"stepper": "auto", "rtol": 1e-8},
    "goal": {"until": 2, "max_seconds": 0.05}, "recording": {"samples": 5},
}  # fmt: skip

#: One of each other command: what a value does depends on where it is put.
OTHERS: list[dict[str, Any]] = [
    {**EXPERIMENT, "command": "descend", "motion": {"method": "heavy-ball", "lambda": 1, "step": 0.1},
     "goal": {"iterations": 10, "max_seconds": 0.05}, "recording": {"at": [0, 5, 10]}},
    {**EXPERIMENT, "command": "limit", "goal": {"delta_tolerance": 1e-4, "max_seconds": 0.05}, "recording": {}},
    {**EXPERIMENT, "command": "compare", "motion": {"lambda": 1, "steps": [0.1, 0.05]}, "recording": {}},
    {**EXPERIMENT, "command": "thresholds", "motion": {}, "goal": {"tolerance": 1e-2, "max_seconds": 0.05}, "recording": {}},
]  # fmt: skip

#: Values that are put where others belong.
ODD: list[Any] = [
    None, True, False, 0, -1, 1, 2, 7, 0.5, -0.0, 1e308, -1e308, 1e-320, 1e400, 2**53, 2**63, 2**64, -(2**63), 10**40, "", "x", "solve",
    "../../etc/passwd", "/etc/passwd", "\x00", "\ud800", "λ" * 50, "a" * 5000, [], {}, [[]], [1, 2, 3], ["x"] * 100, {"a": {"b": {}}},
    "gf", "layers", "nan", "1e999", [1e300], [-1e300], [0.5], [0, 1e19],
]  # fmt: skip


class Talk:
    """A connection that is kept as long as the server keeps it."""

    def __init__(self, server: Server) -> None:
        self.port = server.port
        self.socket: socket.socket | None = None

    def open(self) -> socket.socket:
        if self.socket is None:
            self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        return self.socket

    def close(self) -> None:
        if self.socket is not None:
            self.socket.close()
            self.socket = None

    def send(self, data: bytes, patience: float = 20) -> int | None:
        """The status that comes back; None where the server closes instead. What does not end in time is left."""
        for attempt in range(2):
            fresh = self.socket is None
            one = self.open()
            try:
                one.settimeout(patience)
                one.sendall(data)
            except OSError:
                # It may answer, and close, before all is sent.
                pass
            try:
                status, is_kept = self.read(one)
            except OSError:
                status, is_kept = None, False
            if not is_kept:
                self.close()
            # A kept connection may have been closed meanwhile.
            if status is not None or fresh or attempt:
                return status
        return None

    def read(self, one: socket.socket) -> tuple[int | None, bool]:
        held = b""
        while b"\r\n\r\n" not in held:
            part = one.recv(65536)
            if not part:
                assert not held, f"half an answer: {held[:80]!r}"
                return None, False
            held += part
        head, _, rest = held.partition(b"\r\n\r\n")
        lines = head.split(b"\r\n")
        assert lines[0].startswith(b"HTTP/1."), lines[0][:80]
        status = int(lines[0].split()[1])
        fields = {
            name.strip().lower(): value.strip().lower()
            for name, _, value in (line.partition(b":") for line in lines[1:])
        }
        is_kept = fields.get(b"connection") != b"close"
        one.settimeout(3)
        with contextlib.suppress(TimeoutError):
            if b"content-length" in fields:
                missing = int(fields[b"content-length"]) - len(rest)
                while missing > 0:
                    part = one.recv(65536)
                    if not part:
                        return status, False
                    missing -= len(part)
                return status, is_kept
            if fields.get(b"transfer-encoding") == b"chunked":
                while not rest.endswith(b"0\r\n\r\n"):
                    part = one.recv(65536)
                    if not part:
                        return status, False
                    rest = rest[-16:] + part
                return status, is_kept
            return status, False
        # A run that takes its time: this tab is closed.
        return status, False


class Fuzzer:
    def __init__(self, server: Server, seed: int) -> None:
        self.draw = random.Random(seed)
        self.token = server.url.rstrip("/").rsplit("/", 1)[1]
        self.host = f"127.0.0.1:{server.port}"
        self.count = 0

    def noise(self, most: int) -> bytes:
        return self.draw.randbytes(self.draw.randrange(most))

    def request(
        self, method: str = "POST", path: str = "run", body: bytes = b"", token: str | None = None, host: str | None = None,
        headers: dict[str, str] | None = None, version: str = "HTTP/1.1", length: int | None = None,
    ) -> bytes:  # fmt: skip
        target = f"/{self.token if token is None else token}/{path}"
        fields = {"Host": host if host is not None else self.host, "Content-Type": "application/json"}
        if method not in ("GET", "HEAD") or body:
            fields["Content-Length"] = str(len(body) if length is None else length)
        fields |= headers or {}
        head = (
            f"{method} {target} {version}\r\n"
            + "".join(f"{name}: {value}\r\n" for name, value in fields.items())
            + "\r\n"
        )
        return head.encode("utf-8", "surrogateescape") + body

    def asked(self, experiment: Any, **more: Any) -> bytes:
        self.count += 1
        body = {
            "tab": "fuzz",
            "lane": f"l{self.draw.randrange(3)}",
            "experiment": experiment,
            "arrays": self.draw.random() < 0.5,
        }
        return json.dumps(body | more, allow_nan=True).encode("utf-8", "surrogatepass")

    def mutated(self) -> Any:
        """The experiment with something odd in some of its places."""
        whole = json.loads(json.dumps(self.draw.choice([EXPERIMENT, *OTHERS])))
        for _ in range(self.draw.randrange(1, 4)):
            part = whole
            while True:
                key = self.draw.choice(list(part)) if part else None
                if key is None:
                    break
                if isinstance(part[key], dict) and part[key] and self.draw.random() < 0.8:
                    part = part[key]
                    continue
                action = self.draw.random()
                if isinstance(part[key], (int, float)) and self.draw.random() < 0.5:
                    value = part[key] * 10 ** self.draw.uniform(-3, 3)
                    part[key] = round(value) if isinstance(part[key], int) else value
                elif action < 0.7:
                    part[key] = self.draw.choice(ODD)
                elif action < 0.85:
                    del part[key]
                else:
                    part[
                        self.draw.choice(["zzz", "lambda", "step", "at", "u0", "design", "seed", "every", "batch"])
                    ] = self.draw.choice(ODD)
                break
        return whole

    # Kinds: each gives the bytes and the statuses that are right; None stands for a close.

    def random_bytes(self) -> tuple[bytes, Any]:
        return self.noise(300) + b"\r\n\r\n", lambda status: status is None or status >= 400

    def random_line(self) -> tuple[bytes, Any]:
        letters = "GETPOS/ \t%?#:._-0129aZ~\x7f\x01é"
        line = "".join(self.draw.choice(letters) for _ in range(self.draw.randrange(1, 60)))
        return f"{line} HTTP/1.1\r\nHost: {self.host}\r\n\r\n".encode(), lambda status: status is None or status >= 400

    def wrong_token(self) -> tuple[bytes, Any]:
        wrong = self.draw.choice(
            ["", "x", self.token[:-1], self.token + "0", self.token.upper() + "G", "0" * 32, "..", "%2e%2e", "a" * 3000]
        )
        return self.request(
            self.draw.choice(["GET", "POST"]), "start", b"{}", token=wrong
        ), lambda status: status in (400, 404, 414, 431)

    def wrong_host(self) -> tuple[bytes, Any]:
        host = self.draw.choice(
            [
                "evil.example",
                "localhost.evil.example:80",
                "10.0.0.1",
                "127.0.0.1.evil.example",
                "",
                "127.0.0.1:12:34",
                "[::2]",
            ]
        )
        return self.request("GET", "start", host=host), lambda status: status in (400, 403)

    def wrong_origin(self) -> tuple[bytes, Any]:
        origin = self.draw.choice(
            ["http://evil.example", "null", "https://" + self.host, "http://127.0.0.1:1", "file://", "http://localhost"]
        )
        return self.request(
            "POST", "run", self.asked(EXPERIMENT), headers={"Origin": origin}
        ), lambda status: status == 403

    def wrong_method(self) -> tuple[bytes, Any]:
        method = self.draw.choice(["PUT", "DELETE", "OPTIONS", "PATCH", "HEAD", "TRACE", "CONNECT", "FOO", "get"])
        return self.request(method, "start", b""), lambda status: status is None or status in (400, 404, 405, 501)

    def wrong_type(self) -> tuple[bytes, Any]:
        kind = self.draw.choice(
            ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
        )
        return self.request(
            "POST", "run", self.asked(EXPERIMENT), headers={"Content-Type": kind}
        ), lambda status: status == 415

    def wrong_path(self) -> tuple[bytes, Any]:
        path = self.draw.choice(
            [
                "nothing",
                "../start",
                "run/",
                "%00",
                "start%2f..",
                "work?" + "x" * 200,
                "etc/passwd",
                "figure",
                "page.html",
            ]
        )
        return self.request("GET", path), lambda status: status in (200, 400, 404)

    def oversized(self) -> tuple[bytes, Any]:
        length = self.draw.choice([1 << 23, 1 << 31, 1 << 40, 10**18, 10**25])
        return self.request("POST", "run", b"{}", length=length), lambda status: status is None or status in (400, 413)

    def negative_length(self) -> tuple[bytes, Any]:
        return self.request(
            "POST", "run", b"", headers={"Content-Length": self.draw.choice(["-1", "x", "1, 2", "0x10", "+3", ""])}
        ), (lambda status: status is None or status in (400, 413, 422))

    def garbage_body(self) -> tuple[bytes, Any]:
        path = self.draw.choice(["run", "rows", "experiment", "file", "figure", "data"])
        return self.request("POST", path, self.noise(400)), lambda status: status in (400, 422)

    def deep_body(self) -> tuple[bytes, Any]:
        depth = self.draw.choice([100, 513, 5000, 200000])
        body = (
            (b"[" * depth + b"]" * depth)
            if self.draw.random() < 0.5
            else (b'{"experiment":' * min(depth, 50000) + b"1" + b"}" * min(depth, 50000))
        )
        return self.request("POST", self.draw.choice(["run", "figure"]), body), lambda status: status in (400, 422)

    def mutated_experiment(self) -> tuple[bytes, Any]:
        path = self.draw.choice(["run"] * 8 + ["data", "figure"])
        more = {"format": self.draw.choice(["nc", "csv", "svg", "x", None])} if path != "run" else {}
        return self.request("POST", path, self.asked(self.mutated(), **more)), lambda status: status in (200, 400, 422)

    def mutated_list(self) -> tuple[bytes, Any]:
        body = {
            "tab": "fuzz",
            "lane": "list",
            "experiments": self.draw.choice([[], [self.mutated() for _ in range(4)], "x", [1, None], {}]),
        }
        return self.request(
            "POST", "run", json.dumps(body).encode("utf-8", "surrogatepass")
        ), lambda status: status in (200, 400, 422)

    def odd_tab(self) -> tuple[bytes, Any]:
        return self.request(
            "POST", "run", self.asked(EXPERIMENT, tab=self.draw.choice(ODD), lane=self.draw.choice(ODD))
        ), (lambda status: status in (200, 400, 422))

    def odd_choice(self) -> tuple[bytes, Any]:
        path = self.draw.choice(["rows", "file", "experiment"])
        body = {"store": self.draw.choice(ODD), "file": self.draw.choice(ODD), "run": self.draw.choice(ODD)}
        return self.request(
            "POST", path, json.dumps(body).encode("utf-8", "surrogatepass")
        ), lambda status: status in (400, 422)

    def huge_number(self) -> tuple[bytes, Any]:
        digits = self.draw.choice(
            ["9" * 400, "1e" + "9" * 20, "-" * 5 + "1", "0." + "0" * 5000 + "1", "1" + "0" * 3000 + "e-3000"]
        )
        body = json.dumps(json.loads(self.asked(EXPERIMENT))).replace('"lambda": 1', f'"lambda": {digits}')
        return self.request("POST", "run", body.encode()), lambda status: status in (200, 400, 422)

    def long_head(self) -> tuple[bytes, Any]:
        kind = self.draw.randrange(3)
        headers = (
            {"X-Long": "y" * self.draw.choice([1000, 20000, 200000])} if kind == 0
            else {f"X-{k}": "z" * 50 for k in range(self.draw.choice([10, 500, 3000]))} if kind == 1
            else {"X\x01Bad": "v", "X-Two": "a\x00b"}
        )  # fmt: skip
        return self.request("GET", "work", headers=headers), lambda status: status is None or status in (200, 400, 431)

    def chunked(self) -> tuple[bytes, Any]:
        body = self.asked(EXPERIMENT)
        good = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
        sent = self.draw.choice(
            [
                good,
                b"zz\r\n",
                b"-5\r\nabc\r\n0\r\n\r\n",
                b"ffffffffffffffffff\r\n",
                good[:20] + self.noise(9) + good[20:],
            ]
        )
        head = self.request("POST", "run").replace(b"Content-Length: 0\r\n", b"Transfer-Encoding: chunked\r\n")
        return head + sent, lambda status: status is None or status in (200, 400, 411, 413, 422)

    def flipped(self) -> tuple[bytes, Any]:
        data = bytearray(self.request("POST", "run", self.asked(EXPERIMENT)))
        for _ in range(self.draw.randrange(1, 6)):
            data[self.draw.randrange(len(data))] ^= 1 << self.draw.randrange(8)
        return bytes(data), lambda status: status is None or 200 <= status < 600

    def odd_version(self) -> tuple[bytes, Any]:
        version = self.draw.choice(["HTTP/1.0", "HTTP/0.9", "HTTP/2.0", "HTTP/9.9", "HTTP/1.", "http/1.1", "SPDY/3"])
        return self.request("GET", "work", version=version), lambda status: status is None or status in (200, 400, 505)

    def truncated(self) -> tuple[bytes, Any]:
        whole = self.request("POST", "run", self.asked(EXPERIMENT))
        return whole[: self.draw.randrange(1, len(whole))], "truncated"

    def kinds(self) -> list[Callable[[], tuple[bytes, Any]]]:
        return [
            self.random_bytes, self.random_line, self.wrong_token, self.wrong_host, self.wrong_origin, self.wrong_method, self.wrong_type,
            self.wrong_path, self.oversized, self.negative_length, self.garbage_body, self.deep_body, self.mutated_experiment,
            self.mutated_experiment, self.mutated_experiment, self.mutated_list, self.odd_tab, self.odd_choice, self.huge_number,
            self.long_head, self.chunked, self.flipped, self.odd_version, self.truncated,
        ]  # fmt: skip


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    found = Server("--gaussian", "3,5,1", cwd=tmp_path_factory.mktemp("fuzz"))
    yield found
    found.stop()


#: Those that leave the connection in a state of its own.
UNSETTLING = {
    "random_bytes",
    "random_line",
    "oversized",
    "negative_length",
    "chunked",
    "flipped",
    "odd_version",
    "truncated",
    "wrong_method",
}


def test_fuzzed_requests(target: Server, capsys: pytest.CaptureFixture[str]) -> None:
    fuzzer, talk = Fuzzer(target, SEED), Talk(target)
    kinds = fuzzer.kinds()
    counts: dict[str, dict[str, int]] = {}
    memory: list[int] = []
    began = time.monotonic()
    for k in range(COUNT):
        kind = fuzzer.draw.choice(kinds)
        name = kind.__name__
        data, is_right = kind()
        if is_right == "truncated":
            talk.close()
            with contextlib.suppress(OSError):
                talk.open().sendall(data)
            if fuzzer.draw.random() < 0.5:
                with contextlib.suppress(OSError):
                    talk.open().shutdown(socket.SHUT_WR)
            talk.close()
            status: int | None = None
        else:
            # What has no end by itself is given one.
            patience = (
                2
                if name in ("flipped", "chunked", "negative_length", "oversized", "random_bytes", "random_line")
                else 20
            )
            start = time.monotonic()
            if name in UNSETTLING:
                talk.close()
            status = talk.send(data, patience)
            if status is None and time.monotonic() - start > 15:
                pytest.fail(f"{name}, request {k}: no answer within 15 s: {data[:300]!r}")
            assert is_right(status), f"{name}, request {k}: {status} for {data[:300]!r}"
            if name in UNSETTLING:
                talk.close()
        row = counts.setdefault(name, {})
        row[str(status)] = row.get(str(status), 0) + 1
        assert target.is_alive, f"the server ended after {name}, request {k}: {data[:300]!r}"
        if k % max(1, COUNT // 20) == 0:
            memory.append(target.memory())
            assert b"running" in target.ask("work")
    talk.close()
    # It is well afterwards: nothing runs, the page is there, an experiment is answered.
    end = time.monotonic() + 70
    while target.work() != {"running": 0, "waiting": 0}:
        assert time.monotonic() < end, target.work()
        time.sleep(0.1)
    assert b"<!doctype html>" in target.ask("").lower()
    reply = target.ask("run", {"tab": "after", "lane": "l", "experiment": EXPERIMENT, "arrays": False})
    assert b'"result"' in reply and b'"end"' in reply
    memory.append(target.memory())
    # Flat: what the first quarter needs is needed once.
    growth = memory[-1] - max(memory[: len(memory) // 4 + 1])
    assert growth < (32 << 20) + 0.2 * memory[0], [size >> 20 for size in memory]
    with capsys.disabled():
        seconds = time.monotonic() - began
        print(
            f"\n{COUNT} requests in {seconds:.0f} s; MB: {[size >> 20 for size in memory[:: max(1, len(memory) // 6)]]}"
        )
        for name, row in sorted(counts.items()):
            print(f"  {name}: {', '.join(f'{status} × {count}' for status, count in sorted(row.items()))}")


def test_many_connections(target: Server) -> None:
    """More connections than it takes: those beyond are turned away, and it goes on."""
    held = []
    for _ in range(400):
        with contextlib.suppress(OSError):
            one = socket.create_connection(("127.0.0.1", target.port), timeout=5)
            with contextlib.suppress(OSError):
                one.sendall(b"GET /")
            held.append(one)
    for one in held:
        one.close()
    time.sleep(0.3)
    assert target.is_alive and b"running" in target.ask("work")


def test_no_file_is_served_that_was_not_named(target: Server) -> None:
    fuzzer, talk = Fuzzer(target, 7), Talk(target)
    problems: list[dict[str, Any]] = [
        {"data": "/etc/passwd", "target": "root"}, {"design": "/etc/passwd", "response": "/etc/hosts"}, {"data": "../../etc/passwd", "target": "x"},
    ]  # fmt: skip
    for problem in problems:
        experiment = {**EXPERIMENT, "problem": problem}
        for path in ("run", "data", "figure"):
            assert (
                talk.send(
                    fuzzer.request("POST", path, fuzzer.asked(experiment, format="csv" if path == "data" else "svg"))
                )
                == 422
            )
    start = {**EXPERIMENT, "initialisation": {"u0": "/etc/passwd", "v0": "/etc/passwd"}}
    assert talk.send(fuzzer.request("POST", "run", fuzzer.asked(start))) == 422
    talk.close()


def test_it_listens_on_loopback_only(target: Server) -> None:
    import psutil

    listening = [
        one.laddr.ip
        for one in psutil.Process(target.process.pid).net_connections("tcp")
        if one.status == psutil.CONN_LISTEN
    ]
    assert listening == ["127.0.0.1"]
