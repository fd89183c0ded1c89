"""An activation that is registered at run time is offered, trains, and can be looked at on every page of the menu."""

import numpy as np
import pytest

from mbgd.engine.activations import ACTIVATIONS, Activation, sigmoid
from tests.pages.app import healthy, opened, opened_page, press, run_of

PAGES = [
    "pages/shapes.py",
    "pages/loop.py",
    "pages/modes.py",
    "pages/mistakes.py",
    "pages/gradient_check.py",
    "pages/frameworks.py",
    "pages/under_the_hood.py",
]


def softplus(Z):
    return np.logaddexp(0.0, Z)


@pytest.fixture(autouse=True)
def registered(monkeypatch):
    monkeypatch.setitem(ACTIVATIONS, "softplus", Activation(softplus, sigmoid))


def test_it_is_offered_and_trains():
    at = opened(activation="softplus")
    assert run_of(at).training.settings.activation == "softplus"
    (select,) = [select for select in at.selectbox if "softplus" in select.options]
    assert select.value == "softplus"
    at = press(at, "step_epoch")
    training = run_of(at).training
    assert training.epochs_done == 1
    assert training.history.train_loss[-1] < training.start["train"].loss


@pytest.mark.parametrize("page", PAGES)
def test_every_page_takes_it(page):
    healthy(opened_page(page, activation="softplus"))
