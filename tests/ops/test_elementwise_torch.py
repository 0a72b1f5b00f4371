"""Every elementwise op against PyTorch in float64: value, first and second derivative, with broadcasting."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch")
F = torch.nn.functional

from tests.laws.calls import OPS, elementwise_calls, required_options  # noqa: E402
from tests.laws.cases import Call  # noqa: E402
from tests.laws.test_formulas import ELEMENTWISE, OPTIONS, points  # noqa: E402
from tests.torch_oracle import agrees  # noqa: E402

pytestmark = pytest.mark.peers


def _same_shape(loss, **fixed):
    """A loss of PyTorch entry by entry; it warns when it broadcasts, so that is done before."""
    return lambda *xs, **options: loss(*torch.broadcast_tensors(*xs), reduction="none", **fixed, **options)


ORACLE = {
    # arithmetic
    "absolute": torch.abs,
    "add": torch.add,
    "cbrt": lambda x: torch.sign(x) * torch.abs(x) ** (1 / 3),
    "cube": lambda x: x**3,
    "divide": torch.divide,
    "fmod": torch.fmod,
    "lerp": torch.lerp,
    "multiply": torch.multiply,
    "negative": torch.negative,
    "positive": torch.positive,
    "power": torch.pow,
    "reciprocal": torch.reciprocal,
    "remainder": torch.remainder,
    "rsqrt": torch.rsqrt,
    "sqrt": torch.sqrt,
    "square": torch.square,
    "subtract": torch.subtract,
    # bounds
    "clip": lambda *xs: torch.clamp(*torch.broadcast_tensors(*xs)),
    "fmax": torch.fmax,
    "fmin": torch.fmin,
    "maximum": torch.maximum,
    "minimum": torch.minimum,
    # exponentials, error and gamma functions
    "digamma": torch.digamma,
    "erf": torch.erf,
    "erfc": torch.erfc,
    "erfinv": torch.erfinv,
    "exp": torch.exp,
    "exp2": torch.exp2,
    "expm1": torch.expm1,
    "gaussian": lambda x: torch.exp(-x * x),
    "lgamma": torch.lgamma,
    "log": torch.log,
    "log10": torch.log10,
    "log1p": torch.log1p,
    "log2": torch.log2,
    "logaddexp": torch.logaddexp,
    "logaddexp2": torch.logaddexp2,
    "polygamma": torch.polygamma,
    "xlogx": lambda x: -torch.special.entr(x),
    "xlogy": torch.xlogy,
    # trigonometry
    "arccos": torch.arccos,
    "arccosh": torch.arccosh,
    "arcsin": torch.arcsin,
    "arcsinh": torch.arcsinh,
    "arctan": torch.arctan,
    "arctan2": torch.arctan2,
    "arctanh": torch.arctanh,
    "cos": torch.cos,
    "cosh": torch.cosh,
    "degrees": torch.rad2deg,
    "hypot": torch.hypot,
    "radians": torch.deg2rad,
    "sin": torch.sin,
    "sinc": torch.sinc,
    "sinh": torch.sinh,
    "tan": torch.tan,
    "tanh": torch.tanh,
    # rounding and conversions
    "astype": lambda x, dtype: x.to(torch.float64),
    "ceil": torch.ceil,
    "conjugate": torch.conj,
    "copysign": torch.copysign,
    "fix": torch.fix,
    "floor": torch.floor,
    "frac": torch.frac,
    "ldexp": lambda x1, x2: x1 * 2.0**x2,  # the gradient of torch.ldexp is 0 for a negative integer x2
    "nan_to_num": torch.nan_to_num,
    "real": torch.real,
    "rint": torch.round,
    "round": torch.round,
    "sign": torch.sign,
    "trunc": torch.trunc,
    # activations
    "gelu": F.gelu,
    "gelu_tanh": lambda x: F.gelu(x, approximate="tanh"),
    "glu_pair": lambda x1, x2: x1 * torch.sigmoid(x2),
    "log_cosh": lambda x: torch.log(torch.cosh(x)),
    "logit": torch.logit,
    "logsigmoid": F.logsigmoid,
    "mish": F.mish,
    "quick_gelu": lambda x: x * torch.sigmoid(1.702 * x),
    "sigmoid": torch.sigmoid,
    "silu": F.silu,
    "softcap": lambda x, cap: cap * torch.tanh(x / cap),
    "softplus": F.softplus,
    "softsign": F.softsign,
    "swiglu": lambda x1, x2: F.silu(x1) * x2,
    "tanhshrink": F.tanhshrink,
    # rectifiers
    "celu": F.celu,
    "elu": F.elu,
    "hardshrink": F.hardshrink,
    "hardsigmoid": lambda x: F.relu6(x + 3) / 6,  # F.hardsigmoid has no second derivative
    "hardswish": F.hardswish,
    "hardtanh": F.hardtanh,
    "leaky_relu": F.leaky_relu,
    "prelu": lambda x, weight: torch.where(x > 0, x, weight * x),
    "relu": F.relu,
    "relu2": lambda x: F.relu(x) ** 2,
    "relu6": F.relu6,
    "selu": F.selu,
    "softshrink": F.softshrink,
    "threshold": F.threshold,
    # losses
    "absolute_error": _same_shape(F.l1_loss),
    "bce": _same_shape(F.binary_cross_entropy),
    "bce_with_logits": _same_shape(F.binary_cross_entropy_with_logits),
    "gaussian_nll": _same_shape(F.gaussian_nll_loss),
    "hinge": lambda x, target: torch.clamp(1 - target * x, min=0),
    "huber": _same_shape(F.huber_loss),
    "kl_div_pointwise": _same_shape(F.kl_div),
    "log_cosh_loss": lambda x, target: torch.log(torch.cosh(x - target)),
    "pinball": lambda x, target, quantile=0.5: torch.maximum(quantile * (target - x), (quantile - 1) * (target - x)),
    "poisson_nll": _same_shape(F.poisson_nll_loss, log_input=True, full=False),
    "smooth_l1": _same_shape(F.smooth_l1_loss),
    "soft_margin": lambda x, target: F.softplus(-target * x),  # soft_margin_loss has no gradient by the target
    "squared_error": _same_shape(F.mse_loss),
    "squared_hinge": lambda x, target: torch.clamp(1 - target * x, min=0) ** 2,
}
# PyTorch has no derivative for these; all are zero but heaviside's second, and test_formulas holds them to SymPy.
WITHOUT = {"floor_divide", "heaviside", "imag", "step"}
SINGLE_PRECISION_INSIDE = {"celu": 1e-7}  # constants of 32 bits in PyTorch


@pytest.mark.parametrize(("name", "options"), [(n, o) for n in ORACLE for o in OPTIONS.get(n, [{}])])
@settings(max_examples=10, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_agrees_with_pytorch(name, options, data):
    op, tolerance = OPS[name], SINGLE_PRECISION_INSIDE.get(name, 1e-9)
    if required_options(op):
        args = points(op, data.draw(st.integers(0, 2**32 - 1)), options)[0]
    else:
        args = data.draw(elementwise_calls(op)).args
    first = [options[n] for n in op.before]  # options that stand before the inputs are given by position
    rest = {n: v for n, v in options.items() if n not in op.before}
    agrees(op, ORACLE[name], Call((*first, *args), rest), rtol=tolerance, atol=tolerance)


def test_every_elementwise_op_is_compared():
    assert set(ELEMENTWISE) - set(ORACLE) == WITHOUT
