"""The live control in headless Chromium, offline: its numbers, its words, its keys, its address.

The physics of the page is JavaScript, so the package is its reference: random slider positions over
the whole range, and the awkward ones by name.  What the package says at the random ones is kept in
``data/live_reference.json``, because it searches the plane for a second where pairs are far off the
axis; some rows are computed again here.  ``python tests/test_live.py`` writes the file anew.
"""

import itertools
import json
import os
import re
from pathlib import Path

import numpy as np
import pytest
from live_page import Control, address
from numpy.testing import assert_allclose

from cedrag import NATURAL, PAPER, Bilayer
from cedrag.view import live

ROOT = Path(__file__).resolve().parent.parent
BOOK_PAGE = ROOT / "_build" / "html" / "chapters" / "live.html"
TOLERANCE = 5e-3  # of J_c, as the page promises
# what both sides must say; several minima are a matter of how thoroughly one searches
SAID = {"OccupiedUpperBranch", "NearTricritical", "LargeGap", "AboveBKT"}

READING_A = live.parameters_of(PAPER, 0.9)
READING_B = live.parameters_of(NATURAL, 0.9)
AWKWARD = {
    "near T_c": (READING_B | {"t": 0.99}, "AboveBKT"),
    "near the tricritical point": (READING_A, "NearTricritical"),
    "first order": (READING_A | {"E_Fh": 8.5}, "UnstableQuartic"),
    "large B, small J": (READING_B | {"B": 8.0, "J": 0.5}, "OccupiedUpperBranch"),
    "no Rashba coupling": (READING_B | {"lambda_e": 0.0}, "AboveBKT"),
    "both layers coupled": (READING_B | {"lambda_h": 0.7}, None),
    "cold": (READING_B | {"t": 0.3}, "LargeGap"),
    "off the axis": (
        {"B": 3.3, "t": 0.62, "lambda_e": 1.77, "J": 0.8, "E_Fe": 12.8, "E_Fh": 7.4, "lambda_h": 0},
        "OffAxis",
    ),
}  # fmt: skip


NAMES = [s["name"] for s in live.SLIDERS]
REFERENCE = Path(__file__).parent / "data" / "live_reference.json"


def random_positions(number, seed=20261122):
    """Slider positions over the whole range; every second one has lambda_h = 0."""
    random = np.random.default_rng(seed)
    low, high = (np.array([s[end] for s in live.SLIDERS]) for end in ("min", "max"))
    for i, x in enumerate(low + (high - low) * random.random((number, len(low)))):
        yield dict(zip(NAMES, map(float, x), strict=True)) | ({"lambda_h": 0.0} if i % 2 else {})


def summary(result):
    """One row of the reference: q0, q+, J_c+, q-, J_c-, eta and what was said."""
    states = [result[end] or {"q": None, "J": None} for end in ("plus", "minus")]
    numbers = [result["q0"], *(s[k] for s in states for k in ("q", "J")), result["eta"]]
    return [*numbers, sorted(note["kind"] for note in result["notes"])]


def stored():
    """(parameters, summary) of every row."""
    for row in json.loads(REFERENCE.read_text(encoding="utf-8"))["rows"]:
        yield dict(zip(NAMES, row, strict=False)), row[len(NAMES) :]


def write_reference(number=160):
    """Compute the reference with the package: some minutes."""
    columns = [*NAMES, "q0", "q_plus", "jc_plus", "q_minus", "jc_minus", "efficiency", "said"]
    rows = [[*p.values(), *summary(live.look(p))] for p in random_positions(number)]
    lines = ",\n".join(json.dumps(row) for row in rows)
    text = f'{{"columns": {json.dumps(columns)},\n"rows": [\n{lines}\n]}}\n'
    REFERENCE.write_text(text, encoding="utf-8")


# the numbers ------------------------------------------------------------------------------


def kinds(result):
    return {note["kind"] for note in result["notes"]}


def compare(shown, package):
    """Hold a summary of the page against the package's; False if the package's search failed."""
    *numbers, said = package
    if "Convergence" in said:
        return False
    assert [x is None for x in shown[:-1]] == [x is None for x in numbers], (shown, package)
    q0, q_plus, jc_plus, q_minus, jc_minus, eta = numbers
    largest = max(jc_plus or 0.0, -(jc_minus or 0.0))
    for mine, its in ((shown[2], jc_plus), (shown[4], jc_minus)):
        assert its is None or abs(mine - its) <= TOLERANCE * largest, (shown, package)
    if eta is None:
        reasons = {"UnstableQuartic", "OffAxis", "NoCondensate"}
        assert reasons & set(shown[-1]), "no number and no reason"
        assert reasons & set(said)
    else:
        assert abs(shown[0] - q0) <= TOLERANCE * (q_plus - q_minus)
        assert abs(shown[5] - eta) <= TOLERANCE
        assert SAID & set(shown[-1]) == SAID & set(said)
    return True


