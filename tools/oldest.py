"""Print the oldest versions that pyproject.toml allows, one ``name==version`` a line, for pip."""

import re
import tomllib
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent / "pyproject.toml"
EXTRAS = ("plot", "units", "explore")


def oldest(project):
    """Floors of the package and of what its modules import, as exact versions."""
    bounds = [*project["dependencies"]]
    for extra in EXTRAS:
        bounds += project["optional-dependencies"][extra]
    found = {}
    for bound in bounds:
        floor = re.match(r"([\w-]+)>=([\w.]+)", bound)
        if floor is None:
            raise ValueError(f"{bound!r} must begin with a name and >= a version (got no floor)")
        if found.setdefault(floor[1], floor[2]) != floor[2]:
            raise ValueError(f"{floor[1]} must have one floor (got {found[floor[1]]}, {floor[2]})")
    return [f"{name}=={version}" for name, version in found.items()]


if __name__ == "__main__":
    print("\n".join(oldest(tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"])))
