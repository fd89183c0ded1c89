"""The words of the course: each with one or two sentences."""

GLOSSARY = {
    "accuracy": "The share of the rows for which the network predicts the right class.",
    "activation": "The function that a unit applies to its weighted sum, such as ReLU or tanh. Without one, any number "
    "of layers is still a linear model.",
    "backpropagation": "The backward pass: the chain rule, layer by layer from the output to the input. It gives the "
    "gradient of the loss.",
    "batch": "The rows that the network reads before one update. The batch size B is their number.",
    "bias": "A number that a unit adds to its weighted sum. It is a parameter, like a weight.",
    "cross-entropy": "The loss for classes: the mean of −log of the probability that the network gives to the right "
    "class.",
    "curvature": "How fast the slope of the loss changes. The largest curvature, λ_max, limits the learning rate.",
    "difference quotient": "The slope measured by two losses: (f(θ+h) − f(θ−h)) ÷ 2h. It needs no formula for the "
    "gradient.",
    "divergence": "The loss grows from update to update without bound, until it is no number (NaN).",
    "edge of stability": "The learning rate above which steps of full batch overshoot more each time. For a linear "
    "model with squared error it is 2/λ_max.",
    "epoch": "One pass over all training rows. With N rows and batches of B, it has ⌈N/B⌉ updates.",
    "forward pass": "The computation from the inputs to the predictions, layer by layer.",
    "full batch": "Gradient descent with all training rows in every batch, B = N: one update per epoch.",
    "gradient": "The derivative of the loss with respect to each parameter. It points uphill, so a step goes against "
    "it.",
    "gradient check": "A comparison of the gradient from backpropagation with difference quotients of the loss.",
    "hidden layer": "A layer between the inputs and the output layer.",
    "learning rate": "The number η by which the gradient is multiplied to give a step.",
    "loss": "One number for how wrong the predictions are: the lower, the better. Training makes it smaller.",
    "mean squared error": "The loss for quantities: the mean of the squared differences between prediction and target.",
    "mini-batch": "A batch with more than one row, but not all of them.",
    "noise of a batch": "How far the gradient of a batch is from the gradient of all rows. Its square falls as "
    "S²/B · (1 − B/N).",
    "parameters": "All weights and biases: the numbers that training changes.",
    "ReLU": "The activation max(0, z). At 0 it has a kink, where it has no derivative.",
    "row": "One sample of the data: its inputs and its target.",
    "seed": "A number that decides the split, the first weights and the order of the rows. The same seed gives the "
    "same run.",
    "SGD": "Stochastic gradient descent: here, gradient descent with one row per batch, B = 1. Elsewhere the name is "
    "also used for mini-batches.",
    "shape": "The lengths of an array's axes, such as (16, 10): 16 rows and 10 columns.",
    "shuffle": "To take the rows in a new random order in each epoch.",
    "standardise": "To subtract a column's mean and divide by its standard deviation, both of the training rows.",
    "training rows": "The rows from which the network learns.",
    "update": "One change of all parameters: forward pass, loss, backward pass and step, for one batch.",
    "validation rows": "Rows that are held out. The network never trains on them, so their loss shows how well it "
    "predicts new rows.",
    "weight": "A number by which an input of a unit is multiplied. W (k, n) holds those of a layer.",
}  # in alphabetical order


def glossary_text() -> str:
    """The glossary in Markdown, as on the page and in docs/glossary.md."""
    return "\n".join(f"- **{word}**: {meaning}" for word, meaning in GLOSSARY.items()) + "\n"
