"""Execute chapters in place and keep only what a reader of a diff wants to see: no pictures.

``execute_chapters.py`` runs all notebooks of ``chapters/``, ``execute_chapters.py diode`` one.
A chapter is written only when all its cells ran.
"""

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

CHAPTERS = Path(__file__).resolve().parent.parent / "chapters"
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
WIDGET = "application/vnd.jupyter.widget-view+json"
PICTURES = {"image/png", "image/svg+xml", "image/jpeg"}


def clean(notebook):
    """Strip timings, widget state and machine details from ``notebook``, in place."""
    notebook.metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    for index, cell in enumerate(notebook.cells):
        cell.id = f"cell-{index}"
        for volatile in ("execution", "ExecuteTime", "collapsed", "scrolled", "trusted"):
            cell.metadata.pop(volatile, None)
        if cell.cell_type != "code":
            continue
        # the build draws them anew, and a changed figure would be a diff of thousands of lines
        cell.outputs = [o for o in cell.outputs if not PICTURES & set(o.get("data", {}))]
        # a widget without its kernel is a dead frame, and so is what it printed
        if any(WIDGET in output.get("data", {}) for output in cell.outputs):
            cell.outputs = []
        for output in cell.outputs:
            if "metadata" in output:
                output.metadata = {
                    key: output.metadata[key] for key in output.metadata if key == "scrapbook"
                }
    return notebook


def execute(path):
    """Run one notebook from its own folder and write it back, cleaned."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=600,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
    )
    client.execute()
    nbformat.write(clean(notebook), path)


def main(names):
    """Execute the named chapters, or all."""
    paths = [CHAPTERS / f"{Path(name).stem}.ipynb" for name in names] or sorted(
        CHAPTERS.glob("*.ipynb")
    )
    missing = [path.name for path in paths if not path.exists()]
    if missing:
        sys.exit(f"no such chapter: {', '.join(missing)}")
    for path in paths:
        print(f"executing {path.name}", flush=True)
        execute(path)


if __name__ == "__main__":
    main(sys.argv[1:])
