"""Every pair of the list against PyTorch's torch.func in float64, with the tolerance of `pairs/pair.py`.

NumPy's names stand for PyTorch's functions; where it has another name or order of arguments, the class below says which.
`checkpoint` is refused by torch.func: it runs in torch.autograd, which has no transforms but `grad`.
"""

from types import SimpleNamespace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch.utils.checkpoint import checkpoint  # noqa: E402

from tests.transforms.pairs import PAIRS  # noqa: E402
from tests.transforms.pairs.pair import Library, check, leaves, mapped  # noqa: E402

pytestmark = [
    pytest.mark.peers,
    pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated:DeprecationWarning"),  # of torch.func.jvp itself
    pytest.mark.filterwarnings("ignore:Attempted to insert a get_attr Node:UserWarning"),  # of torch.func.linearize itself
]

torch.set_num_threads(1)
func = torch.func


def tensor(x):
    return torch.tensor(np.array(x, order="C"))


def like(x, y):
    """Numbers among the arguments of a function that takes tensors only."""
    return x if isinstance(x, torch.Tensor) else torch.full_like(y, x)


def transpose(x, axes=None):
    return x.permute(tuple(range(x.ndim))[::-1] if axes is None else axes)


def over(pick):
    return lambda x, axis=None, keepdims=False: pick(x, dim=() if axis is None else axis, keepdim=keepdims)


def var(x, axis=None, keepdims=False):
    return torch.var(x, dim=axis, keepdim=keepdims, correction=0)


def std(x, axis=None, keepdims=False):
    return torch.std(x, dim=axis, keepdim=keepdims, correction=0)


class NumPy:
    """NumPy's names. What is not written here has one name and one meaning in both."""

    inf = np.inf
    array, abs, max, min, var, std = map(staticmethod, (tensor, torch.abs, over(torch.amax), over(torch.amin), var, std))
    transpose = staticmethod(transpose)
    linalg = SimpleNamespace(
        cholesky=torch.linalg.cholesky,
        det=torch.linalg.det,
        inv=torch.linalg.inv,
        norm=torch.linalg.vector_norm,
        slogdet=torch.linalg.slogdet,
        solve=torch.linalg.solve,
    )

    def __getattr__(self, name):
        return getattr(torch, name)

    def ones(self, shape):
        return torch.ones(shape, dtype=torch.float64)

    def eye(self, n):
        return torch.eye(n, dtype=torch.float64)

    def sort(self, x, axis=-1):
        return torch.sort(x, dim=axis).values

    def take(self, x, indices, axis):
        return torch.index_select(x, axis, indices)

    def take_along_axis(self, x, indices, axis):
        return torch.gather(x, axis, indices)

    def maximum(self, x, y):
        return torch.maximum(x, like(y, x))

    def flip(self, x, axis):
        return torch.flip(x, (axis,))


def jacobian(f, argnums=0, *, mode="auto", has_aux=False):
    return (func.jacfwd if mode == "forward" else func.jacrev)(f, argnums, has_aux=has_aux)


def value_and_grad(f, argnums=0, *, has_aux=False):
    def both(*args, **kwargs):
        g, value = func.grad_and_value(f, argnums, has_aux)(*args, **kwargs)
        return value, g

    return both


def hvp(f, primals, tangents):
    argnums = 0 if len(primals) == 1 else tuple(range(len(primals)))
    return func.jvp(func.grad(f, argnums), primals, tangents)[1]


def vmap(f, in_axes=0, out_axes=0):
    return func.vmap(f, in_axes, out_axes)


class custom_vjp:  # noqa: N801
    """A torch.autograd.Function whose backward calls the rule's both halves again, from the arguments."""

    def __init__(self, function):
        self.function = function

    def defvjp(self, fwd, bwd):
        class Rule(torch.autograd.Function):
            generate_vmap_rule = True

            @staticmethod
            def forward(*args):
                return self.function(*args)

            @staticmethod
            def setup_context(ctx, inputs, output):
                ctx.save_for_backward(*inputs)

            @staticmethod
            def backward(ctx, c):
                cs = bwd(fwd(*ctx.saved_tensors)[1], c)
                return cs if len(cs) > 1 else cs[0]

        self.rule = Rule

    def __call__(self, *args):
        return self.rule.apply(*args)


