"""For everybody: names and roles, contrast, narrow windows, less motion, tables behind charts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from browser import Tab
from conftest import Server, settle

NAMED = {
    "button", "textbox", "slider", "combobox", "switch", "tab", "link", "menuitem", "menu", "progressbar", "region", "figure",
    "checkbox", "navigation", "complementary", "toolbar", "tablist", "group", "radio", "image",
}  # fmt: skip


def test_everything_has_a_name(page: Callable[..., Tab], server: Server) -> None:
    tab = page(f"{server.url}#compare=1&B.lambda=0.3", height=2600)
    nodes = tab.names()
    # Fieldsets and charts are groups; those that only lay out have none.
    nameless = [node for node in nodes if node["role"] in NAMED - {"group", "figure"} and not node["name"].strip()]
    assert not nameless, nameless
    roles = [node["role"] for node in nodes]
    for role, count in {
        "main": 1,
        "banner": 1,
        "complementary": 1,
        "slider": 12,
        "textbox": 12,
        "combobox": 4,
        "switch": 1,
    }.items():
        assert roles.count(role) >= count, (role, roles.count(role))
    names = {node["name"] for node in nodes if node["role"] == "slider"}
    assert len(names) == roles.count("slider"), "two sliders have one name"


def test_language_title_and_headings(page: Callable[..., Tab], server: Server) -> None:
    tab = page(server.url)
    assert tab.run("document.documentElement.lang") == "en"
    assert tab.run("document.title").strip()
    levels = tab.run(
        "[...document.querySelectorAll('h1, h2, h3')].filter((one) => one.checkVisibility()).map((one) => Number(one.tagName[1]))"
    )
    assert levels and all(after - before <= 1 for before, after in zip(levels, levels[1:], strict=False))


def test_charts_have_words_and_tables(page: Callable[..., Tab], server: Server) -> None:
    tab = page(server.url, height=1700)
    charts = tab.run(
        """[...document.querySelectorAll("#views .plot[aria-label]")].map((one) => ({
          label: one.getAttribute("aria-label"), role: one.getAttribute("role"), index: one.tabIndex,
          described: document.getElementById(one.closest("figure").getAttribute("aria-describedby"))?.textContent,
        }))"""
    )
    assert len(charts) >= 6
    for chart in charts:
        assert chart["role"] and chart["index"] == 0
        assert len(chart["label"]) > 30 and len(chart["described"]) > 20
    buttons = "[...document.querySelectorAll('#views [aria-controls^=table-]')]"
    tab.run(f"{buttons}.forEach((one) => one.click())")
    settle(tab)
    tables = tab.run(
        """[...document.querySelectorAll("#views table")].map((one) => [
          one.caption?.textContent.length > 0,
          [...one.tHead.rows[0].cells].every((cell) => cell.tagName === "TH" && cell.scope === "col"),
          [...one.tBodies[0].rows].every((row) => row.cells[0].scope === "row"),
        ])"""
    )
    assert len(tables) >= 6 and all(all(row) for row in tables)
    assert tab.run(f"{buttons}.every((one) => one.getAttribute('aria-expanded') === 'true')")


#: WCAG's contrast of every text that is seen with what lies behind it; those that fall short.
CONTRAST = """(() => {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const read = (color) => {
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = color;
    context.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = context.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = ([r, g, b, a], under) => [r, g, b].map((value, k) => value * a + under[k] * (1 - a));
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((value) => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    const layers = [];
    for (let one = element; one; one = one.parentElement) {
      const color = read(getComputedStyle(one).backgroundColor);
      if (color[3] > 0) layers.push(color);
      if (color[3] === 1) break;
    }
    return layers.reverse().reduce((under, layer) => over(layer, under), [255, 255, 255]);
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let count = 0;
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim();
    const element = walker.currentNode.parentElement;
    if (!text || !element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) || element.closest("script, style, .hidden, .off, .skip, [aria-hidden=true] option")) continue;
    if (element.closest("select") && element.tagName === "OPTION") continue;
    const style = getComputedStyle(element);
    const ground = behind(element);
    const [one, other] = [luminance(over(read(style.color), ground)), luminance(ground)];
    const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    const size = parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    count++;
    if (ratio < (isLarge ? 3 : 4.5)) found.push(`${text.slice(0, 40)}: ${ratio.toFixed(2)}`);
  }
  return { count, found };
})()"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("where", ["", "#n=0", "#essay", "#compare=1"])
def test_contrast(where: str, scheme: str, page: Callable[..., Tab], server: Server) -> None:
    tab = page(server.url + where, height=2600, idle=where in ("", "#compare=1"), color_scheme=scheme)
    tab.expected.append("status of 422")
    tab.wait(
        "document.querySelectorAll('.said:not(:empty)').length > 0" if where == "#essay"
        else "document.querySelector('#set-n-fault')?.hidden === false" if where == "#n=0" else "true", timeout=60,
    )  # fmt: skip
    assert tab.run("document.documentElement.dataset.theme") == scheme
    if where == "":
        tab.run("document.querySelectorAll('#views [aria-controls^=table-]').forEach((one) => one.click())")
        tab.run("document.querySelector('#menu-copy button').click()")
    result = tab.run(CONTRAST)
    assert result["count"] > 40
    assert not result["found"], "\n".join(result["found"][:20])


