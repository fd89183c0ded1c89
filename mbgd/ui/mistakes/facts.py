"""What the page says of each mistake in numbers: the prediction, and the claims with what was measured."""

from dataclasses import replace

from mbgd.engine.batches import plan_epoch
from mbgd.engine.settings import Settings
from mbgd.engine.splits import TrainingData
from mbgd.experiments.mistakes.proofs import SCALING, Gap, Pair, Proof, factor
from mbgd.experiments.mistakes.side_by_side import SideBySide, constant_loss, shortened
from mbgd.ui.kit.claims import Claim

EXACT = 1e-12
FROM_RIGHT = "Distance to the right code at that rate"
TRY = {
    "summed": "halve the batch size in the sidebar, again and again: from which B on does the sum no longer explode?",
    "averaged_twice": "set the sidebar to full batch: with one update an epoch the right code is slower, the broken "
    "one freezes.",
    "divided_by_b_alone": "compare digits (k = 10) with moons (k = 2): the factor is the number of outputs.",
    "no_shuffle_sorted": "set the batch size to 1, then to full batch: the same order hurts the most, then not at all.",
    "shuffled_apart": "look at the data set moons: the loss stops at ln 2 = 0.693, the entropy of two equal classes.",
    "last_dropped": "take a batch size that leaves more rows over, and turn the shuffle off: it is the same rows now.",
    "carried_over": "choose a batch size that divides the number of training rows: there is nothing to carry.",
}
RIGHT_AND_WRONG = {
    "summed": ("dL_dY = 2 * (Ŷ - Y) / (B * k)", "dL_dY = 2 * (Ŷ - Y)"),
    "averaged_twice": ("dW = dZ.T @ X", "dW = dZ.T @ X / B"),
    "divided_by_b_alone": ("dL_dY = 2 * (Ŷ - Y) / (B * k)", "dL_dY = 2 * (Ŷ - Y) / B"),
    "no_shuffle_sorted": ("order = rng.permutation(N)", "order = np.arange(N)"),
    "shuffled_apart": ("X[order], Y[order]", "X[order], Y[other_order]"),
    "last_dropped": ("range(0, N, B)", "range(0, N - B + 1, B)"),
    "carried_over": ("batch = order[:B]", "batch = [*waiting, *order[:B]]"),
}
OF_CLASSES = ("dlogits = (softmax(logits) - Y) / B", "dlogits = softmax(logits) - Y")


def right_settings(name: str, settings: Settings, n_samples: int) -> Settings:
    """What the right side of a mistake is trained with: every row in every epoch, shuffled where it matters."""
    shuffle = settings.shuffle or name in ("no_shuffle_sorted", "shuffled_apart")
    return shortened(replace(settings, last_batch="keep", shuffle=shuffle), n_samples)


def lines(name: str, dataset: TrainingData) -> tuple[str, str]:
    """The line that is at stake: as it should be, and with the mistake."""
    if name == "summed" and dataset.loss == "cross_entropy":
        return OF_CLASSES
    return RIGHT_AND_WRONG[name]


def prediction(name: str, dataset: TrainingData, settings: Settings) -> str:
    """The prediction for these settings, with its number."""
    N, k = dataset.Y_train.shape
    plan = plan_epoch(N, settings.batch_size)
    B, rest, rate = plan.batch_size, N % plan.batch_size, settings.learning_rate
    if name in SCALING:
        times = factor(name, dataset, B)
        why = {
            "summed": f"B·k = {B:,}·{k:,}" if dataset.loss == "mse" else f"B = {B:,}",
            "averaged_twice": f"1/B = 1/{B:,}",
            "divided_by_b_alone": f"k = {k:,}",
        }[name]
        return f"It is the right training with η × {why}: **η = {rate * times:.4g}** in place of {rate:.4g}."
    if name == "no_shuffle_sorted":
        return (
            f"Each batch holds {B:,} neighbours of {N:,} sorted rows; at B = N the paths are **the same to rounding**."
        )
    if name == "shuffled_apart":
        what = "Var(Y)" if dataset.loss == "mse" else "the entropy of the classes' shares"
        return f"Here that is {what}, **{constant_loss(dataset):.4g}**."
    if name == "last_dropped":
        always = "" if settings.shuffle else ", always the same"
        return f"Each epoch leaves out {N:,} mod {B:,} = **{rest:,} row{'s' * (rest != 1)}**{always}."
    return f"From the second epoch on, the first batch has {B:,} + {rest:,} = **{B + rest:,} rows**."


