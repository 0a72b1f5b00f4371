"""Every rule agrees with finite differences of its function, within the error bar that those differences have."""

from tests.laws.calls import for_every_op
from tinygrad_edu.testing import laws


@for_every_op(examples=6)
def test_gradients_agree_with_finite_differences(example):
    laws.differences(example.point)
