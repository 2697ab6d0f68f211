"""The chapters were executed, hold results that can fail, and do fail when the physics is changed.

nbval itself runs every chapter (``make test``).
It compares nothing in a notebook that was never executed, so these guards look at the files.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

ROOT = Path(__file__).resolve().parent.parent
CHAPTERS = ROOT / "chapters"
NOTEBOOKS = sorted(CHAPTERS.glob("*.ipynb"))
MARKER = "# NBVAL_CHECK_OUTPUT"
LARGEST = 200_000  # bytes; text alone stays far below
GLUE = re.compile(r"\bglue\(")
PRIVATE = re.compile(r"\w\._[a-z]")
PICTURES = {"image/png", "image/svg+xml"}
ALT_LENGTH = range(30, 401)
ASSERTION = re.compile(
    r"^\s*assert\b|\bassert_(allclose|array_\w+|equal)\(|\.testing\.", re.MULTILINE
)
ABSOLUTE_PATH = re.compile(
    r"(?<![\w.:/<])/(?:home|root|work|tmp|usr|opt|Users|builds)/\w|[A-Z]:\\\\"
)

# One constant of a kernel, wrong by 1%: file below cedrag/, the line as it is, the line as it must
# not be.
MUTATION = SimpleNamespace(
    file="kernels/pair.py",
    old="b = 0.25 / (T * T * T)",
    new="b = 0.2525 / (T * T * T)",
    chapter="diode.ipynb",
)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def output_text(output):
    """Everything readable in one output, pictures and widgets left out."""
    data = output.get("data", {})
    texts = [data[kind] for kind in data if kind.startswith("text/")]
    return "\n".join([output.get("text", ""), *texts])


def figure_complaints(number, cell):
    """A stored picture, and what a figure lacks: a name, a caption, words for who cannot see it."""
    found = []
    if any(PICTURES & set(output.get("data", {})) for output in cell.outputs):
        found.append(f"code cell {number} is stored with a picture: make chapters")
    options = cell.metadata.get("mystnb", {})
    if "figure" not in options:
        return found
    figure, alt = options.get("figure", {}), options.get("image", {}).get("alt", "")
    found += [
        f"code cell {number} draws a figure without {part}"
        for part in ("name", "caption")
        if not figure.get(part, "").strip()
    ]
    if len(alt) not in ALT_LENGTH or re.search(r"[$`{]", alt):
        found.append(f"code cell {number} draws a figure without plain alt text of fitting length")
    return found


def complaints(notebook):
    """Sentences on everything in ``notebook`` that would let nbval pass without a comparison."""
    found = []
    cells = code_cells(notebook)
    checked = [cell for cell in cells if MARKER in cell.source]
    if cells and not checked:
        found.append(f"no cell is marked {MARKER}")
    if cells and not any(ASSERTION.search(cell.source) for cell in cells):
        found.append("nothing is asserted")
    for number, cell in enumerate(cells):
        if cell.source.strip() and cell.execution_count is None:
            found.append(f"code cell {number} was never executed")
        if cell in checked and not any(output_text(output).strip() for output in cell.outputs):
            found.append(f"code cell {number} is checked but holds no output")
        if cell in checked and GLUE.search(cell.source):
            # nbval compares what is glued too, to the last digit
            found.append(f"code cell {number} is checked and glues unrounded numbers")
        if PRIVATE.search(cell.source):
            found.append(f"code cell {number} uses a private name of the package")
        found += figure_complaints(number, cell)
        for output in cell.outputs:
            if output.output_type == "error":
                found.append(f"code cell {number} holds a traceback")
            if output.get("name") == "stderr":
                found.append(f"code cell {number} holds stderr: {output.text[:80]!r}")
            if ABSOLUTE_PATH.search(output_text(output)):
                found.append(f"code cell {number} holds a path of one machine")
    text = "\n".join(cell.source for cell in notebook.cells)
    captions = [c.metadata.get("mystnb", {}).get("figure", {}).get("caption", "") for c in cells]
    for cell in cells:
        name = cell.metadata.get("mystnb", {}).get("figure", {}).get("name")
        if name and f"{{numref}}`{name}`" not in text + "\n".join(captions):
            found.append(f"no sentence refers to {name}")
    counts = [cell.execution_count for cell in cells if cell.execution_count is not None]
    if counts != sorted(counts):
        found.append("the cells were not executed from top to bottom")
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown" and "[" + "TODO" in cell.source:
            found.append(f"markdown cell {number} is unfinished")
    return found


def test_there_are_chapters_with_code():
    assert len(NOTEBOOKS) >= 5


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_chapter_was_executed_and_can_fail(path):
    assert complaints(nbformat.read(path, as_version=4)) == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_chapter_is_small_and_valid(path):
    assert path.stat().st_size < LARGEST
    nbformat.validate(nbformat.read(path, as_version=4))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_chapter_is_stored_clean(path):
    """As `make chapters` writes it: no widget state, no timings, no foreign kernel."""
    notebook = nbformat.read(path, as_version=4)
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    assert notebook.metadata.kernelspec.name == "python3"
    assert [cell.id for cell in notebook.cells if "execution" in cell.metadata] == []


def sound_notebook():
    printed = new_output("stream", name="stdout", text="0.93\n")
    return new_notebook(
        cells=[
            new_markdown_cell("The gap."),
            new_code_cell(
                f"{MARKER}\nassert gap > 0\nprint(gap)", execution_count=1, outputs=[printed]
            ),
        ]
    )


def with_figure(notebook, **changes):
    """``notebook`` with a sound figure cell, or one that ``changes`` spoil."""
    options = {
        "name": "fig-gap",
        "caption": "The gap.",
        "alt": "The gap against temperature, falling",
    }
    options |= changes
    figure = {key: options[key] for key in ("name", "caption") if options[key]}
    cell = new_code_cell("draw()", execution_count=2)
    cell.metadata["mystnb"] = {"figure": figure, "image": {"alt": options["alt"]}}
    notebook.cells.append(cell)
    notebook.cells[0].source += " See {numref}`fig-gap`."


def without_figure_name(notebook):
    with_figure(notebook, name="")


def without_caption(notebook):
    with_figure(notebook, caption="")


def without_alt(notebook):
    with_figure(notebook, alt="")


def with_mathematics_in_alt(notebook):
    with_figure(notebook, alt=r"The gap $\Delta$ against temperature, falling")


def with_figure_nobody_mentions(notebook):
    with_figure(notebook, name="fig-other")


def with_stored_picture(notebook):
    with_figure(notebook)
    picture = new_output("display_data", data={"image/svg+xml": "<svg/>"})
    notebook.cells[-1].outputs.append(picture)


def with_glue_in_checked_cell(notebook):
    notebook.cells[1].source += '\nglue("gap", gap)'


def with_private_name(notebook):
    notebook.cells[1].source += "\ntheory._integrals"


def without_execution(notebook):
    notebook.cells[1].execution_count = None


def without_output(notebook):
    notebook.cells[1].outputs = []


def without_marker(notebook):
    notebook.cells[1].source = "assert gap > 0\nprint(gap)"


def without_assertion(notebook):
    notebook.cells[1].source = f"{MARKER}\nprint(gap)"


def with_traceback(notebook):
    notebook.cells[1].outputs.append(new_output("error", ename="E", evalue="", traceback=[]))


def with_stderr(notebook):
    notebook.cells[1].outputs.append(new_output("stream", name="stderr", text="Warning"))


def with_path(notebook):
    notebook.cells[1].outputs[0].text += "/home/me/x.py"


def with_unfinished_text(notebook):
    notebook.cells[0].source += " [" + "TODO: more]"


def with_shuffled_cells(notebook):
    notebook.cells.append(notebook.cells[1].copy())
    notebook.cells[1].execution_count = 2
    notebook.cells[2].execution_count = 1


def test_the_guard_accepts_a_sound_notebook():
    assert complaints(sound_notebook()) == []
    illustrated = sound_notebook()
    with_figure(illustrated)
    assert complaints(illustrated) == []


@pytest.mark.parametrize(
    ("fault", "complaint"),
    [
        (without_execution, "never executed"),
        (without_output, "holds no output"),
        (without_marker, "no cell is marked"),
        (without_assertion, "nothing is asserted"),
        (with_traceback, "traceback"),
        (with_stderr, "stderr"),
        (with_path, "path of one machine"),
        (with_unfinished_text, "unfinished"),
        (with_shuffled_cells, "top to bottom"),
        (with_glue_in_checked_cell, "glues unrounded numbers"),
        (with_private_name, "private name"),
        (without_figure_name, "without name"),
        (without_caption, "without caption"),
        (without_alt, "plain alt text"),
        (with_mathematics_in_alt, "plain alt text"),
        (with_figure_nobody_mentions, "no sentence refers"),
        (with_stored_picture, "stored with a picture"),
    ],
)
def test_the_guard_sees_a_planted_fault(fault, complaint):
    notebook = sound_notebook()
    fault(notebook)
    (found,) = complaints(notebook)
    assert complaint in found


def run_nbval(folder):
    """nbval on the chapter of MUTATION against the copy of cedrag in ``folder``."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")},
        "PYTHONPATH": str(folder),
        "NUMBA_CACHE_DIR": str(folder / "numba"),
    }
    where = subprocess.run(
        [sys.executable, "-c", "import cedrag; print(cedrag.__file__)"],
        cwd=folder / "chapters",
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(where.stdout.strip()).is_relative_to(folder), "the copy is not what gets imported"
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist", "-q"]
        + ["--nbval-lax", "--nbval-current-env", f"chapters/{MUTATION.chapter}"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copy_of_project(tmp_path):
    ignore = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
    shutil.copytree(ROOT / "cedrag", tmp_path / "cedrag", ignore=ignore)
    (tmp_path / "chapters").mkdir()
    shutil.copy(CHAPTERS / MUTATION.chapter, tmp_path / "chapters")
    return tmp_path


def test_nbval_passes_on_the_kernel_as_it_is(copy_of_project):
    run = run_nbval(copy_of_project)
    assert run.returncode == 0, run.stdout + run.stderr


def test_nbval_fails_on_a_kernel_wrong_by_one_percent(copy_of_project):
    kernel = copy_of_project / "cedrag" / MUTATION.file
    text = kernel.read_text(encoding="utf-8")
    assert text.count(MUTATION.old) == 1, "the line to mutate must stand in the kernel exactly once"
    kernel.write_text(text.replace(MUTATION.old, MUTATION.new), encoding="utf-8")
    run = run_nbval(copy_of_project)
    assert run.returncode == 1, run.stdout + run.stderr
    # a compared number differs; a cell that merely crashed would prove nothing about the comparison
    assert "mismatch" in run.stdout or "AssertionError" in run.stdout, run.stdout