class custom_jvp:  # noqa: N801
    """A torch.autograd.Function; its backward is the transpose of the rule."""

    def __init__(self, function):
        self.function = function

    def defjvp(self, rule):
        class Rule(torch.autograd.Function):
            generate_vmap_rule = True

            @staticmethod
            def forward(*args):
                return self.function(*args)

            @staticmethod
            def setup_context(ctx, inputs, output):
                ctx.save_for_backward(*inputs)
                ctx.save_for_forward(*inputs)

            @staticmethod
            def backward(ctx, c):
                xs = ctx.saved_tensors
                cs = func.vjp(lambda *ts: rule(xs, ts)[1], *map(torch.zeros_like, xs))[1](c)
                return cs if len(cs) > 1 else cs[0]

            @staticmethod
            def jvp(ctx, *ts):
                return rule(ctx.saved_tensors, ts)[1]

        self.rule = Rule
        return rule

    def __call__(self, *args):
        return self.rule.apply(*args)


def root(f, start, *params):
    """Newton's steps, as in the test against JAX."""
    start, back = flat(start)

    def step(x, params):
        def equations(x):
            return flat(f(back(x), *params))[0]

        return x - torch.linalg.solve(func.jacrev(equations)(x), equations(x))

    x = start
    for _ in range(12):
        x = step(x, mapped(torch.detach, params))
    x = x.detach()
    for _ in range(3):
        x = step(x, params)
    return back(x)


def flat(tree):
    """One vector, and the way back."""
    parts, structure = torch.utils._pytree.tree_flatten(tree)
    shapes = [p.shape for p in parts]

    def back(x):
        pieces = torch.split(x, [s.numel() for s in shapes])
        return torch.utils._pytree.tree_unflatten([p.reshape(s) for p, s in zip(pieces, shapes, strict=True)], structure)

    return torch.cat([p.reshape(-1) for p in parts]), back


def fixed_point(f, start, *params):
    def equation(x, *params):
        y, back = flat(f(x, *params))
        return back(y - flat(x)[0])

    return root(equation, start, *params)


FUNCTIONAL = SimpleNamespace(**vars(torch.nn.functional) | {
    "svdvals": torch.linalg.svdvals,
    "erf": torch.erf,
    "logsumexp": torch.logsumexp,
    "sigmoid": torch.sigmoid,
})  # fmt: skip

TORCH = Library(
    np=NumPy(),
    F=FUNCTIONAL,
    array=tensor,
    grad=func.grad,
    value_and_grad=value_and_grad,
    vjp=func.vjp,
    jvp=func.jvp,
    linearize=func.linearize,
    jacobian=jacobian,
    hessian=func.hessian,
    hvp=hvp,
    vmap=vmap,
    checkpoint=None,
    stop_gradient=lambda tree: mapped(torch.detach, tree),
    custom_vjp=custom_vjp,
    custom_jvp=custom_jvp,
    fixed_point=fixed_point,
    root=root,
)


def grad(f, argnums=0):
    """By torch.autograd, which can be differentiated again."""

    def gradient(*args):
        args = mapped(lambda x: x if x.requires_grad else x.clone().requires_grad_(), args)
        chosen = args[argnums] if isinstance(argnums, int) else tuple(args[i] for i in argnums)
        gs = iter(torch.autograd.grad(f(*args), leaves(chosen), create_graph=True))
        return mapped(lambda _: next(gs), chosen)

    return gradient


AUTOGRAD = TORCH._replace(grad=grad, checkpoint=lambda f: lambda *args: checkpoint(f, *args, use_reentrant=False))


def answer(pair):
    library = AUTOGRAD if "checkpoint" in pair.function else TORCH
    return mapped(lambda x: x.detach().numpy(), pair.run(library))


@pytest.mark.parametrize("pair", [p for p in PAIRS if "torch" not in p.without], ids=str)
def test_torch_agrees(pair):
    check(pair, "torch", answer)
