"""The conformance table, computed: our column, and that of each peer that is installed.

python -m tests.laws.conformance
"""

import warnings
from types import SimpleNamespace

import numpy as np

from tests.laws.engine_traps import ENGINE
from tests.laws.kinks import KINKS
from tests.laws.traps import SIX, TABLES
from tinygrad_edu import REGISTRY, Value, gradients

OURS = {"np": np, "F": SimpleNamespace(**REGISTRY)}


def floats(x):
    """An input as it is given to a Value: Python lists and numbers are float64."""
    return x if isinstance(x, np.ndarray | np.generic) else np.array(x, float)


def evaluate(row, inputs, **names):
    """The row's expression of these inputs."""
    return eval(row.code, {**names, "SIX": SIX, **dict(zip("xy", inputs, strict=False))})


def answer(row):
    """Our value, gradients, and second derivative if the row asks for it."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        values = [Value(floats(x)) for x in row.inputs]
        y = evaluate(row, values, **OURS)
        if not isinstance(y, Value):
            return y, (), None
        grads = gradients(y.sum(), values, create_graph=row.second is not None)
        second = _dense(gradients(grads[0], values)[0], values[0]) if row.second is not None else None
    return y.data, tuple(_dense(g, v) for g, v in zip(grads, values, strict=True)), second


def _dense(g, v):
    return np.zeros(v.shape, v.dtype) if g is None else g.data if isinstance(g, Value) else g


def jax_answer():
    """JAX, in 64-bit mode."""
    import jax

    jax.config.update("jax_enable_x64", True)
    import jax.numpy as jnp
    from jax.scipy.special import logsumexp, xlogy

    names = ("relu", "softmax", "log_softmax", "sigmoid", "softplus", "relu6", "leaky_relu", "elu", "selu", "celu")
    F = SimpleNamespace(**{name: getattr(jax.nn, name) for name in names}, logsumexp=logsumexp, xlogy=xlogy,
                        logsigmoid=jax.nn.log_sigmoid, gelu=lambda x: jax.nn.gelu(x, approximate=False))  # fmt: skip

    def answer(row):
        inputs = [jnp.asarray(floats(x)) for x in row.inputs]

        def total(*xs):
            return jnp.sum(evaluate(row, xs, np=jnp, F=F))

        grads = jax.grad(total, tuple(range(len(inputs))))(*inputs) if inputs else ()
        second = jax.grad(jax.grad(total))(*inputs) if row.second is not None else None
        return evaluate(row, inputs, np=jnp, F=F), grads, second

    return answer


def autograd_answer():
    """HIPS autograd."""
    import autograd
    import autograd.numpy as anp
    from autograd.scipy.special import logsumexp

    F = SimpleNamespace(relu=lambda x: anp.maximum(x, 0), softplus=lambda x: anp.logaddexp(x, 0), logsumexp=logsumexp)

    def answer(row):
        inputs = [floats(x) for x in row.inputs]

        def total(*xs):
            return anp.sum(evaluate(row, xs, np=anp, F=F))

        with np.errstate(all="ignore"):
            grads = [autograd.grad(total, i)(*inputs) for i in range(len(inputs))]
            second = autograd.grad(autograd.grad(total))(*inputs) if row.second is not None else None
            return evaluate(row, inputs, np=anp, F=F), grads, second

    return answer


def mygrad_answer():
    """MyGrad, which answers NumPy's names as we do."""
    import mygrad

    def answer(row):
        if row.second is not None:
            raise NotImplementedError
        inputs = [mygrad.tensor(floats(x)) for x in row.inputs]
        with np.errstate(all="ignore"):
            y = evaluate(row, inputs, np=np, F=mygrad.nnet.activations)
            mygrad.sum(y).backward()
        return y.data, [np.zeros(x.shape) if x.grad is None else x.grad for x in inputs], None

    return answer


PEERS = {"JAX": jax_answer, "autograd": autograd_answer, "MyGrad": mygrad_answer}


def cell(row, answer):
    """What one engine says to one row."""
    try:
        value, grads, second = answer(row)
    except Exception as error:
        return f"raises {type(error).__name__}"
    with np.printoptions(precision=4, suppress=True, threshold=8):
        shown = f"{np.asarray(value) + 0.0} -> {'; '.join(str(np.asarray(g) + 0.0) for g in grads)}"
    return " ".join((shown if second is None else f"{shown}, {float(second) + 0.0:.4g}").split())


def main():
    """Print every table."""
    warnings.simplefilter("ignore")
    columns = {"ours": answer}
    for name, build in PEERS.items():
        try:
            columns[name] = build()
        except ImportError:
            print(f"({name} is not installed)")
    for title, rows in {**TABLES, "C12 kinks and poles": KINKS}.items():
        print(f"\n## {title}\n\n| case | {' | '.join(columns)} | note |\n|{'---|' * (len(columns) + 2)}")
        for row in rows:
            cells = [cell(row, run) for run in columns.values()]
            print(f"| {row.id} | {' | '.join(cells)} | {'; '.join(filter(None, (row.note, row.differs)))} |")
    print("\n## C10 the engine\n\n| case | ours | note |\n|---|---|---|")
    for row in ENGINE:
        print(f"| {row.id} | {row.run()} | {'; '.join(filter(None, (row.note, row.differs)))} |")


if __name__ == "__main__":
    main()
