"""Plots: what is drawn is what was given, into the axes that were given."""

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.errors import OptionError, ShapeError
from tinygrad_edu.inspect import plots
from tinygrad_edu.inspect.landscape import directions
from tinygrad_edu.ops import quadratic_cost

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("agg")
plt = pytest.importorskip("matplotlib.pyplot")
RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(20, 3)), np.eye(2)[RNG.integers(0, 2, 20)]


@pytest.fixture
def ax():
    figure, ax = plt.subplots()
    yield ax
    figure.canvas.draw()  # what is drawn late is drawn here
    plt.close(figure)


def network():
    return tg.nn.MLP([3, 4, 2], rng=0)


def cost(model):
    return quadratic_cost(model(X), Y)


def test_history_has_loss_and_accuracy(ax):
    lines = [{"epoch": k, "loss": 1 / k, "accuracy": 1 - 0.5 / k} for k in range(1, 6)]
    assert plots.history(lines, ax=ax) is ax
    np.testing.assert_allclose(ax.get_lines()[0].get_xydata(), [[k, 1 / k] for k in range(1, 6)])
    right = next(a for a in ax.figure.axes if a is not ax)
    np.testing.assert_allclose(right.get_lines()[0].get_ydata(), [1 - 0.5 / k for k in range(1, 6)])
    with pytest.raises(OptionError, match="no epochs"):
        plots.history([], ax=ax)


def test_weight_images_lie_side_by_side_on_one_scale(ax):
    w = np.arange(12.0).reshape(3, 4) - 6
    plots.weight_images(tg.Value(w), ax=ax)
    sheet = ax.get_images()[0].get_array()
    np.testing.assert_array_equal(sheet[:2, :2], w[0].reshape(2, 2))
    np.testing.assert_array_equal(sheet[:2, 3:], w[1].reshape(2, 2))
    np.testing.assert_array_equal(sheet[3:, :2], w[2].reshape(2, 2))
    assert np.isnan(np.ma.filled(sheet, np.nan)[3:, 3:]).all()
    assert ax.get_images()[0].get_clim() == (-6, 6)
    with pytest.raises(ShapeError, match=r"5.* picture of 2 x 2"):
        plots.weight_images(np.ones((2, 5)), ax=ax)


def test_activations_tell_the_share_of_zeros(ax):
    plots.activations({"first": np.array([[0.0, 1.0], [0.0, 2.0]]), "second": np.ones((2, 3))}, ax=ax)
    assert [t.get_text() for t in ax.get_xticklabels()] == ["first\n50%", "second\n0%"]


def test_what_is_not_finite_is_told_and_not_drawn(ax):
    plots.activations([np.array([np.nan, 1.0, 3.0])], ax=ax)
    assert [t.get_text() for t in ax.get_xticklabels()] == ["1\n0%\n1 not finite"]
    (median,) = [line for line in ax.get_lines() if line.get_color() == plots.ORANGE]
    np.testing.assert_array_equal(median.get_ydata(), [2, 2])
    plots.histograms({"w": np.array([np.inf, 1.0, 3.0]), "dead": np.full(2, np.nan)}, ax=ax)
    assert [t.get_text() for t in ax.texts] == ["2 not finite", "std 1, 1 not finite"]
    plots.weight_images(np.array([[np.nan, 2.0, -4.0, 1.0]]), ax=ax)
    image = ax.get_images()[0]
    assert image.get_clim() == (-4, 4)
    assert image.cmap(image.norm(image.get_array()))[0, 0].tolist() == list(matplotlib.colors.to_rgba(plots.BAD))


def test_histograms_of_weights_and_gradients(ax):
    net = network()
    with pytest.raises(OptionError, match="call backward first"):
        plots.histograms(net, of="grad", ax=ax)
    cost(net).backward()
    plots.histograms(net, of="grad", ax=ax)
    names = [name for name, _ in net.named_parameters()]
    assert [t.get_text() for t in ax.get_yticklabels()] == names[::-1]
    assert ax.texts[-1].get_text() == f"std {np.std(net.parameters()[0].grad):.2g}"
    with pytest.raises(OptionError, match="'data' or 'grad'"):
        plots.histograms(net, of="momentum", ax=ax)


def test_update_ratios_are_powers_of_ten(ax):
    plots.update_ratios({"w": [1e-3, 0.0, 1e-2, np.nan]}, ax=ax)
    np.testing.assert_allclose(ax.get_lines()[0].get_ydata(), [-3, np.nan, -2, np.nan])


def test_the_field_points_downhill(ax):
    plots.gradient_field(lambda x, y: x**2 + 2 * y**2, path=[[1, 1], [0, 0]], arrows=5, ax=ax)
    quiver = next(c for c in ax.collections if hasattr(c, "U"))
    x, y = quiver.X, quiver.Y
    length = np.hypot(2 * x, 4 * y)
    np.testing.assert_allclose(quiver.U * length, -2 * x, atol=1e-12)
    np.testing.assert_allclose(quiver.V * length, -4 * y, atol=1e-12)


