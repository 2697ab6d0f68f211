"""A notebook stops at the first cell that fails: what follows from it would fail as well."""

import os

import pytest

STOPPED = pytest.StashKey[str]()


def is_cell(item):
    """Whether nbval made this test of a notebook's cell."""
    return type(item).__name__ == "IPyNbCell"


def pytest_runtest_setup(item):
    if is_cell(item) and (first := item.parent.stash.get(STOPPED, None)):
        pytest.skip(f"{first} failed")


def pytest_runtest_makereport(item, call):
    if is_cell(item) and call.excinfo and not call.excinfo.errisinstance(pytest.skip.Exception):
        item.parent.stash.setdefault(STOPPED, item.name)


# a notebook that prints on stderr fails, and kernels may have to be compiled in it
os.environ.setdefault("CEDRAG_QUIET", "1")
