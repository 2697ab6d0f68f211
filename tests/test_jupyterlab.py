"""Every notebook in JupyterLab as a reader uses it: opened, read, run, its slider dragged.

A server of its own (port, token, settings, workspaces) on copies, two notebooks at a time.
The latency of the sliders is measured and printed (``pytest -s``, or the summary with
``-rP``); the only limit on time is that nothing may hang.
Needs Debian's chromium: without it the tests are skipped on a desk and fail in CI.
"""

import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from statistics import median
from types import SimpleNamespace

import pytest
from playwright.sync_api import sync_playwright
from test_browser import QUIET, need

ROOT = Path(__file__).resolve().parent.parent
CHAPTERS = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))
WITH_SLIDERS = ("diode", "model")
AT_ONCE = 2
HANGS = 300.0  # s without a cell that ends; the longest cell takes about 10 s on an idle machine
SETTINGS = {
    # all cells in the page, also those out of sight
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},
    "@jupyterlab/apputils-extension/notification": {"checkForUpdates": False, "fetchNews": "false"},
    "@jupyterlab/docmanager-extension/plugin": {"autosave": False},
}
RUN_STATE = """() => {
  const cells = [...document.querySelectorAll('.jp-Notebook .jp-CodeCell')];
  const prompts = cells.map(cell => cell.querySelector('.jp-InputPrompt').textContent.trim());
  const mimes = kind => [...document.querySelectorAll(
    `.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.${kind}"]`)];
  return {
    cells: cells.length,
    numbered: prompts.filter(prompt => /^\\[\\d+\\]:$/.test(prompt)).length,
    errors: mimes('error').map(output => output.textContent.slice(-300)),
    stderr: mimes('stderr').map(output => output.textContent.slice(0, 300)),
    pictures: document.querySelectorAll('.jp-OutputArea-output :is(img, svg)').length,
  };
}"""
# What a reader would see of the markup, in the rendered text: words, links without any, bare TeX.
MARKUP = """() => {
  const found = [];
  for (const cell of document.querySelectorAll('.jp-Notebook .jp-MarkdownOutput')) {
    const shown = cell.cloneNode(true);
    shown.querySelectorAll('mjx-container, code').forEach(part => part.remove());
    const text = shown.textContent;
    for (const mark of ['{glue', '{term', '{math', '{cite', '{eq', '{numref', '](', '](){', ':::',
                        '```', '$', '\\\\begin', '<details', '**'])
      if (text.includes(mark)) found.push(`${mark} in ${text.trim().slice(0, 60)}`);
    for (const link of cell.querySelectorAll('a[href]:not(.jp-InternalAnchorLink)'))
      if (!link.textContent.trim()) found.push(`an empty link to ${link.href}`);
    for (const error of cell.querySelectorAll('mjx-merror')) found.push(error.textContent);
  }
  return found;
}"""
# The picture beside a slider, as far as it can change, and when it last did.
WATCH = """slider => {
  const area = slider.closest('.jp-OutputArea-output');
  const picture = () => [...area.querySelectorAll('img, svg, canvas')].map(
    part => part.src || (part.toDataURL ? part.toDataURL() : part.outerHTML)).join();
  const watch = window.watch = {asked: 0, shown: 0, last: picture()};
  for (const kind of ['keydown', 'pointermove'])
    area.addEventListener(kind, () => { watch.asked = performance.now(); }, true);
  new MutationObserver(() => {
    const now = picture();
    if (now !== watch.last) { watch.last = now; watch.shown = performance.now(); }
  }).observe(area, {subtree: true, childList: true, attributes: true, characterData: true});
}"""
SHOWN = "() => window.watch.shown > window.watch.asked && window.watch.asked > 0"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def lab_environment(folder):
    """Everything JupyterLab would keep at home, in ``folder``; the kernels import this tree."""
    for plugin, setting in SETTINGS.items():
        path = folder / "settings" / f"{plugin}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(setting), encoding="utf-8")
    homes = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    kept.pop("MPLBACKEND", None)
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    return kept | {name: str(folder / home) for name, home in homes.items()} | {"PYTHONPATH": path}


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """The address of a running JupyterLab, with its token."""
    need(shutil.which("chromium"), "chromium (apt-get install chromium)")
    folder = tmp_path_factory.mktemp("lab")
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    # the chapter on performance reads what was measured
    shutil.copytree(ROOT / "benchmarks", folder / "benchmarks")
    token, port = secrets.token_hex(16), free_port()
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
    command += ["--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}"]
    command += ["--ServerApp.port_retries=0", f"--IdentityProvider.token={token}"]
    command += [
        f"--ServerApp.root_dir={folder / 'notebooks'}",
        "--LabApp.extension_manager=readonly",
    ]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            command, cwd=folder, env=lab_environment(folder), stdout=log, stderr=log
        )
        try:
            wait_for_server(server, f"http://127.0.0.1:{port}/api?token={token}", folder / "log")
            yield f"http://127.0.0.1:{port}/lab", token
        finally:
            server.terminate()  # it ends its kernels
            server.wait(timeout=30)