@pytest.mark.parametrize(
    ("function", "arrows"),
    [
        (lambda x, y: x * 0 + 1.0, 0),
        (lambda x, y: np.sqrt(x) + y, 20),  # the slope of the root is infinite on the left edge
        (lambda x, y: np.log(-1 - x * x), 0),
    ],
)
def test_a_field_without_slopes_or_numbers_has_no_arrows_there(ax, function, arrows):
    plots.gradient_field(function, (0, 2), (0, 2), arrows=5, ax=ax)
    assert sum(len(c.U) for c in ax.collections if hasattr(c, "U")) == arrows


class Convolution(tg.nn.Module):
    def __init__(self):
        self.layer, self.kernel = tg.nn.Layer(4, 3, rng=0), tg.Value(RNG.normal(size=(2, 3, 5, 5)))

    def forward(self, x):
        return x


def test_directions_have_the_size_of_the_weights_unit_by_unit():
    net = Convolution()
    along = dict(zip(dict(net.named_parameters()), directions(net, np.random.default_rng(0)), strict=True))
    assert not along["layer.bias"].any()
    for name, w in (("layer.weight", net.layer.weight), ("kernel", net.kernel)):
        for unit, d in zip(w.data, along[name], strict=True):
            np.testing.assert_allclose(np.sqrt(np.sum(d**2)), np.sqrt(np.sum(unit**2)))


def test_landscapes_go_through_the_loss_and_leave_the_weights_alone(ax):
    net = network()
    before = net.state_dict()
    plots.landscape_1d(net, cost, steps=5, ax=ax)
    for line in ax.get_lines()[:3]:
        assert np.isclose(line.get_ydata()[2], cost(net).item())
    plots.landscape_2d(net, cost, steps=5, ax=ax)
    with pytest.raises(ZeroDivisionError):
        plots.landscape_1d(net, lambda model: 1 / 0, ax=ax)
    for name, a in net.state_dict().items():
        np.testing.assert_array_equal(a, before[name])


def test_a_function_and_its_slope(ax):
    plots.derivative("tanh", ax=ax)
    x, y = ax.get_lines()[0].get_data()
    np.testing.assert_allclose(y, np.tanh(x))
    np.testing.assert_allclose(ax.get_lines()[1].get_ydata(), 1 - np.tanh(x) ** 2)
    with pytest.raises(OptionError, match="whole arrays"):
        plots.derivative(tg.ops.matmul, ax=ax)


def test_confusion_writes_the_counts(ax):
    plots.confusion([[5, 1], [0, 4]], names=["cat", "dog"], ax=ax)
    assert sorted(t.get_text() for t in ax.texts) == ["1", "4", "5"]
    with pytest.raises(ShapeError, match="square"):
        plots.confusion(np.ones((2, 3)), ax=ax)
    with pytest.raises(ShapeError, match="1 names for 2 classes"):
        plots.confusion(np.ones((2, 2)), names=["cat"], ax=ax)


def test_confusion_of_many_classes_has_no_numbers_and_few_labels(ax):
    plots.confusion(np.ones((60, 60), int) * 1234, ax=ax)
    assert not ax.texts
    assert len(ax.get_xticklabels()) == 20


def test_reliability_of_a_predictor_that_is_as_good_as_it_says(ax):
    sure = np.repeat([0.65, 0.85], 100)
    p = np.stack([sure, 1 - sure], 1)
    labels = np.concatenate([np.arange(100) >= 65, np.arange(100) >= 85]).astype(int)
    plots.reliability(p, labels, ax=ax)
    assert ax.get_title() == "calibration error 0.000"
    plots.reliability(p, np.zeros(200, int), ax=ax)
    assert ax.get_title() == "calibration error 0.250"
    with pytest.raises(ShapeError, match="probabilities"):
        plots.reliability(p, labels[:5], ax=ax)
    for wrong in (p * 3, p - 1, p * np.nan, p[:0]):
        with pytest.raises(OptionError, match="softmax"):
            plots.reliability(wrong, labels[: len(wrong)], ax=ax)


def test_the_calibration_error_of_six_examples_by_hand(ax):
    sure = np.array([0.55, 0.6, 0.6, 0.8, 0.95, 1.0])  # 0.6 belongs to (0.4, 0.6], 0.8 to (0.6, 0.8]
    right = np.array([True, False, True, True, False, True])
    plots.reliability(np.stack([sure, 1 - sure], 1), np.where(right, 0, 1), bins=5, ax=ax)
    assert [bar.get_height() for bar in ax.patches] == [0, 0, 2 / 3, 1, 0.5]
    expected = (3 * abs(2 / 3 - 1.75 / 3) + 1 * abs(1 - 0.8) + 2 * abs(0.5 - 0.975)) / 6
    assert ax.get_title() == f"calibration error {expected:.3f}"


def test_new_axes_are_made_where_none_are_given():
    ax = plots.derivative("relu")
    assert ax.figure is plt.gcf()
    assert ax.figure.get_layout_engine() is not None  # no label is cut off
    plt.close(ax.figure)
