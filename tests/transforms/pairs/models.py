"""What people do with derivatives of derivatives, in a few lines each."""

import numpy as np

from .functions import IMAGE, KERNEL, PARAMS, A, C, M, P, S, X, convnet, layer_norm, mlp
from .pair import mapped, program

MODELS = []
INPUTS = np.stack([X, C, P])
TARGETS = np.stack([X[:2], C[:2], P[:2]])


def mlp_loss(ad):
    return lambda p, x, y: ad.np.sum((mlp(ad.np, ad.F, p, x) - y) ** 2)


@program("vmap of grad: a gradient for each example", MODELS)
def mlp_per_example(ad):
    return ad.vmap(ad.grad(mlp_loss(ad)), (None, 0, 0))(*ad.arrays((PARAMS, INPUTS, TARGETS)))


@program("vmap of grad: a gradient for each network", MODELS)
def ensemble(ad):
    several = mapped(lambda w: np.stack([w, w * 0.5]), PARAMS)
    return ad.vmap(ad.value_and_grad(mlp_loss(ad)), (0, None, None))(*ad.arrays((several, X, C[:2])))


@program("vmap of vmap of grad: for each network, for each example", MODELS)
def ensemble_per_example(ad):
    several = mapped(lambda w: np.stack([w, w * 0.5]), PARAMS)
    each = ad.vmap(ad.vmap(ad.grad(mlp_loss(ad)), (None, 0, 0)), (0, None, None))
    return each(*ad.arrays((several, INPUTS, TARGETS)))


@program("vmap of jacobian", MODELS)
def mlp_sensitivities(ad):
    jacobian = ad.jacobian(lambda p, x: mlp(ad.np, ad.F, p, x), 1)
    return ad.vmap(jacobian, (None, 0))(*ad.arrays((PARAMS, INPUTS)))


@program("vmap of vjp and jvp: the neural tangent kernel", MODELS)
def tangent_kernel(ad):
    def entry(p, x, y):
        _, pull = ad.vjp(lambda p: mlp(ad.np, ad.F, p, x), p)
        return ad.vmap(lambda c: ad.jvp(lambda p: mlp(ad.np, ad.F, p, y), (p,), pull(c))[1])(ad.array(np.eye(2)))

    return ad.vmap(ad.vmap(entry, (None, None, 0)), (None, 0, None))(*ad.arrays((PARAMS, INPUTS[:2], INPUTS)))


@program("vmap of grad", MODELS)
def conv_net_per_example(ad):
    def loss(p, image):
        return ad.np.sum(convnet(ad.np, ad.F, image, p["kernel"], p["w"]) ** 2)

    images = np.stack([IMAGE, IMAGE[:, :, ::-1]])
    return ad.vmap(ad.grad(loss), (None, 0))(*ad.arrays(({"kernel": KERNEL, "w": A[:, :2]}, images)))


@program("grad by all weights", MODELS)
def attention_block(ad):
    """Queries, keys and values of two heads, a residual, a layer norm."""

    def loss(p, x):
        q, k, v = (ad.np.transpose(ad.np.reshape(x @ p[n], (3, 2, 2)), (1, 0, 2)) for n in "qkv")
        y = ad.F.scaled_dot_product_attention(q, k, v, is_causal=True)
        y = ad.np.reshape(ad.np.transpose(y, (1, 0, 2)), (3, 4)) @ p["out"]
        return ad.np.sum(layer_norm(ad.np, ad.F, x + y, p["scale"]) ** 3)

    w = np.sin(np.arange(12)).reshape(3, 4)
    return ad.value_and_grad(loss)(*ad.arrays(({"q": w, "k": w[::-1], "v": w**2, "out": w.T / 2, "scale": C}, M)))


@program("grad of a long unrolled recurrence", MODELS)
def backpropagation_through_time(ad):
    def loss(w, h):
        for _ in range(12):
            h = ad.np.tanh(w @ h + 0.1)
        return ad.np.sum(h * h)

    return ad.grad(loss, (0, 1))(*ad.arrays((M / 2, X)))


@program("jacobian, forward, through an integrator", MODELS)
def sensitivity_of_an_ode(ad):
    """Lotka and Volterra, four Heun steps."""

    def slope(s, p):
        return ad.np.stack([p[0] * s[0] - p[1] * s[0] * s[1], p[1] * s[0] * s[1] - p[2] * s[1]])

    def final(s, p):
        for _ in range(4):
            k = slope(s, p)
            s = s + 0.05 * (k + slope(s + 0.1 * k, p))
        return s

    return ad.jacobian(final, (0, 1), mode="forward")(*ad.arrays((P[:2], P)))


@program("jacobian of grad: from energies to accelerations", MODELS)
def double_pendulum(ad):
    def lagrangian(q, v):
        fall = 2 * ad.np.cos(q[0]) + ad.np.cos(q[1])
        return v[0] ** 2 + 0.5 * v[1] ** 2 + v[0] * v[1] * ad.np.cos(q[0] - q[1]) + 9.8 * fall

    q, v = ad.arrays((X[:2], C[:2]))
    mass = ad.hessian(lagrangian, 1)(q, v)
    force = ad.grad(lagrangian, 0)(q, v) - ad.jacobian(ad.grad(lagrangian, 1), 0)(q, v) @ v
    return ad.np.linalg.solve(mass, force)