def test_contrast_of_lines(page: Callable[..., Tab], server: Server) -> None:
    """Lines that mean something stand out from the paper, 3 to 1."""
    tab = page(server.url)
    for name in ("light", "dark"):
        theme: dict[str, Any] = tab.run("(name) => Charts.themes[name]", name)

        def luminance(color: str) -> float:
            parts = [int(color[k : k + 2], 16) / 255 for k in (1, 3, 5)]
            linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
            return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

        ground = luminance(theme["background"])
        for color in [*theme["colors"], theme["axis"], theme["foreground"], theme["theory"], theme["muted"]]:
            one, other = sorted((luminance(color), ground), reverse=True)
            assert (one + 0.05) / (other + 0.05) >= 3, (name, color)


@pytest.mark.parametrize("where", ["", "#compare=1", "#essay", "#network=layers&loss=logistic"])
def test_no_sideways_scrolling_on_a_telephone(where: str, page: Callable[..., Tab], server: Server) -> None:
    tab = page(server.url + where, width=360, height=740, idle=where != "#essay")
    tab.viewport(360, 740, mobile=True, scale=2)
    tab.wait("document.documentElement.clientWidth === 360")
    wide = tab.run(
        """(() => [...document.querySelectorAll("body *")].filter((one) => {
          if (!one.checkVisibility() || one.closest(".hidden, .table, .runs, .skip, pre")) return false;
          const box = one.getBoundingClientRect();
          return box.width > 0 && box.right > 361;
        }).map((one) => `${one.tagName}.${one.className} ${one.id}`))()"""
    )
    assert tab.run("document.documentElement.scrollWidth") <= 360, wide[:10]
    # The settings are folded away, and unfold.
    if where != "#essay":
        assert not tab.run("document.getElementById('drawer').open")
        tab.click("#drawer > summary")
        tab.fill("#set-lambda", "0.5")
        settle(tab)
        assert tab.run("App.current().experiments.flow.motion.lambda") == 0.5
        tab.click("#menu-copy button")
        assert tab.run("document.documentElement.scrollWidth") <= 360
        assert tab.run("document.querySelector('#menu-copy .menu').getBoundingClientRect().left") >= 0


def test_targets_are_large_enough(page: Callable[..., Tab], server: Server) -> None:
    """24 px at least, as WCAG 2.2 has it, for all that is pressed."""
    tab = page(server.url, width=360, height=740)
    small = tab.run(
        """[...document.querySelectorAll("button, summary, select, input")].filter((one) => one.checkVisibility() && !one.closest(".hidden"))
          .map((one) => [one.outerHTML.slice(0, 80), one.getBoundingClientRect()])
          .filter(([, box]) => box.height < 20 || box.width < 20).map(([text]) => text)"""
    )
    assert not small


def test_reduced_motion(page: Callable[..., Tab], server: Server) -> None:
    tab = page(server.url, reduced_motion="reduce")
    assert tab.run("document.querySelector('[aria-label=\"Play time\"]').hidden")
    tab.click("[aria-label='A step forth in time']")
    tab.wait("State.look.t !== null && State.look.t > 0")
    moving = tab.run(
        """[...document.querySelectorAll("body *")].filter((one) => {
          const style = getComputedStyle(one);
          return style.transitionDuration.split(",").some((time) => parseFloat(time) > 0) || style.animationName !== "none";
        }).length"""
    )
    assert moving == 0


def test_focus_is_seen(page: Callable[..., Tab], server: Server) -> None:
    tab = page(server.url)
    for _ in range(40):
        tab.press("Tab")
        seen = tab.run(
            """(() => {
              const style = getComputedStyle(document.activeElement);
              return document.activeElement === document.body || style.outlineStyle !== "none" || style.boxShadow !== "none";
            })()"""
        )
        assert seen, tab.focused()


def test_forced_colours(page: Callable[..., Tab], server: Server) -> None:
    """High contrast of the system: the page still works, and says which choice is made."""
    tab = page(server.url)
    tab.send("Emulation.setEmulatedMedia", features=[{"name": "forced-colors", "value": "active"}])
    pressed = "document.querySelector('.segmented [aria-pressed=true]')"
    assert tab.run(f"getComputedStyle({pressed}).outlineStyle") != "none"
