"""Every pair of the list against JAX in 64 bits, with the tolerance of `pairs/pair.py`.

JAX solves no equations by itself: for `root` and `fixed_point` it takes Newton's steps, from the solution on ones that it
differentiates through. Each of these doubles the order of the derivatives that are right; three give the first to seventh.
"""

from types import SimpleNamespace

import numpy as np
import pytest

jax = pytest.importorskip("jax")

from jax.flatten_util import ravel_pytree  # noqa: E402

from tests.transforms.pairs import PAIRS  # noqa: E402
from tests.transforms.pairs.pair import Library, check, mapped  # noqa: E402

pytestmark = pytest.mark.peers

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_disable_most_optimizations", True)  # compiling is what takes the time

jnp = jax.numpy


def conv2d(x, w, padding=0):
    return jax.lax.conv_general_dilated(x, w, (1, 1), [(padding, padding)] * 2)


def avg_pool2d(x, size):
    window = 1, 1, size, size
    return jax.lax.reduce_window(x, 0.0, jax.lax.add, window, window, "VALID") / size**2


def layer_norm(x, shape, weight):
    return jax.nn.standardize(x, axis=-1, epsilon=1e-5) * weight


def attention(q, k, v, is_causal=False):
    """By hand: `jax.nn.dot_product_attention` computes in float32."""
    scores = q @ jnp.swapaxes(k, -1, -2) / q.shape[-1] ** 0.5
    mask = jnp.tril(jnp.ones(scores.shape[-2:], bool)) if is_causal else True
    return jax.nn.softmax(jnp.where(mask, scores, -jnp.inf), -1) @ v


FUNCTIONAL = SimpleNamespace(
    avg_pool2d=avg_pool2d,
    conv2d=conv2d,
    elu=jax.nn.elu,
    erf=jax.scipy.special.erf,
    gelu=lambda x: jax.nn.gelu(x, approximate=False),
    layer_norm=layer_norm,
    log_softmax=jax.nn.log_softmax,
    logsumexp=jax.nn.logsumexp,
    relu=jax.nn.relu,
    scaled_dot_product_attention=attention,
    sigmoid=jax.nn.sigmoid,
    silu=jax.nn.silu,
    softmax=jax.nn.softmax,
    softplus=jax.nn.softplus,
    svdvals=jnp.linalg.svdvals,
)


def jacobian(f, argnums=0, *, mode="auto", has_aux=False):
    return (jax.jacfwd if mode == "forward" else jax.jacrev)(f, argnums, has_aux=has_aux)


def hvp(f, primals, tangents):
    argnums = 0 if len(primals) == 1 else tuple(range(len(primals)))
    return jax.jvp(jax.grad(f, argnums), primals, tangents)[1]


def root(f, start, *params):
    x, back = ravel_pytree(start)

    def step(x, params):
        def flat(x):
            return ravel_pytree(f(back(x), *params))[0]

        return x - jnp.linalg.solve(jax.jacfwd(flat)(x), flat(x))

    still = jax.lax.stop_gradient(params)
    x = jax.lax.stop_gradient(jax.lax.fori_loop(0, 30, lambda _, x: step(x, still), x))
    for _ in range(3):
        x = step(x, params)
    return back(x)


def fixed_point(f, start, *params):
    return root(lambda x, *params: jax.tree.map(jnp.subtract, f(x, *params), x), start, *params)


JAX = Library(
    np=jnp,
    F=FUNCTIONAL,
    array=jnp.asarray,
    grad=jax.grad,
    value_and_grad=jax.value_and_grad,
    vjp=jax.vjp,
    jvp=jax.jvp,
    linearize=jax.linearize,
    jacobian=jacobian,
    hessian=jax.hessian,
    hvp=hvp,
    vmap=jax.vmap,
    checkpoint=jax.checkpoint,
    stop_gradient=jax.lax.stop_gradient,
    custom_vjp=jax.custom_vjp,
    custom_jvp=jax.custom_jvp,
    fixed_point=fixed_point,
    root=root,
)


def answer(pair):
    """Compiled as a whole, which takes half the time of compiling its calls one by one."""
    return mapped(np.asarray, jax.jit(lambda: pair.run(JAX))())


@pytest.mark.parametrize("pair", [p for p in PAIRS if "jax" not in p.without], ids=str)
def test_jax_agrees(pair):
    check(pair, "jax", answer)
