"""The words of the course: each with one or two sentences."""

GLOSSARY = {
    "accuracy": "The share of the rows for which the network predicts the right class.",
    "activation": "The function f that a unit applies to Z, its weighted sum plus bias, such as ReLU or tanh; also its "
    "result, A = f(Z). Without one, any number of layers is still a linear model.",
    "backpropagation": "How the gradient of the loss is computed: by the chain rule, layer by layer from the output to "
    "the input.",
    "backward pass": "The computation from the loss back to the gradient of all parameters, layer by layer, from the "
    "last to the first.",
    "batch": "The rows that the network reads before one update. The batch size B is their number.",
    "best constant prediction": "The best prediction that does not depend on the inputs: the mean of the targets, or "
    "the share of each class.",
    "bias": "A number that a unit adds to its weighted sum. It is a parameter, like a weight.",
    "cross-entropy": "The loss for classes: the mean of −log of the probability that the network gives to the right "
    "class.",
    "curvature": "How fast the slope of the loss changes. The largest curvature, λ_max, limits the learning rate.",
    "difference quotient": "An estimate of the slope from two values of the loss: (f(θ+h) − f(θ−h)) ÷ 2h. It needs no "
    "formula for the gradient.",
    "divergence": "The loss grows without end, until it overflows (infinity or NaN). A loss that rises and "
    "then comes back does not diverge.",
    "early stopping": "To end a run when the validation loss has had no new lowest value for some epochs (the "
    "patience), and to keep the network that had the lowest.",
    "edge of stability": "The learning rate above which each full-batch step ends farther from the minimum than it "
    "began, in the direction of the largest curvature. For a linear model with squared error it is 2/λ_max.",
    "entropy": "The cross-entropy of the best constant prediction: −Σ p·log p, where p are the shares of the classes.",
    "epoch": "One pass over all training rows. With N rows and batches of B, it has N/B updates, rounded up; rounded "
    "down if a short last batch is dropped.",
    "forward pass": "The computation from the inputs to the predictions, layer by layer.",
    "full batch": "Full-batch gradient descent: all training rows in every batch, B = N, so one update per epoch.",
    "gradient": "The derivative of the loss with respect to each parameter. It points uphill, so a step goes against "
    "it.",
    "gradient check": "A comparison of the gradient from backpropagation with difference quotients of the loss.",
    "hidden layer": "A layer between the inputs and the output layer.",
    "kink": "A point where a function has no derivative: ReLU has one at 0.",
    "layer": "Units that read the same inputs. Each layer reads the outputs of the layer before it.",
    "learning rate": "The factor η between gradient and step: step = −η × gradient.",
    "logits": "The values Z of the output layer, before softmax: its weighted sums plus biases.",
    "loss": "One number for how wrong the predictions are: the lower, the better. Training makes it smaller.",
    "mean squared error": "The loss for quantities: the mean of the squared differences between prediction and target.",
    "mini-batch": "A batch with more than one row, but not all of them. Mini-batch gradient descent has such batches, "
    "1 < B < N.",
    "noise of a batch": "The mean squared distance of a batch's gradient from that of all rows: S²/B · (1 − B/N), "
    "where S² is the variance of the gradients of single rows.",
    "one-hot": "A target for classes: one column per class, 1 for the class of the row and 0 for all others.",
    "overfitting": "The network learns the noise of its training rows: the training loss falls, and the validation "
    "loss rises.",
    "parameters": "All weights and biases: the numbers that training changes.",
    "ReLU": "The activation max(0, z). It has a kink at 0.",
    "row": "One sample of the data: its inputs and its target.",
    "seed": "A number that decides the split, the first weights and the order of the rows. The same seed gives the "
    "same run.",
    "SGD": "Stochastic gradient descent: here, one row per batch, B = 1. Elsewhere the name is also used for "
    "mini-batches.",
    "shape": "The lengths of an array's axes, such as (16, 10): 16 rows and 10 columns.",
    "shuffle": "To take the rows in a new random order in each epoch.",
    "softmax": "The function that turns a row of logits into probabilities: e^z for each logit z, divided by the sum "
    "of all e^z in the row.",
    "standardise": "To subtract a column's mean and divide by its standard deviation, both of the training rows.",
    "step of the weights": "The change of all parameters in one update: −η × gradient.",
    "target": "What the network is to predict for a row: a number or a class.",
    "training rows": "The rows from which the network learns.",
    "truncation error": "The error of a difference quotient because h is not 0. A smaller h makes it smaller, and "
    "the rounding error larger.",
    "underfitting": "The network predicts its training rows worse than it could: it is too small, or not trained "
    "long enough.",
    "unit": "One output of a layer: a weighted sum of the layer's inputs plus a bias, and then the activation.",
    "update": "One change of all parameters: forward pass, loss, backward pass and step, for one batch.",
    "validation rows": "Rows that are held out. The network never trains on them, so their loss shows how well it "
    "predicts new rows.",
    "weight": "A number by which an input of a unit is multiplied. The matrix W (k outputs × n inputs) holds the "
    "weights of a layer.",
    "weight decay": "A penalty λ/2 · Σ W² that is added to the loss. In each step it multiplies every weight by "
    "1 − ηλ, whatever B is.",
}  # in alphabetical order


def glossary_text() -> str:
    """The glossary in Markdown, as on the page and in docs/glossary.md."""
    return "\n".join(f"- **{word}**: {meaning}" for word, meaning in GLOSSARY.items()) + "\n"
