"""dW and db are divided by B, although dL/dŶ has already been divided by B."""

from typing import Any

from mbgd.engine.activations import Array
from mbgd.engine.network import backward
from mbgd.experiments.mistakes.bug import Bug
from mbgd.experiments.mistakes.checks import DUPLICATED, GRADIENT
from mbgd.experiments.mistakes.proofs import hidden_where_it_is_one, prove_by_rate, rows_of_paths
from mbgd.experiments.plain import Gradients, Parts


def backward_averaging_again(
    layers: Any, activations: list[Array], pre_activations: list[Array], dL_dY: Array
) -> Gradients:
    """The backward pass with a 1/B in each layer, although dL/dŶ is averaged already: B times too small."""
    B = len(dL_dY)
    return [(dW / B, db / B) for dW, db in backward(layers, activations, pre_activations, dL_dY)]


def factor(loss: str, B: int, k: int) -> float:
    """1/B."""
    return 1 / B


BUG = Bug(
    lambda dataset, settings: Parts(gradients=backward_averaging_again),
    (GRADIENT, DUPLICATED),
    place=2,
    factor=factor,
    hidden_by=lambda case: hidden_where_it_is_one(factor, case),
    prove=prove_by_rate,
    proof_rows=rows_of_paths,
)
