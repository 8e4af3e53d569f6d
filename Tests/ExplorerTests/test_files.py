"""Stores and files in the page, and what is taken away from it."""

from __future__ import annotations

import csv
import json
import shlex
import subprocess
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import xarray
from browser import Chromium, Tab
from conftest import Server, command, mgf, settle
from PIL import Image

STUDY = """
name: small
problem: {gaussian: {samples: 8, features: 12, nonzeros: 2, seed: 1}}
initialisation: {alpha: 0.1}
method: heavy-ball
axes:
  gamma: {log: [1e-3, 3e-2, 6]}
  beta: [0, 0.5, 0.8, 0.9, 0.95]
stop: {delta_tolerance: 1e-6, max_iterations: 2000000}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("files")
    (place / "study.yaml").write_text(STUDY)
    for words in (
        "sweep study.yaml --output store.sqlite --quiet",
        "solve --gaussian 8,12,2 --lambda 0.5 --until 30 --samples 61 --quiet --output flow.nc",
    ):
        done = command(*shlex.split(words), cwd=place)
        assert done.returncode == 0, done.stderr
    return place


@pytest.fixture(scope="module")
def filed(folder: Path) -> Iterator[Server]:
    found = Server("store.sqlite", "flow.nc", cwd=folder)
    yield found
    found.stop()


def test_store(page: Callable[..., Tab], filed: Server) -> None:
    tab = page(filed.url, idle=False)
    tab.wait("!document.getElementById('stores').hidden && typeof Stores !== 'undefined' && Stores.model", timeout=30)
    assert tab.run("document.querySelectorAll('#stores table tbody tr').length") > 0
    assert "30" in tab.run("document.getElementById('stores').textContent")
    # Each form of the picture, over other columns.
    for form in ("scatter", "lines", "heat"):
        tab.run(
            """(form) => {
              const select = [...document.querySelectorAll("#stores select")].find((one) => [...one.options].some((option) => option.value === form));
              select.value = form;
              select.dispatchEvent(new Event("change"));
            }""",
            form,
        )
        tab.wait("Stores.model && Stores.model.x")
        colors = tab.run(
            """(() => {
              const canvas = document.querySelector("#stores canvas");
              const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
              const found = new Set();
              for (let k = 0; k < data.length; k += 4) if (data[k + 3] > 200) found.add(data[k] << 16 | data[k + 1] << 8 | data[k + 2]);
              return found.size;
            })()"""
        )
        assert colors > 5, form
    # The address says what is plotted.
    other = page(filed.url + tab.run("location.hash"), idle=False)
    other.wait("typeof Stores !== 'undefined' && Stores.model", timeout=30)
    assert other.run("App.current().look.plot") == tab.run("App.current().look.plot")


def test_brush(page: Callable[..., Tab], filed: Server) -> None:
    tab = page(filed.url, idle=False)
    tab.wait("typeof Stores !== 'undefined' && Stores.model", timeout=30)
    before = tab.run("document.querySelectorAll('#stores table tbody tr').length")
    tab.run("() => { const { x, y } = Stores.model; Stores.brush([x.min, Math.sqrt(x.min * x.max)], [y.min, y.max]); }")
    tab.wait("(before) => document.querySelectorAll('#stores table tbody tr').length < before", before)
    assert tab.run("document.querySelector('#stores .chips').textContent").strip() != ""


def test_a_click_opens_the_run(page: Callable[..., Tab], filed: Server) -> None:
    tab = page(filed.url, idle=False)
    tab.wait("typeof Stores !== 'undefined' && Stores.model", timeout=30)
    tab.run("Stores.open(17)")
    tab.wait("App.current().tab === 'live'")
    settle(tab)
    motion = json.loads(filed.ask("experiment", {"store": 0, "run": 17}))["experiment"]["motion"]
    state = tab.run("App.current().A")
    assert state["lambda"] == pytest.approx(motion["gamma"] / (1 - motion["beta"]) ** 2, rel=1e-6)
    assert (state["n"], state["d"], state["nonzeros"]) == (8, 12, 2)


def test_a_running_sweep_updates(page: Callable[..., Tab], explorer: Callable[..., Server], tmp_path: Path) -> None:
    study = STUDY.replace("[1e-3, 3e-2, 6]", "[1e-4, 1e-2, 12]").replace(
        "samples: 8, features: 12", "samples: 30, features: 60"
    )
    (tmp_path / "study.yaml").write_text(study)
    words = [mgf(), "sweep", "study.yaml", "--output", "run.sqlite", "--quiet", "--workers", "1"]
    part = subprocess.run([*words, "--max-seconds", "0.3"], cwd=tmp_path, capture_output=True, text=True)
    assert part.returncode in (0, 1), part.stderr
    server = explorer("run.sqlite", cwd=tmp_path)
    tab = page(server.url, idle=False)
    tab.wait("typeof Stores !== 'undefined' && document.querySelector('#stores h2') !== null", timeout=30)
    count = "document.querySelector('#stores [role=status]').textContent"
    before = tab.run(count)
    whole = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert whole.returncode == 0, whole.stderr
    tab.wait("(before) => document.querySelector('#stores [role=status]').textContent !== before", before, timeout=30)
    tab.wait(f"{count}.includes('60')", timeout=30)


def test_file(page: Callable[..., Tab], filed: Server, folder: Path) -> None:
    tab = page(f"{filed.url}#tab=file:0", idle=False)
    tab.wait("App.charts().some((chart) => chart.id === 'theta')", timeout=30)
    table = tab.run("App.charts().find((chart) => chart.id === 'theta').table().rows")
    with xarray.open_dataset(folder / "flow.nc", decode_times=False) as file:
        expected = np.column_stack([file["time"], file["theta"]])
    assert np.array_equal(np.array(table), expected)
    # The run of the file is cited.
    line = tab.run("Share.commandText(Share.shown([Views.list[0]]))").splitlines()[-1]
    assert line == "mgf solve --gaussian 8,12,2 --lambda 0.5 --until 30 --samples 61"


@pytest.fixture
def loaded(chromium: Chromium, server: Server, tmp_path: Path) -> Iterator[Tab]:
    """A page whose downloads land in the folder `got`."""
    (tmp_path / "got").mkdir()
    tab = chromium.open(width=1280, height=900)
    tab.save_downloads(tmp_path / "got")
    tab.go(f"{server.url}#lambda=0.6&until=20")
    settle(tab)
    yield tab
    faults = tab.faults
    tab.close()
    assert not faults, "\n".join(faults)


def download(tab: Tab, item: str, folder: Path, count: int = 1, timeout: float = 60) -> list[Path]:
    """Chooses an item of the menu, and waits for its files."""
    before = set(folder.iterdir())
    tab.click("#menu-download button[aria-haspopup]")
    tab.run(
        """(item) => {
          const found = [...document.querySelectorAll("#menu-download [role=menuitem]")].find((one) => one.firstChild.textContent === item);
          if (!found) throw new Error(`no ${item}`);
          found.click();
        }""",
        item,
    )
    end = time.monotonic() + timeout
    while True:
        found = [path for path in sorted(set(folder.iterdir()) - before) if path.suffix not in (".crdownload", ".tmp")]
        if len(found) >= count and all(path.stat().st_size > 0 for path in found):
            time.sleep(0.1)
            return found
        assert time.monotonic() < end, f"{item}: {found}"
        time.sleep(0.05)


def test_netcdf_opens_in_xarray(loaded: Tab, tmp_path: Path) -> None:
    found = download(loaded, "Data, NetCDF", tmp_path / "got", 2)
    assert [path.name for path in found] == ["momentumflow-flow.nc", "momentumflow-iterates.nc"]
    with xarray.open_dataset(found[0], decode_times=False) as file:
        theta = file["theta"].values
        shown = loaded.run("[...App.results().flow.arrays.theta.values]")
        assert theta.ravel().tolist() == shown
        assert json.loads(file.attrs["experiment"]) == loaded.run("App.results().flow.experiment")
    # What mgf makes of the file is the same again.
    done = command("rerun", str(found[0]), "--json", "--quiet")
    assert json.loads(done.stdout)["loss"] == loaded.run("App.results().flow.measurements.loss")


def test_csv(loaded: Tab, tmp_path: Path) -> None:
    [path] = download(loaded, "Data, CSV", tmp_path / "got")
    with open(path, newline="", encoding="utf-8") as file:
        head, *rows = csv.reader(file)
    table = loaded.run("App.charts().find((chart) => chart.id === 'theta').table()")
    assert head == table["columns"]
    assert [[float(value) for value in row] for row in rows] == table["rows"]


def test_experiment(loaded: Tab, tmp_path: Path) -> None:
    loaded.click("#card-loss h2")
    for _ in range(10):
        # Views above it that fill in may move it away under the mouse.
        loaded.click("#card-certificate h2")
        settle(loaded)
        if loaded.run("App.current().view === 'certificate'"):
            break
    [path] = download(loaded, "Experiment, JSON", tmp_path / "got")
    done = command("run", str(path), "--json", "--quiet")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["theta_inf"] == loaded.run("App.results().limit.measurements.theta_inf")


def test_figures(loaded: Tab, tmp_path: Path) -> None:
    space = "{http://www.w3.org/2000/svg}"
    [svg] = download(loaded, "Figure, SVG", tmp_path / "got")
    root = ElementTree.parse(svg).getroot()
    assert root.tag == space + "svg" and root.get("role") == "img"
    title, described = root.find(space + "title"), root.find(space + "desc")
    assert title is not None and title.text == "Coefficients θ"
    assert described is not None and described.text and "30 coefficients" in described.text
    paths = [one.get("d") or "" for one in root.iter(space + "path")]
    assert len(paths) >= 30 and not any("NaN" in path or "undefined" in path for path in paths)
    [png] = download(loaded, "Figure, PNG", tmp_path / "got")
    with Image.open(png) as picture:
        assert picture.size == (1440, 880)
        colors = picture.convert("RGB").getcolors(1 << 20)
    assert colors is not None and len(colors) > 20
    made = download(loaded, "Publication figure, SVG", tmp_path / "got", 3)
    for path in made:
        assert ElementTree.parse(path).getroot().tag == space + "svg"


def test_every_view_as_svg(loaded: Tab) -> None:
    """Each view's picture is well formed, and holds a title and a description."""
    views = loaded.run("Views.list.filter((view) => !view.card).map((view) => view.id)")
    for view in views:
        loaded.place(f"#card-{view}")
        loaded.wait("(id) => App.charts().some((chart) => chart.id === id)", view, timeout=60)
        for light in (False, True):
            text = loaded.run(
                "(id, light) => Share.picture(App.charts().find((chart) => chart.id === id), { light })", view, light
            )
            root = ElementTree.fromstring(text)
            assert "NaN" not in text and "undefined" not in text, view
            assert len(list(root.iter())) > 20, view


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_report(loaded: Tab, page: Callable[..., Tab], tmp_path: Path) -> None:
    loaded.click("#menu-report button")
    end = time.monotonic() + 30
    while not (found := list((tmp_path / "got").glob("*.html"))):
        assert time.monotonic() < end
        time.sleep(0.05)
    text = found[0].read_text(encoding="utf-8")
    tags = Tags()
    tags.feed(text)
    names = [tag for tag, _ in tags.found]
    assert "script" not in names and "link" not in names and "iframe" not in names and "img" not in names
    for _, attributes in tags.found:
        assert not any(name.startswith("on") for name in attributes)
        assert not (attributes.get("href") or "").startswith(("javascript:", "http:"))
    assert names.count("figure") >= 5 and names.count("svg") == names.count("figure") == names.count("figcaption")
    assert text.count("mgf solve --gaussian 20,30,3") == 1 and "import momentumflow as mf" in text
    assert "λ 0.6" in text
    shown = page(found[0].as_uri(), idle=False)
    assert shown.requests == [found[0].as_uri()]
    assert shown.run("document.documentElement.scrollWidth <= innerWidth")
    # Its command makes its numbers.
    line = next(
        line
        for line in shown.run("document.querySelector('pre').textContent").splitlines()
        if line.startswith("mgf solve")
    )
    done = command(*shlex.split(line)[1:], "--json", "--quiet")
    assert f"{json.loads(done.stdout)['loss']:.12g}"[:10] in text


def test_report_of_one_that_is_dark_is_light(loaded: Tab) -> None:
    loaded.click("#theme")
    settle(loaded)
    before = loaded.run("document.documentElement.dataset.theme")
    text = loaded.run("Share.report()")
    assert loaded.run("document.documentElement.dataset.theme") == before
    assert "#1b1f24" not in text and "#56b4e9" not in text
