"""A process of the pool: it calls what comes in, one call after the other, and sends back the results.

    python -m mbgd.experiments.sweep.worker

Calls and results are pickled on standard input and output. It ends with its input, so it never outlives its parent.
"""

import os
import pickle
import sys


def main() -> None:
    """Answer calls until the input ends."""
    calls = sys.stdin.buffer
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a call prints must not get between the answers
    while True:
        try:
            length = int.from_bytes(calls.read(8))
            if not length:
                return
            answer = _answer(calls.read(length))
            answers.write(len(answer).to_bytes(8) + answer)
            answers.flush()
        except (BrokenPipeError, KeyboardInterrupt):
            return


def _answer(call: bytes) -> bytes:
    try:
        fn, args, kwargs = pickle.loads(call)
        return pickle.dumps((True, fn(*args, **kwargs)))
    except Exception as error:  # whatever it is, it is the caller's
        return pickle.dumps((False, error))


if __name__ == "__main__":
    main()
