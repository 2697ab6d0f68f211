"""Random bilayers by the hundred: every answer is a minimum of F, or says by name why not.

``make campaign`` runs the same sets at a maintainer's size.
"""

import collections
import os

import numpy as np
import pytest
from random_sets import random_set, verdict

SETS = int(os.environ.get("CEDRAG_CAMPAIGN", "300"))
BLOCK = 20


@pytest.fixture(scope="module")
def answers():
    return {}


@pytest.mark.parametrize("first", range(0, SETS, BLOCK))
def test_no_answer_is_silently_wrong(first, answers):
    for number in range(first, min(first + BLOCK, SETS)):
        bilayer, t = random_set(number)
        answers[number] = verdict(bilayer, t, np.random.default_rng(number))
        assert not answers[number].startswith("silent"), (number, answers[number], bilayer, t)


def test_few_are_refused(answers):
    count = collections.Counter(answers.values())
    print(dict(count))
    assert count["ConvergenceError"] < max(1, 0.02 * len(answers))
