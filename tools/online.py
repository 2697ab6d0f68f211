"""Print the Binder and Colab addresses of the chapters, for a public copy of the project.

``online.py ADDRESS`` takes the address of the copy; without it, ``repository`` in the section
``[tool.cedrag]`` of ``pyproject.toml`` counts, which is the only place that holds it.
"""

import sys
import tomllib
from pathlib import Path
from urllib.parse import quote, urlsplit

ROOT = Path(__file__).resolve().parent.parent


def repository():
    """The public address of this project, "" as long as there is none."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return project["tool"]["cedrag"]["repository"]


def binder(address):
    """Opens JupyterLab with all chapters; any public git server will do."""
    return f"https://mybinder.org/v2/git/{quote(address, safe='')}/HEAD?urlpath=lab/tree/chapters"


def colab(address, chapter):
    """Opens one chapter; Colab reads notebooks from GitHub only."""
    owner_and_name = urlsplit(address).path.strip("/").removesuffix(".git")
    return f"https://colab.research.google.com/github/{owner_and_name}/blob/HEAD/chapters/{chapter}"


def first_cell(address):
    """What a reader runs first in Colab, where nothing is installed."""
    return f'%pip install --quiet "cedrag[book] @ git+{address}"'


def main(arguments):
    address = arguments[0] if arguments else repository()
    if not address:
        sys.exit("there is no public copy yet: online.py ADDRESS, or set tool.cedrag.repository")
    if urlsplit(address).scheme != "https":
        sys.exit(f"the address must begin with https:// (got {address})")
    print(f"Binder: {binder(address)}")
    if urlsplit(address).hostname == "github.com":
        for path in sorted((ROOT / "chapters").glob("*.ipynb")):
            print(f"Colab, {path.stem}: {colab(address, path.name)}")
    print(f"First cell in Colab: {first_cell(address)}")


if __name__ == "__main__":
    main(sys.argv[1:])