def wait_for_server(server, address, log):
    start = time.monotonic()
    while time.monotonic() - start < HANGS:
        assert server.poll() is None, log.read_text(encoding="utf-8")
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text(encoding='utf-8')}")


@pytest.fixture(scope="module")
def browser(lab):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=QUIET)
        yield browser
        browser.close()


def open_and_run(browser, lab, name):
    """Open one chapter in a workspace of its own and choose Run > Run All Cells."""
    address, token = lab
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(f"{address}/workspaces/{name}/tree/{name}.ipynb?token={token}")
    page.locator(".jp-Notebook .jp-CodeCell").first.wait_for(timeout=60_000)
    page.locator(".jp-KernelName", has_text="Python 3").wait_for(timeout=60_000)
    idle = page.locator(".jp-StatusBar-TextItem", has_text=re.compile(r"Python 3.*\| Idle"))
    idle.wait_for(timeout=60_000)
    page.locator(".lm-MenuBar-itemLabel", has_text="Run").first.click()
    page.locator("li[data-command='runmenu:run-all']").click()
    return page


def end_kernel(page, lab, name):
    """Close the page and its kernel: two at a time, and their memory, are enough."""
    address, token = lab
    page.close()
    root = address.removesuffix("/lab")
    with urllib.request.urlopen(f"{root}/api/sessions?token={token}", timeout=30) as answer:
        sessions = json.load(answer)
    for session in sessions:
        if session["path"].endswith(f"{name}.ipynb"):
            request = urllib.request.Request(
                f"{root}/api/sessions/{session['id']}?token={token}", method="DELETE"
            )
            urllib.request.urlopen(request, timeout=30).close()


def drag(page, slider):
    """Move a slider by a tenth of its length with the mouse, native range or ipywidgets' handle."""
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    x, y, length = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, 220
    if slider.evaluate("e => e.matches('input[type=range]')"):
        share = slider.evaluate("e => (e.value - e.min) / (e.max - e.min)")
        thumb = 16
        x = box["x"] + thumb / 2 + share * (box["width"] - thumb)
        length = box["width"]
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 0.1 * length, y, steps=4)
    page.mouse.up()


def move_sliders(page):
    """Drag the first slider, then step it by keyboard; milliseconds from key to new picture."""
    slider = page.locator(
        ".jp-OutputArea-output :is([role=slider], input[type=range]):visible"
    ).first
    slider.wait_for(timeout=30_000)
    slider.evaluate(WATCH)
    before = page.evaluate("() => window.watch.last")
    drag(page, slider)
    page.wait_for_function("before => window.watch.last !== before", arg=before, timeout=30_000)
    page.wait_for_timeout(1000)  # what the drag still asked for
    times = []
    slider.focus()
    for key in ["ArrowRight", "ArrowLeft"] * 4:
        page.keyboard.press(key)
        page.wait_for_function(SHOWN, timeout=30_000)
        times.append(page.evaluate("() => window.watch.shown - window.watch.asked"))
        page.wait_for_timeout(150)
    return times


def test_every_chapter_runs_and_its_sliders_move_the_figure(browser, lab):
    waiting, running, done = list(CHAPTERS), {}, []
    while waiting or running:
        while waiting and len(running) < AT_ONCE:
            name = waiting.pop(0)
            page = open_and_run(browser, lab, name)
            running[name] = SimpleNamespace(
                page=page, start=time.monotonic(), moved=0.0, numbered=0
            )
        for name, run in list(running.items()):
            state, now = run.page.evaluate(RUN_STATE), time.monotonic()
            assert (state["errors"], state["stderr"]) == ([], []), name
            if state["numbered"] > run.numbered or not run.moved:
                run.numbered, run.moved = state["numbered"], now
            if state["numbered"] < state["cells"]:
                assert now < run.moved + HANGS, f"{name} hangs: {state}"
                continue
            assert state["cells"] > 1
            assert run.page.evaluate(MARKUP) == [], name
            report = f"JupyterLab: {name} ran in {now - run.start:.1f} s"
            if name in WITH_SLIDERS:
                times = move_sliders(run.page)
                report += (
                    f"; from slider to figure {median(times):.0f} ms, at most {max(times):.0f}"
                )
            print(report, flush=True)
            end_kernel(run.page, lab, name)
            done.append(name)
            del running[name]
        time.sleep(0.2)
    assert sorted(done) == CHAPTERS
