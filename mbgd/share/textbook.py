"""The textbook code of a script: words in capitals stand for the names of a run's own functions."""

FIRST_LAYERS = """
def first_layers():
    rng, layers = np.random.default_rng(WEIGHT_SEED), []
    for i in range(len(SIZES) - 1):
        n, k = SIZES[i], SIZES[i + 1]  # from n inputs to k units
        layers.append([rng.normal(0, np.sqrt(VARIANCE(n, k)), size=(k, n)), np.zeros(k)])
    return layers
"""

HIDDEN_LAYERS = '''
def forward(layers, X):
    """The forward pass of a batch X (B, n): the activations [X, A1, ..., output] and each layer's Z."""
    activations, pre_activations = [X], []
    for i, (W, b) in enumerate(layers):
        Z = activations[-1] @ W.T + b  # (B, n) @ (n, k) + (k,) -> (B, k): b is added to each row
        pre_activations.append(Z)
        activations.append(ACTIVATION(Z) if i < len(layers) - 1 else Z)
    return activations, pre_activations

def backward(layers, activations, pre_activations, dL_dY):
    """The backward pass: dW (k, n) and db (k,) of each layer, from the last layer to the first."""
    gradients, dZ = [], dL_dY  # dZ (B, k) is averaged over the batch already
    for i in reversed(range(len(layers))):
        gradients.insert(0, (dZ.T @ activations[i], dZ.sum(axis=0)))  # the product adds up over the rows
        if i > 0:
            dA = dZ @ layers[i][0]  # (B, k) @ (k, n) -> (B, n): back through W
            dZ = dA * DERIVATIVE(pre_activations[i - 1])  # the chain rule: back through the activation
    return gradients
'''

NO_HIDDEN_LAYER = '''
def forward(layers, X):
    """The forward pass of a batch X (B, n): the activations [X, output] and the layer's Z, which is the output."""
    (W, b), = layers
    Z = X @ W.T + b  # (B, n) @ (n, k) + (k,) -> (B, k): b is added to each row
    return [X, Z], [Z]

def backward(layers, activations, pre_activations, dL_dY):
    """The backward pass: dW (k, n) and db (k,) of the one layer. dL_dY (B, k) is averaged over the batch already."""
    return [(dL_dY.T @ activations[0], dL_dY.sum(axis=0))]  # the product adds up over the rows
'''

TRAINING = '''
def train(layers, X, Y, X_val, Y_val):
    """Train the layers in place. Returns the losses over all rows: (update, training loss, validation loss)."""
    rng, update, epoch = np.random.default_rng(ORDER_SEED), 0, 0
    rows_used = len(X) if KEEP_LAST else len(X) // BATCH_SIZE * BATCH_SIZE
    history = [(0, loss_over(layers, X, Y), loss_over(layers, X_val, Y_val))]
    while update < STAGES[-1][0]:
        epoch += 1
        order = rng.permutation(len(X)) if SHUFFLE else np.arange(len(X))
        for start in range(0, rows_used, BATCH_SIZE):
            rows = order[start : start + BATCH_SIZE]  # the rows of this batch, of X and of Y alike
            activations, pre_activations = forward(layers, X[rows])
            loss, dL_dY = LOSS(Y[rows], activations[-1])
            update += 1
            if not np.isfinite(loss):
                print(f"The run diverges: the loss of update {update:,} is {loss}.")
                return history
            learning_rate = next(rate for until, rate in STAGES if update <= until)
            for (W, b), (dW, db) in zip(layers, backward(layers, activations, pre_activations, dL_dY)):
                W -= learning_rate * dW  # a step against the gradient, in place
                b -= learning_rate * db
            if update == STAGES[-1][0]:  # a run may end within an epoch
                break
        history.append((update, loss_over(layers, X, Y), loss_over(layers, X_val, Y_val)))
        if epoch & (epoch - 1) == 0:  # after epochs 1, 2, 4, 8, ...
            print(f"epoch {epoch}: training loss {history[-1][1]:.6g}, validation loss {history[-1][2]:.6g}")
    return history

def loss_over(layers, X, Y):
    return LOSS(Y, forward(layers, X)[0][-1])[0]
'''

CHAIN_RULE = """
            dZ = dA * DERIVATIVE(pre_activations[i - 1])  # the chain rule: back through the activation
"""
CHAIN_RULE_OF_INFINITE = """
            slope = DERIVATIVE(pre_activations[i - 1])
            dZ = np.where(slope == 0, 0.0, dA * slope)  # the chain rule; where the slope is 0, even an infinite dA ends
"""
