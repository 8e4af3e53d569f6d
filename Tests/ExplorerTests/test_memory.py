"""An hour of sliders that move at random, compressed into minutes: neither the page nor the server grows."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from browser import Tab
from conftest import Server, settle

#: One in twelve seconds makes an hour; `MOMENTUMFLOW_MOVES=3600` for one a second.
MOVES = int(os.environ.get("MOMENTUMFLOW_MOVES", "300"))

#: Moves sliders, and now and then a choice, one after the other, each after the results of the one before.
WALK = """async (count, seed) => {
  let state = seed;
  const random = () => ((state = (state * 48271) % 2147483647) / 2147483647);
  const keys = ["lambda", "step", "alpha", "seed", "until", "n", "d", "mean", "nonzeros", "gamma", "beta"];
  for (let k = 0; k < count; k++) {
    const key = keys[Math.floor(random() * keys.length)];
    const slider = document.querySelector(`.row[data-key=${key}] input[type=range]`);
    const [low, high] = [Number(slider.min), Number(slider.max)];
    // Sizes stay small: what grows with them is no leak.
    const part = ["n", "d"].includes(key) ? random() * 0.15 + 0.02 : key === "until" ? random() * 0.5 : 0.2 + 0.6 * random();
    slider.value = low + part * (high - low);
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    if (k % 3) slider.dispatchEvent(new Event("change", { bubbles: true }));
    const wait = random() < 0.4 ? 20 : 600;
    const end = performance.now() + wait;
    await new Promise((done) => setTimeout(done, 15));
    while (App.isBusy() && performance.now() < end) await new Promise((done) => setTimeout(done, 8));
  }
  return count;
}"""


def test_memory_is_flat(
    explorer: Callable[..., Server], page: Callable[..., Tab], capsys: pytest.CaptureFixture[str]
) -> None:
    server = explorer("--gaussian", "20,30,3")
    tab = page(server.url)
    # Values that cannot be used come by on such a walk.
    tab.expected.append("status of 422")
    heap, served = [], []
    parts = 6
    for part in range(parts + 1):
        tab.run(WALK, max(1, MOVES // parts), 17 + part, timeout=900)
        tab.run("App.open('')")
        settle(tab, timeout=60)
        heap.append(tab.heap())
        served.append(server.memory())
    with capsys.disabled():
        print(
            f"\n{MOVES} moves; MB of the page: {[size >> 20 for size in heap]}, of the server: {[size >> 20 for size in served]}"
        )
    # The first part warms up.
    assert heap[-1] < 1.25 * heap[1] + (6 << 20)
    assert served[-1] < 1.25 * served[1] + (48 << 20)
    nodes = tab.run("document.querySelectorAll('*').length")
    assert nodes < 6000
