"""The reading order of the package is its import order, and each outside library has its place."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "cedrag"

ORDER = (
    "errors",
    "_version",
    "_checks",
    "_results",
    "_lazy",
    "units",
    "kernels",
    "bilayer",
    "pairing.mesh",
    "pairing.plane",
    "pairing.integrals",
    "pairing.axis",
    "pairing.landscape",
    "pairing.common_case",
    "pairing.pairing",
    "pairing.transition",
    "condensate.theory",
    "condensate.stiffness",
    "condensate.state",
    "condensate.oblique",
    "condensate.diode",
    "condensate.quartic",
    "condensate.quartic_axis",
    "condensate.pair_expansion",
    "condensate.expanded_pairing",
    "condensate.sixth_order",
    "condensate.sixth_axis",
    "condensate.ginzburg_landau",
    "condensate.two_waves",
    "condensate.levels",
    "condensate.pair_sums",
    "condensate.pair_minimum",
    "condensate.spin_form",
    "condensate.pair_states",
    "condensate.excitations",
    "condensate.mean_field_axis",
    "condensate.mean_field_plane",
    "condensate.mean_field",
    "condensate.bkt",
    "condensate.first_order",
    "condensate.odd_parts",
    "drag.ratio",
    "drag.parabolic_layer",
    "drag.parabolic_integrand",
    "drag.parabolic",
    "drag.boltzmann",
    "drag.nonreciprocal",
    "laboratory.plateau",
    "laboratory.circuit",
    "laboratory.superflow",
    "laboratory.vortices",
    "laboratory.gradient_expansion",
    "laboratory.phase_slips",
    "laboratory.wire",
    "laboratory.switching",
    "laboratory.orbital",
    "laboratory.two_body",
    "laboratory.interaction",
    "laboratory.materials",
    "laboratory.model",
    "laboratory.sample_numbers",
    "laboratory.sample",
    "laboratory.translation",
    "paper.sampling",
    "paper.calibration",
    "paper.calibration_fit",
    "paper.calibration_map",
    "paper.mean_field_calibration",
    "paper.coarse_sums",
    "paper.explanations",
    "paper.audit",
    "paper.audit_table",
    "paper.audit_cases",
    "paper.audit_model",
    "paper.audit_theory",
    "paper.audit_condensate",
    "paper.audit_drag",
    "paper.audit_laboratory",
    "paper.stored",
    "sweeps.points",
    "sweeps.store",
    "sweeps.workers",
    "sweeps.progress",
    "sweeps.run",
    "sweeps.candidates",
    "sweeps.confirmation",
    "sweeps.search",
    "view.tables",
    "view.plotting",
    "view.live",
    "view.explore",
    "cli",
    "__main__",
)
PACKAGES = {name.split(".")[0] for name in ORDER if "." in name}
# Libraries that only these modules may import; everything else may be imported anywhere.
HOMES = {
    "matplotlib": {"view.plotting"},
    "mpl_toolkits": {"view.plotting"},
    "ipywidgets": {"view.explore"},
    "IPython": {"view.explore"},
    "anywidget": {"view.explore"},
    "traitlets": {"view.explore"},
    "pint": {"units"},
    "xarray": {"sweeps.store", "sweeps.run"},
    "zarr": {"sweeps.store"},
    "distributed": {"sweeps.workers"},
    "cma": {"sweeps.search"},
}
KERNEL_LIBRARIES = {"numpy", "typing", "numba", "math", "__future__"}
# not a kernel: it keeps what the kernels compile to
KERNEL_CACHE = "cedrag.kernels.cached"


def imported_names(source, module, is_package=False):
    """Absolute dotted names of all that ``source``, the text of ``module``, imports."""
    names = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = module.split(".") if is_package else module.split(".")[:-1]
                parents = parents[: len(parents) - node.level + 1]
                base = ".".join([*parents, base]) if base else ".".join(parents)
            # `from cedrag import units` names a module, `from cedrag.units import Scales` a class
            names += [f"{base}.{alias.name}" for alias in node.names]
    return names


def layer(name):
    """Where a dotted name belongs in ORDER.

    ``cedrag.kernels.pair.alpha`` -> ``kernels``, ``cedrag.drag.parabolic.f`` -> ``drag.parabolic``.
    """
    parts = name.split(".")[1:]
    return ".".join(parts[:2]) if parts[0] in PACKAGES else parts[0]


def violations(source, module, is_package=False):
    """Sentences on every import of ``module`` that breaks a rule."""
    if module == "cedrag":
        return []  # the front door may show everything
    own = layer(module)
    if own in PACKAGES:
        return [f"{module}: a folder's own page imports {name}"
                for name in imported_names(source, module, is_package)]  # fmt: skip
    if own not in ORDER:
        return [f"{module}: not in the reading order"]
    problems = []
    for name in imported_names(source, module, is_package):
        top = name.split(".")[0]
        if top == "cedrag":
            other = layer(name) if "." in name else ""
            if other not in ORDER:
                why = "unknown to ORDER, or taken from the front door"
                problems.append(f"{module}: imports {name}, {why}")
            elif own == "kernels" and other != "kernels":
                problems.append(f"{module}: a kernel imports {name}")
            elif ORDER.index(other) > ORDER.index(own):
                problems.append(f"{module}: imports {name}, which comes later")
            elif other == own and own != "kernels":
                problems.append(f"{module}: imports itself")
        elif own not in HOMES.get(top, {own}):
            problems.append(f"{module}: imports {top}, whose home is {sorted(HOMES[top])}")
        elif own == "kernels" and top not in KERNEL_LIBRARIES and module != KERNEL_CACHE:
            problems.append(f"{module}: a kernel imports {top}")
        elif own == "kernels" and name == "numba.njit":
            problems.append(f"{module}: imports njit from numba, not from .cached")
    return problems


def modules():
    """Path and dotted name of every module of the package."""
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        yield path, ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def test_imports_follow_the_reading_order():
    found = list(modules())
    assert len(found) > 3, "the package was not found"
    problems = [
        problem
        for path, name in found
        for problem in violations(
            path.read_text(encoding="utf-8"), name, is_package=path.name == "__init__.py"
        )
    ]
    assert problems == []


def test_kernels_import_each_other_without_a_cycle():
    kernels = {name: path for path, name in modules() if name.startswith("cedrag.kernels.")}
    graph = {
        name: {
            ".".join(target.split(".")[:3])
            for target in imported_names(path.read_text(encoding="utf-8"), name)
            if target.startswith("cedrag.kernels.")
        }
        - {name}
        for name, path in kernels.items()
    }
    while graph:
        free = {name for name, targets in graph.items() if not targets & graph.keys()}
        assert free, f"these kernels import each other: {sorted(graph)}"
        graph = {name: targets for name, targets in graph.items() if name not in free}


@pytest.mark.parametrize(
    ("module", "source", "complaint"),
    [
        ("cedrag.units", "from cedrag.condensate.diode import Diode", "comes later"),
        ("cedrag.units", "def f():\n    from .condensate.diode import Diode", "comes later"),
        ("cedrag.units", "from . import cli", "comes later"),
        ("cedrag.bilayer", "import cedrag.pairing.mesh", "comes later"),
        ("cedrag.condensate.diode", "from cedrag import Bilayer", "front door"),
        ("cedrag.condensate.diode", "import cedrag", "front door"),
        ("cedrag.kernels.pair", "from cedrag.errors import ValidityWarning", "a kernel imports"),
        ("cedrag.kernels.pair", "from ..pairing.mesh import Mesh", "a kernel imports"),
        ("cedrag.kernels.pair", "from scipy.special import expit", "a kernel imports scipy"),
        ("cedrag.kernels.pair", "from numba import njit", "not from .cached"),
        ("cedrag.condensate.diode", "import matplotlib.pyplot as plt", "imports matplotlib"),
        ("cedrag.view.plotting", "from ipywidgets import interact", "imports ipywidgets"),
        ("cedrag.bilayer", "import pint", "imports pint"),
        ("cedrag.condensate.state", "from .ginzburg_landau import GinzburgLandau", "comes later"),
        (
            "cedrag.condensate.ginzburg_landau",
            "def f():\n    from ..drag.parabolic import x",
            "comes later",
        ),
        ("cedrag.helpers", "", "not in the reading order"),
        ("cedrag.drag", "from .parabolic import x", "a folder's own page imports"),
    ],
)
def test_a_planted_violation_is_seen(module, source, complaint):
    (problem,) = violations(source, module)
    assert complaint in problem


@pytest.mark.parametrize(
    ("module", "source"),
    [
        (
            "cedrag.condensate.diode",
            "from cedrag.condensate.state import Condensate\nimport numpy as np",
        ),
        ("cedrag.condensate.diode", "from ..kernels.pair import alpha"),
        ("cedrag.kernels.pair", "from .thermal import half_tanh\nfrom .cached import njit"),
        ("cedrag.kernels.cached", "import os\nimport numba"),
        ("cedrag.view.plotting", "import matplotlib.pyplot as plt\nfrom ..condensate import diode"),
        ("cedrag.units", "import pint"),
        ("cedrag", "from .view.explore import explore_model"),
    ],
)
def test_a_lawful_import_passes(module, source):
    assert violations(source, module, is_package=module == "cedrag") == []


def test_the_package_imports_without_plotting_and_widgets():
    """Whoever only computes needs numpy, scipy and numba."""
    script = (
        "import sys\n"
        "hidden = 'matplotlib', 'ipywidgets', 'IPython', 'pint', 'xarray', 'zarr', 'dask', 'cma'\n"
        "for name in hidden:\n"
        "    sys.modules[name] = None\n"
        "from cedrag import *\n"
        "print(GinzburgLandau.__module__)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert run.stdout.strip() == "cedrag.condensate.ginzburg_landau", run.stderr