def test_random_positions_agree_with_the_package(control, file, record_property):
    control.open(file)
    latencies, compared, numbers = [], 0, 0
    for parameters, package in stored():
        shown = control.move_to(parameters)
        latencies.append(shown["latency"])
        compared += compare(summary(shown["result"]), package)
        numbers += package[5] is not None
    assert compared >= 130
    assert numbers >= 60  # the rest of the range is first order or off the axis
    record_property("median_ms_to_picture", float(np.median(latencies)))
    record_property("longest_ms_to_picture", max(latencies))
    print(f"from the move to the picture: median {np.median(latencies):.0f} ms, "
          f"longest {max(latencies):.0f} ms")  # fmt: skip


@pytest.mark.parametrize("row", [0, 20, 40])
def test_the_stored_reference_is_the_packages(row):
    parameters, package = [pair for pair in stored() if pair[1][5] is not None][row]
    assert compare(summary(live.look(parameters)), package)


@pytest.mark.parametrize("name", AWKWARD)
def test_awkward_positions_agree_and_are_explained(control, file, name):
    parameters, kind = AWKWARD[name]
    shown = control.open(file).move_to(parameters)
    if name != "off the axis":  # there the package needs ten seconds; the reference has such rows
        assert compare(summary(shown["result"]), summary(live.look(parameters)))
    if kind:
        assert kind in kinds(shown["result"])
    for note in shown["result"]["notes"]:
        assert re.sub("_", "", note["text"]) in re.sub("_", "", shown["text"])
    if shown["result"]["eta"] is None:
        assert "no number" in shown["text"]


def test_corners_of_the_range_draw_something(control, file):
    control.open(file)
    ends = [(s["min"], s["max"]) for s in live.SLIDERS]
    corners = list(itertools.product(*ends))[::9]
    for corner in corners:
        result = control.move_to(dict(zip(NAMES, corner, strict=True)))["result"]
        assert (result["eta"] is not None) or result["notes"]
        numbers = [result[end]["J"] for end in ("plus", "minus") if result[end]]
        assert all(np.isfinite(numbers))
        for layer in ("e", "h"):
            assert np.all(np.isfinite(np.array(result["contours"][layer], dtype=float)))


@pytest.mark.parametrize("name", ["running example (B)", "fitted set (A)"])
def test_presets_are_the_packages(control, file, name):
    control.open(file, address(READING_A | {"B": 1.0}))
    button = control.page.get_by_role("button", name=name)
    assert button.get_attribute("aria-pressed") == "false"
    button.click()
    expected = READING_A if "(A)" in name else READING_B
    control.settle()
    assert control.values() == expected
    assert button.get_attribute("aria-pressed") == "true"
    shown = control.page.evaluate("document.querySelector('.cedrag-live').result")
    assert compare(summary(shown), summary(live.look(expected)))
    bilayer = PAPER if "(A)" in name else NATURAL
    back = live.bilayer_of(expected)
    assert_allclose([back.mu_e, back.mu_h], [bilayer.mu_e, bilayer.mu_h], rtol=1e-11)


def test_contours_are_the_packages(control, file):
    result = control.open(file).move_to(READING_A)["result"]
    for layer, xi in (("e", PAPER.xi_e), ("h", PAPER.xi_h)):
        line = np.array(result["contours"][layer])
        assert len(line) > 60
        # xi = 0 up to Newton's last step; the speed is about 5
        assert np.abs(xi(*line.T)).max() < 1e-3
        turns = np.unwrap(np.arctan2(line[:, 1], line[:, 0] - line[:, 0].mean()))
        assert_allclose(abs(turns[-1] - turns[0]), 2 * np.pi, rtol=1e-6)


def test_the_plateau_has_the_packages_edges(control, file):
    control.open(file).move_to(READING_B)
    result = live.look(READING_B)
    ampere = live.configuration()["sample"]["ampere"]
    description = control.page.locator("svg[data-plot=plateau] desc").text_content()
    minus, plus = (float(x.replace("−", "-")) for x in re.findall(r"[−-]?0\.\d+", description)[:2])
    assert_allclose(plus, result["plus"]["J"] * ampere, rtol=2e-3)
    assert_allclose(minus, result["minus"]["J"] * ampere, rtol=2e-3)