@program("hessian and grad: a step of Newton's method", MODELS)
def newton_optimiser(ad):
    def loss(x):
        return ad.np.sum(ad.np.cosh(ad.array(M) @ x)) + ad.np.sum(x)

    x = ad.array(X)
    return x - ad.np.linalg.solve(ad.hessian(loss)(x), ad.grad(loss)(x))


@program("vjp of jvp: a Gauss-Newton product", MODELS)
def gauss_newton(ad):
    def residuals(x):
        return ad.np.exp(ad.array(A) @ x) - 1

    x, t = ad.arrays((X, C))
    _, along = ad.jvp(residuals, (x,), (t,))
    _, pull = ad.vjp(residuals, x)
    return pull(along)


@program("vmap of hvp: the Laplacian", MODELS)
def laplacian(ad):
    def f(x):
        return ad.np.exp(-ad.np.sum(x * x)) * ad.np.sin(x[0])

    def trace(x):
        return ad.np.trace(ad.vmap(lambda e: ad.hvp(f, (x,), (e,)))(ad.array(np.eye(3))))

    return ad.vmap(trace)(ad.array(INPUTS))


@program("grad of grad: the residual of a differential equation", MODELS)
def physics_informed(ad):
    """u'' + u for a network u of one number, and its gradient by the weights."""

    def loss(p):
        def u(x):
            return p["out"] @ ad.np.tanh(p["w"] * x + p["b"])

        residual = ad.vmap(lambda x: ad.grad(ad.grad(u))(x) + u(x))(ad.array(P))
        return ad.np.mean(residual**2)

    return ad.value_and_grad(loss)(ad.arrays({"w": X, "b": C, "out": P}))


@program("grad of grad: through steps of gradient descent", MODELS)
def learning_to_learn(ad):
    def after(rate, w):
        def loss(w):
            return ad.np.sum(ad.np.tanh(ad.array(M) @ w) ** 2)

        for _ in range(2):
            w = w - rate * ad.grad(loss)(w)
        return loss(w)

    return ad.value_and_grad(after, (0, 1))(*ad.arrays((0.1, X)))


@program("grad of the norm of a grad", MODELS)
def gradient_penalty(ad):
    def penalty(w, x):
        g = ad.grad(lambda x: ad.np.sum(ad.np.tanh(w @ x)))(x)
        return (ad.np.sqrt(ad.np.sum(g * g)) - 1) ** 2

    return ad.grad(penalty)(*ad.arrays((M, X)))


@program("jacobian of grad: mixed second derivatives", MODELS)
def influence(ad):
    def loss(w, x):
        return ad.F.softplus(ad.np.sum(w * x)) + ad.np.sum(w * w)

    return ad.jacobian(ad.grad(loss), 1)(*ad.arrays((X, C)))


@program("vmap of hessian", MODELS)
def logistic_hessians(ad):
    def loss(w, x):
        return ad.F.softplus(ad.np.sum(w * x))

    return ad.vmap(ad.hessian(loss), (None, 0))(*ad.arrays((X, INPUTS)))


@program("jacobian: the log-determinant of a flow", MODELS)
def change_of_variables(ad):
    def log_density(x, w):
        def flow(x):
            return x + 0.3 * ad.np.tanh(w @ x)

        return -0.5 * ad.np.sum(flow(x) ** 2) + ad.np.linalg.slogdet(ad.jacobian(flow)(x))[1]

    return ad.grad(log_density, (0, 1))(*ad.arrays((X, M / 2)))


@program("jvp of grad of vmap", MODELS)
def hessian_product_of_a_batch(ad):
    def total(p):
        return ad.np.mean(ad.vmap(lambda x, y: mlp_loss(ad)(p, x, y))(*ad.arrays((INPUTS, TARGETS))))

    return ad.jvp(ad.grad(total), ad.arrays((PARAMS,)), (mapped(lambda w: ad.np.cos(w), ad.arrays(PARAMS)),))


@program("vmap of grad of vmap of grad", MODELS)
def four_deep(ad):
    def inner(x, y):
        return ad.np.sum(ad.np.sin(x * y))

    def outer(x):
        slopes = ad.vmap(ad.grad(inner, 1), (None, 0))(x, ad.array(INPUTS))
        return ad.np.sum(slopes**2)

    return ad.vmap(ad.grad(outer))(ad.array(INPUTS))


@program("vmap of grad of jvp of vmap", MODELS)
def four_deep_in_both_modes(ad):
    def along(s, x):
        f = ad.vmap(lambda y: ad.np.sin(s * y) @ x)
        return ad.np.sum(ad.jvp(f, (ad.array(INPUTS),), (ad.array(INPUTS**2),))[1])

    return ad.vmap(ad.grad(along), (None, 0))(*ad.arrays((0.7, INPUTS)))


@program("jacobian of vmap of solve", MODELS)
def many_systems(ad):
    return ad.jacobian(ad.vmap(ad.np.linalg.solve, (None, 0)), 0)(*ad.arrays((S, INPUTS)))


@program("third derivatives: jacobian of hessian", MODELS)
def skewness(ad):
    return ad.jacobian(ad.hessian(lambda x: ad.np.prod(x) + ad.np.sum(ad.np.exp(x))))(ad.array(X))
