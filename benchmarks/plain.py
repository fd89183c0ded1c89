"""The engine against the plain formulas that allocate an array at every step: time of the peer ÷ time of ours.

    python -m benchmarks.plain [--write]

Both take the same steps from the same weights, shuffle each epoch, record the loss of each update, and evaluate
training and validation rows at the end of each epoch; they take turns, and the median of the rounds counts.
--write puts the table into benchmarks/plain.md.
"""

import argparse
import platform
import statistics
from datetime import date
from pathlib import Path
from time import perf_counter

import numpy as np

import mbgd  # first: it sets one BLAS thread
from mbgd.engine.randomness import streams

ROUNDS = 9
UPDATES = 4_000  # a round, about
CASES = [
    ("plane", (16,), 1),
    ("plane", (16,), 16),
    ("plane", (16,), 256),
    ("digits", (64,), 32),
    ("digits", (64,), 256),
]


def plain_epochs(dataset: mbgd.Dataset, layers: list[mbgd.Layer], settings: mbgd.Settings, epochs: int) -> None:
    """Train one hidden ReLU layer by the formulas as one would first write them; changes the layers."""
    (W1, b1, _), (W2, b2, _) = layers
    X, Y, rate, size = dataset.X_train, dataset.Y_train, settings.learning_rate, settings.batch_size
    order = streams(settings.seed).order
    losses, evaluations = [], []

    def loss_and_gradient(x, y):
        Z1 = x @ W1.T + b1
        A1 = np.maximum(Z1, 0)
        Z2 = A1 @ W2.T + b2
        if dataset.loss == "mse":
            error = Z2 - y
            return Z1, A1, np.mean(error**2), 2 * error / error.size
        exponentials = np.exp(Z2 - Z2.max(axis=1, keepdims=True))
        P = exponentials / exponentials.sum(axis=1, keepdims=True)
        return Z1, A1, -np.mean(np.log((P * y).sum(axis=1))), (P - y) / len(y)

    for _ in range(epochs):
        permutation = order.permutation(len(X))
        for start in range(0, len(X), size):
            rows = permutation[start : start + size]
            x, y = X[rows], Y[rows]
            Z1, A1, loss, dZ2 = loss_and_gradient(x, y)
            losses.append(loss)
            dW2, db2 = dZ2.T @ A1, dZ2.sum(axis=0)
            dZ1 = (dZ2 @ W2) * (Z1 > 0)
            dW1, db1 = dZ1.T @ x, dZ1.sum(axis=0)
            W1 -= rate * dW1
            b1 -= rate * db1
            W2 -= rate * dW2
            b2 -= rate * db2
        evaluations.append((loss_and_gradient(X, Y)[2], loss_and_gradient(dataset.X_val, dataset.Y_val)[2]))


def measure(name: str, hidden: tuple[int, ...], batch_size: int) -> tuple[float, float, float]:
    """Microseconds an update of plain and of ours, and the largest difference of their weights."""
    dataset = mbgd.load(name, n=1_250) if name == "plane" else mbgd.load(name)
    updates = -(-len(dataset.X_train) // batch_size)
    epochs = max(2, UPDATES // updates)
    settings = mbgd.Settings(batch_size, epochs, 0.01, hidden)
    times, difference = [], 0.0
    for _ in range(ROUNDS):
        training = mbgd.Training(dataset, settings)
        layers = training.layers
        started = perf_counter()
        plain_epochs(dataset, layers, settings, epochs)
        between = perf_counter()
        training.advance(epochs=epochs)
        times.append((between - started, perf_counter() - between))
        pairs = zip(layers, training.layers, strict=True)
        difference = max(difference, *(float(np.abs(plain.W - ours.W).max()) for plain, ours in pairs))
    plain, ours = (statistics.median(column) / (epochs * updates) * 1e6 for column in zip(*times, strict=True))
    return plain, ours, difference


def main() -> None:
    """Measure, print, and write if asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write benchmarks/plain.md")
    arguments = parser.parse_args()
    lines = [
        "| network and batch | plain, µs an update | ours | plain ÷ ours | weights differ by |",
        "|---|---|---|---|---|",
    ]
    for name, hidden, batch_size in CASES:
        plain, ours, difference = measure(name, hidden, batch_size)
        shape = f"{name}, {'-'.join(map(str, hidden))} hidden, B={batch_size}"
        lines.append(f"| {shape} | {plain:.1f} | {ours:.1f} | {plain / ours:.2f} | {difference:.0e} |")
    print("\n".join(lines))
    if arguments.write:
        about = f"NumPy {np.__version__}, Python {platform.python_version()}, {platform.machine()}, {date.today()}"
        text = f"# The engine against plain formulas\n\n`python -m benchmarks.plain --write`, {about}.\n\n"
        Path(__file__).with_suffix(".md").write_text(text + "\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