def test_what_the_page_suggests_to_try_is_so(control, file):
    control.open(file)

    def diode(parameters):
        result = control.move_to(parameters)["result"]
        size = result["plus"]["J"] if result["plus"] else None
        return result["q0"], size, result["eta"]

    q0, _, eta = zip(*(diode(READING_B | {"B": float(B)}) for B in (0, 2, 4, 6, 8)), strict=True)
    assert np.all(np.diff(q0) > 0.05)
    assert np.abs(eta).max() < 2e-3
    _, at_a, eta_a = diode(READING_A)
    assert diode(READING_A | {"E_Fh": READING_A["E_Fh"] + 1.0})[2] < 0.5 * eta_a
    near = [diode(READING_A | {"E_Fh": E_Fh})[1] for E_Fh in (8.95, 8.9, 8.7)]
    assert at_a < near[0] < near[1]
    assert near[2] is None
    for reading in (READING_A, READING_B):
        assert abs(diode(reading | {"lambda_e": 0.0})[2]) < 1e-9
    warm, hot = diode(READING_B), diode(READING_B | {"t": 0.99})
    assert_allclose(np.log(hot[1] / warm[1]) / np.log(0.1), 1.5, atol=0.05)
    assert hot[2] < warm[2]


# the reader's hands -----------------------------------------------------------------------


def test_keys_step_a_slider(control, file):
    control.open(file, address(READING_A))
    control.slider("lambda_e").focus()
    for key, expected in (
        ("ArrowRight", 0.98),  # reading A has 0.9745: on to the next step
        ("ArrowLeft", 0.97),
        ("PageUp", 1.07),
        ("PageDown", 0.97),
        ("Home", 0.0),
        ("ArrowDown", 0.0),
        ("End", 2.0),
    ):
        control.page.keyboard.press(key)
        assert_allclose(control.values()["lambda_e"], expected, rtol=1e-12, atol=1e-12)
    assert control.slider("lambda_e").get_attribute("aria-valuetext") == "λ e = 2.00 E_u l_u"
    assert "lambda_e=2&" in control.settle()
    outline = control.page.evaluate(
        "getComputedStyle(document.activeElement).outlineStyle + "
        "getComputedStyle(document.activeElement).outlineWidth"
    )
    assert outline == "solid3px"


def test_dragging_moves_the_picture(control, file):
    control.open(file)
    before = control.page.locator("svg[data-plot=current] path.cl-curve").get_attribute("d")
    box = control.slider("B").bounding_box()
    x, y = box["x"] + box["width"] * 3 / 8, box["y"] + box["height"] / 2
    control.page.mouse.move(x, y)
    control.page.mouse.down()
    control.page.mouse.move(x + 60, y, steps=5)
    control.page.mouse.up()
    hash_now = control.settle()
    B = control.values()["B"]
    assert B > 3.5
    assert_allclose(B / 0.05, round(B / 0.05), atol=1e-6)
    assert f"B={B:g}&" in hash_now
    after = control.page.locator("svg[data-plot=current] path.cl-curve").get_attribute("d")
    assert after != before


def test_an_address_brings_the_view_back(control, file):
    wanted = READING_B | {"B": 5.5, "t": 0.75, "E_Fh": 10.123456789}
    control.open(file, address(wanted))
    assert control.values() == wanted
    control.slider("t").focus()
    control.page.keyboard.press("ArrowRight")
    again = control.settle()
    assert control.page.evaluate("history.length") <= 2  # replaced, not piled up
    shown = control.page.evaluate("document.querySelector('.cedrag-live').result.eta")
    other = Control(control.page.context.new_page()).open(file, again)
    assert other.values() == wanted | {"t": 0.755}
    assert other.page.evaluate("document.querySelector('.cedrag-live').result.eta") == shown
    assert other.complaints == []


def test_an_address_out_of_range_is_refused_in_words(control, file):
    control.open(file, "#B=12&t=warm&J=9")
    assert control.values() == READING_B | {"J": 9.0}
    status = control.page.locator(".cl-status").text_content()
    assert "B must lie between 0 and 8 (got 12)" in status
    assert "t must lie between 0.3 and 0.99 (got warm)" in status


def test_the_link_is_copied_and_reset_goes_back(control, file):
    control.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    control.open(file, address(READING_B | {"B": 2.0}))
    control.page.get_by_role("button", name="copy link").click()
    status = control.page.locator(".cl-status")
    status.filter(has_text=re.compile("copied|Copy this")).wait_for()
    if "copied" in status.text_content():
        copied = control.page.evaluate("navigator.clipboard.readText()")
        assert copied == file.as_uri() + address(READING_B | {"B": 2.0}).replace(
            ".0&", "&"
        ).removesuffix(".0")
    control.page.get_by_role("button", name="reset").click()
    assert control.values() == READING_B


