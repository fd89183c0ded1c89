"""The training loop in the open: one update in one function, and the epochs around it.

`Training` computes the same faster: it prepares its NumPy calls and its memory once, before the first update. Tests
check that both give the same weights. So you can read this loop to understand the fast one.
"""

from collections.abc import Callable, Iterator, Sequence

from mbgd.engine.activations import Array
from mbgd.engine.batches import minibatches
from mbgd.engine.guards import quiet
from mbgd.engine.history import Update
from mbgd.engine.losses import LOSSES
from mbgd.engine.network import Layer, backward, decayed, descend, forward
from mbgd.engine.settings import Settings
from mbgd.engine.splits import TrainingData

LossAndDerivative = Callable[[Array, Array], tuple[float, Array]]


@quiet()
def plain_update(
    layers: Sequence[Layer],
    X: Array,
    Y: Array,
    loss: LossAndDerivative,
    learning_rate: float,
    *,
    weight_decay: float = 0.0,
    backward: Callable[..., list[tuple[Array, Array]]] = backward,
    descend: Callable[[Layer, Array, Array, float], None] = descend,
) -> float:
    """One update of the layers, in place, with a batch X (B, n), Y (B, k). Returns the batch's loss before the update.

    loss(Y, Ŷ) returns the mean loss of the batch and dL/dŶ (B, k). weight_decay: as in Settings. Another backward pass
    or step may be given in place of the engine's.
    """
    activations, pre_activations = forward(layers, X)  # [X (B, n), A1 (B, h1), ..., Ŷ (B, k)], [Z1 (B, h1), ...]
    batch_loss, dL_dY = loss(Y, activations[-1])  # a number, (B, k): the average over the batch is taken here
    gradients = backward(layers, activations, pre_activations, dL_dY)  # dW (k, n) and db (k,) of each layer
    if weight_decay:
        gradients = decayed(layers, gradients, weight_decay)  # dW += weight_decay * W
    for layer, (dW, db) in zip(layers, gradients, strict=True):
        descend(layer, dW, db, learning_rate)  # W -= learning_rate * dW, b -= learning_rate * db
    return batch_loss


def plain_epochs(layers: Sequence[Layer], dataset: TrainingData, settings: Settings) -> Iterator[Update]:
    """Train the layers in place, on the same batches as Training. Each `next()` makes one update.

    Goes on when a loss is infinite or NaN: the caller decides where to stop.
    """
    X, Y, loss = dataset.X_train, dataset.Y_train, LOSSES[dataset.loss].with_derivative
    B, shuffle, last_batch = settings.batch_size, settings.shuffle, settings.last_batch
    rate, decay = settings.learning_rate, settings.weight_decay
    rng, update = settings.order(), 0
    for epoch in range(1, settings.epochs + 1):
        for rows in minibatches(rng, len(X), B, shuffle=shuffle, last_batch=last_batch):  # (B,)
            batch_loss = plain_update(layers, X[rows], Y[rows], loss, rate, weight_decay=decay)
            update += 1
            yield Update(update, epoch, rows, batch_loss)