def invisible(name: str, dataset: TrainingData, settings: Settings) -> str | None:
    """A sentence where these settings hide the mistake, and what to change."""
    N = len(dataset.X_train)
    B = plan_epoch(N, settings.batch_size).batch_size
    if name in ("summed", "averaged_twice") and factor(name, dataset, B) == 1:
        return "With batches of one row the factor is 1 and the mistake can't be seen: choose a larger batch size."
    if name == "no_shuffle_sorted" and B == N:
        return f"With all {N:,} rows in each batch their order does nothing: choose a smaller batch size to see it."
    if name in ("last_dropped", "carried_over") and N % B == 0:
        return f"{N:,} rows fill batches of {B:,} with none left over: choose a batch size that doesn't divide {N:,}."
    if name == "last_dropped" and settings.epochs == 1 and settings.shuffle:
        return "With one epoch it can't be seen that a shuffle leaves out other rows each time: choose two or more."
    if name == "carried_over" and settings.epochs == 1:
        return "With one epoch there is no next one to carry rows to: choose two epochs or more."
    return None


def data_note(name: str, dataset: TrainingData) -> str:
    """A sentence on the data where they are not the sidebar's as they are."""
    if name == "no_shuffle_sorted":
        return "The sidebar's training rows, sorted by target; the right side shuffles them, whatever the sidebar says."
    if name == "divided_by_b_alone":
        k = dataset.Y_train.shape[1]
        if dataset.loss == "cross_entropy":
            return f"Squared error on the {k:,} one-hot columns (cross-entropy is a mean over B rows by definition)."
        return "The sidebar has one target y; here the network learns k = 3: y, y² and y³, each standardised."
    return ""


def claims(
    name: str, dataset: TrainingData, settings: Settings, proof: Proof | None, result: SideBySide | None
) -> list[Claim]:
    """The claims of a mistake: those of its proof, and those of its run once that is complete."""
    N = len(dataset.X_train)
    B = plan_epoch(N, settings.batch_size).batch_size
    return _of_proof(name, N, B, proof) + (_of_run(name, dataset, settings, result) if result else [])


def _of_proof(name: str, N: int, B: int, proof: Proof | None) -> list[Claim]:
    if proof is None:
        return []
    says = {
        **dict.fromkeys(SCALING, ("Wrong gradient ÷ right gradient, first batch",)),
        "last_dropped": (
            "Kept: weight of a row in the last batch ÷ in the others (B/r)",
            "Kept: mean of the batch losses − loss of the data",
        ),
        "carried_over": (
            "Rows in the second epoch's first batch, N = 250, B = 30",
            f"The same with N = {N:,}, B = {B:,}",
        ),
    }.get(name, ())
    found = [_exact(words, pair) for words, pair in zip(says, proof.pairs, strict=True)]
    if proof.gap and proof.gap.updates:
        paths = "Full batch: distance of sorted and shuffled" if name == "no_shuffle_sorted" else FROM_RIGHT
        found.append(_no_distance(paths, proof.gap))
    return found


def _of_run(name: str, dataset: TrainingData, settings: Settings, result: SideBySide) -> list[Claim]:
    N = len(dataset.X_train)
    B = plan_epoch(N, settings.batch_size).batch_size
    right, broken = result.right, result.broken
    ends = "explodes" if broken.diverged else f"{broken.end:.4g}"
    if name == "no_shuffle_sorted" and not right.diverged and not invisible(name, dataset, settings):
        worse = bool(broken.diverged) or broken.end > right.end
        return [Claim("Final loss, sorted", f"above {right.end:.4g}, shuffled", ends, worse)]
    if name == "shuffled_apart":
        near = not broken.diverged and abs(broken.end - result.constant) < 0.15 * result.constant
        return [Claim("Final loss, shuffled apart", f"{result.constant:.4g} (within 15%)", ends, near)]
    if name == "last_dropped" and broken.unused:
        return [_exact("Rows left out of the first epoch", Pair(N % B, broken.unused[0]))]
    if name == "carried_over" and len(broken.unused) > 1:
        return [_exact("Largest batch of the run", Pair(B + N % B, broken.sizes[1]))]
    return []


def _no_distance(paths: str, gap: Gap) -> Claim:
    updates = f"{gap.updates:,} update{'s' * (gap.updates != 1)}"
    return Claim(f"{paths}, {updates}", "0, but for rounding", f"{gap.largest:.1g}", gap.largest <= EXACT)


def _exact(says: str, pair: Pair) -> Claim:
    close = abs(pair.predicted - pair.measured) <= EXACT * max(1.0, abs(pair.predicted))
    return Claim(says, f"{pair.predicted:.6g}", f"{pair.measured:.6g}", close)