def test_a_screen_reader_hears_what_the_pictures_show(control, file):
    control.open(file, address(READING_B))
    control.settle()
    page = control.page
    for s in live.SLIDERS:
        label = page.locator(f"label[for={control.slider(s['name']).get_attribute('id')}]")
        assert s["words"] in label.text_content()
    summary = page.locator(".cl-summary")
    assert summary.get_attribute("aria-live") == "polite"
    assert "q0 = 0.1986 / lu" in summary.text_content()
    assert "one warning" in summary.text_content()
    for picture in page.locator(".cedrag-live figure svg").all():
        assert picture.get_attribute("role") == "img"
        for attribute in ("aria-labelledby", "aria-describedby"):
            told = page.locator(f"#{picture.get_attribute(attribute)}").text_content()
            assert len(told) > 8
    before = page.locator("svg[data-plot=current] desc").text_content()
    assert "0.1986" in before
    control.move_to(READING_B | {"B": 6.0})
    assert page.locator("svg[data-plot=current] desc").text_content() != before


# the page ---------------------------------------------------------------------------------


def test_the_control_is_light_and_loads_nothing():
    text = live.page()
    assert len(text.encode()) < 120_000
    assert not re.search(r"https?:|import\(|fetch\(|\bsrc=|\bhref=", text)
    assert json.loads(re.search(r'json">(.*?)</script>', text)[1])["start"] == READING_B


LUMINANCE = """([selector, property]) => {
  const rgb = (text) => text.match(/[\\d.]+/g).slice(0, 3).map(Number);
  const linear = (c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  const light = (text) => [0.2126, 0.7152, 0.0722]
    .reduce((sum, weight, i) => sum + weight * linear(rgb(text)[i]), 0);
  const paper = getComputedStyle(document.querySelector(".cl-top > figure")).backgroundColor;
  const ink = getComputedStyle(document.querySelector(".cedrag-live " + selector))[property];
  const [a, b] = [light(ink), light(paper)].sort((x, y) => y - x);
  return (a + 0.05) / (b + 0.05);
}"""
TEXT = [("label", "color"), ("dd", "color"), ("figcaption", "color"), (".cl-notes li", "color"),
        ("button[data-action]", "color"), ("svg text", "fill")]  # fmt: skip
GRAPHICS = [(".cl-e", "stroke"), (".cl-h", "stroke"), (".cl-curve", "stroke"), (".cl-plus", "fill"),
            (".cl-minus", "fill"), (".cl-q0", "stroke"), ("button", "borderTopColor")]  # fmt: skip


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_the_books_page_in_both_themes(browser, width, theme):
    if not BOOK_PAGE.is_file():
        (pytest.fail if os.environ.get("CI") else pytest.skip)("no built book (make book)")
    assert BOOK_PAGE.stat().st_size < 1_000_000
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=theme, offline=True
    )
    page = context.new_page()
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    try:
        page.goto(BOOK_PAGE.as_uri() + address(READING_A))
        page.wait_for_function("document.querySelector('.cedrag-live')?.result")
        assert page.evaluate("document.documentElement.dataset.theme") == theme
        for part in TEXT:
            assert page.evaluate(LUMINANCE, list(part)) >= 4.5, part
        for part in GRAPHICS:
            assert page.evaluate(LUMINANCE, list(part)) >= 3.0, part
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        cut = """() => [...document.querySelectorAll(".cedrag-live *")].filter((e) =>
          e.scrollWidth > e.clientWidth + 2 && getComputedStyle(e).display !== "inline"
          && e instanceof HTMLElement && e.tagName !== "SCRIPT").map((e) => e.className)"""
        assert page.evaluate(cut) == []
        assert complaints == []
    finally:
        context.close()


# Python's side ----------------------------------------------------------------------------


def test_look_reports_what_the_package_says():
    result = live.look(READING_B)
    assert_allclose(result["q0"], 0.19863, atol=1e-5)
    assert kinds(result) == {"AboveBKT"}
    json.dumps(result)
    momenta, currents = result["curve"]["q"], result["curve"]["J"]
    assert_allclose(max(currents), result["plus"]["J"], rtol=2e-3)
    assert momenta[0] < result["minus"]["q"] < result["q0"] < result["plus"]["q"] < momenta[-1]


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match=r"every slider \(got none for \['t'\]\)"):
        live.look({name: value for name, value in READING_B.items() if name != "t"})
    with pytest.raises(ValueError, match="equal masses"):
        live.parameters_of(NATURAL.replace(mass_ratio=2.0), 0.9)
    with pytest.raises(ValueError, match=r"B must lie on its slider, 0\.0 to 8\.0 \(got 9\.0\)"):
        live.configuration(NATURAL.replace(zeeman_inplane=9.0))


def test_both_presets_lie_on_the_sliders():
    for preset in live.configuration()["presets"]:
        for s in live.SLIDERS:
            assert s["min"] <= preset["parameters"][s["name"]] <= s["max"]
    assert isinstance(live.bilayer_of(READING_A), Bilayer)


if __name__ == "__main__":
    write_reference()
