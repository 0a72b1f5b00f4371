"""The recorder: its sums are the gradients, to the bit; it moves both ways; it changes nothing."""

import base64
import io
import json
import os
import re
import sys
import threading
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tinygrad_edu as tg
from tests.inspect.graphs import chain, dags, network
from tests.laws.calls import for_every_op
from tinygrad_edu import Value, gradients
from tinygrad_edu.core.backward import pullback
from tinygrad_edu.errors import DTypeError, GraphError, OptionError
from tinygrad_edu.inspect.recording.breakpoints import (
    at_line,
    breakpoint_of,
    gradient_above,
    in_phase,
    made_by,
    named,
    not_finite,
    zero_gradient,
)
from tinygrad_edu.inspect.recording.player import Keyboard, Lines, Player
from tinygrad_edu.inspect.recording.recorder import record
from tinygrad_edu.inspect.recording.replay import STRIDE, Replay, entries
from tinygrad_edu.ops import relu, sigmoid


def same(x, y):
    if x is None or y is None:
        return x is y
    return np.array_equal(x, y, equal_nan=np.asarray(x).dtype.kind == "f")


def neurons():
    """Two neurons, of the notes."""
    a, w, b = Value(0.6, label="a"), Value(1.2, label="w"), Value(-0.4, label="b")
    z = w * a + b
    z.label = "z"
    activation = sigmoid(z)
    activation.label = "A"
    cost = (activation - 1.0) ** 2
    cost.label = "C"
    return a, w, b, cost


# -- the sums ------------------------------------------------------------------------------------------------------------


def check_sums(recording, expected):
    """Each accumulation starts where the last one ended, and ends at the gradient; `expected` is node to gradient."""
    now = {}
    for frame in recording:
        if frame.phase != "backward":
            continue
        assert same(frame.gradient, expected[frame.node])
        if frame.op and frame.gradient is not None and frame.node != len(recording.graph) - 1:
            assert same(now.get(frame.node), frame.gradient)
        for o in frame.operands:
            if o.node is None or o.part is None:
                continue
            assert same(o.before, now.get(o.node))
            assert same(o.after, o.part if o.before is None else o.before + o.part)
            if o.local is not None:
                np.testing.assert_allclose(float(o.part), float(o.local) * float(frame.gradient), rtol=1e-12)
            now[o.node] = o.after
    for node, sums in now.items():
        assert same(sums, expected[node])


@settings(max_examples=60)
@given(dags())
def test_the_accumulations_add_up_to_the_gradients_to_the_bit(out):
    values = tg.Graph(out).values
    found = gradients(out, values, retain_graph=True)
    check_sums(record(out), dict(enumerate(found)))


@settings(max_examples=30)
@given(st.data())
def test_of_fractions_the_accumulations_are_exact(data):
    rationals = st.fractions(-3, 3, max_denominator=4).filter(bool)
    values = [Value(np.array(data.draw(rationals))) for _ in range(2)]
    for _ in range(data.draw(st.integers(1, 7))):
        a, b = (values[data.draw(st.integers(0, len(values) - 1))] for _ in range(2))
        values.append(data.draw(st.sampled_from([a + b, a * b, a - b, a * a, -a, a / 3])))
    out = values[-1]
    recording = record(out)
    nodes = recording.graph.values
    check_sums(recording, dict(enumerate(gradients(out, nodes, retain_graph=True))))
    for frame in recording:
        assert all(isinstance(x, Fraction) for o in frame.operands if o.part is not None for x in np.ravel(o.part))


@for_every_op(examples=3)
def test_the_sums_are_the_gradients_for_every_op(example):
    inputs = [Value(x) for x in example.inputs]
    result = example(*inputs)
    results = [y for y in (result if isinstance(result, tuple | list) else (result,)) if type(y) is Value and y.size]
    for y in results:
        c = np.linspace(1, 2, y.size).reshape(y.shape).astype(y.dtype)[()]
        values = tg.Graph(y).values
        replay = Replay(values, y, c)
        inside = [v for v in inputs if v in replay.number]
        for v, g in zip(inside, pullback([y], inside, [c]), strict=True):
            assert same(entries(replay.gradient(v)), g)
        frames = list(record(y, gradient=c))
        assert len(frames) == 2 * len(values)
        assert max(len(f.title) for f in frames) < 160
        if example.op.kind != "elementwise":  # whose formulas `explain` tests
            assert all(len(line) <= 60 for f in frames for line in f.text(60).splitlines())


@pytest.mark.parametrize("size", [3, 400])
def test_a_value_that_is_used_often_is_found_in_any_order(size):
    w = Value(np.linspace(0.1, 1, size), label="w")
    total = Value(0.0)
    for i in range(3 * STRIDE + 5):
        total = total + np.sum(w * float(i))
    recording = record(total)
    steps = [k for k in range(len(recording)) if recording[k].phase == "backward" and recording[k].op == "multiply"]
    sums = np.cumsum([next(o.value for o in recording[k].operands if o.node is None) for k in steps])
    for place in np.random.default_rng(0).permutation(len(steps)):
        o = next(o for o in recording[steps[place]].operands if o.name == "w")
        np.testing.assert_allclose(o.after, np.full(size, sums[place]), rtol=1e-12)
        assert (o.before is None) == (place == 0)
        if place:
            np.testing.assert_allclose(o.before, np.full(size, sums[place - 1]), rtol=1e-12)


def test_no_gradient_is_not_a_gradient_of_zero():
    x = Value(-1.0, label="x")
    y = np.where(x > 0, np.sqrt(x + 5), x * 3)
    frames = {f.op or f.name: f for f in record(y) if f.phase == "backward"}
    assert not frames["sqrt"].arrived
    assert "none reached it" in str(frames["sqrt"])
    assert [o.reached is None for o in frames["where"].operands] == [False, True]
    assert "(reached 0 of 1 entries)" in str(frames["where"])
    assert frames["x"].gradient == 3.0


def test_several_results_have_a_gradient_each():
    m = Value(np.array([[2.0, 0.5], [0.5, 1.0]]), label="m")
    q, r = np.linalg.qr(m)
    recording = record(np.sum(q) + np.sum(r * r))
    (call,) = [f for f in recording if f.op == "qr" and f.phase == "backward"]
    assert isinstance(call.gradient, tuple)
    np.testing.assert_array_equal(call.gradient[0], np.ones((2, 2)))
    assert "shape (2, 2)" in str(call)


# -- moving --------------------------------------------------------------------------------------------------------------


def test_frames_come_in_the_order_of_the_passes():
    _, w, b, cost = neurons()
    recording = record(cost, tg.optim.SGD([w, b], lr=0.1))
    n = len(recording.graph)
    assert [f.phase for f in recording] == ["forward"] * n + ["backward"] * n + ["update"] * 2
    assert [f.node for f in recording][: 2 * n] == [*range(n), *reversed(range(n))]
    assert [f.name for f in recording][-2:] == ["w", "b"]
    assert recording.position == 0


def test_back_undoes_next():
    recording = record(neurons()[-1])
    there = [str(recording.frame)]
    while (frame := recording.next()) is not None:
        there.append(str(frame))
    assert recording.next() is None
    assert recording.position == len(recording) - 1
    here = [str(recording.frame)]
    while (frame := recording.back()) is not None:
        here.append(str(frame))
    assert here == there[::-1]
    assert recording.position == 0


def test_goto_and_indices():
    recording = record(neurons()[-1])
    assert recording.goto(-1).index == len(recording) - 1
    assert recording[3].index == 3
    assert recording.position == len(recording) - 1
    assert recording.phase("backward").index == len(recording.graph)
    assert recording.phase("update") is None
    for k in (len(recording), -len(recording) - 1):
        with pytest.raises(IndexError, match="0 to 15"):
            recording.goto(k)
    with pytest.raises(OptionError, match="a phase is"):
        recording.phase("sideways")


def test_a_long_chain_is_no_recursion_and_starts_anywhere():
    recording = record(chain(20_000))
    middle = recording.goto(3 * len(recording) // 4)
    assert (middle.phase, middle.gradient) == ("backward", 1.0)
    assert recording.back().index == middle.index - 1
    assert recording.goto(-1).gradient == 1.0


def test_sixty_diamonds():
    x = Value(1.0, label="x")
    y = x
    for _ in range(60):
        y = y + y
    assert record(y).goto(-1).gradient == 2.0**60


# -- what it was read from -----------------------------------------------------------------------------------------------


def test_a_graph_that_backward_used_up_gives_the_same_frames():
    cost = neurons()[-1]
    before = [str(f) for f in record(cost)]
    cost.backward()
    after = record(cost)
    assert [str(f) for f in after] == before
    assert after.note == ""


def test_a_gradient_that_was_there_before_is_told_apart():
    for run in (False, True):
        _, w, _, cost = neurons()
        w.grad = 5.0
        if run:
            cost.backward()
        (frame,) = [f for f in record(cost) if f.name == "w" and f.phase == "backward"]
        np.testing.assert_allclose(frame.grad, (5.0, 5.0 - 0.123026284078), rtol=1e-9)
        assert ".grad        5 -> 4.87697" in str(frame)


def test_numbers_that_changed_since_are_noted():
    _, w, _, cost = neurons()
    assert record(cost).note == ""
    w.data = 7.0
    assert record(cost).note.startswith("the numbers of w have changed")
    _, w, _, cost = neurons()
    cost.backward()
    assert record(cost).note == ""
    w.data = 7.0
    assert record(cost).note.startswith("the numbers of a or w have changed")


def test_recording_changes_nothing():
    _, w, b, cost = neurons()
    adam = tg.optim.Adam([w, b])
    saved = adam.state_dict()
    list(record(cost, adam))
    assert (w.item(), w.grad, cost.grad) == (1.2, None, None)
    assert adam.state_dict() == saved
    cost.backward()
    assert abs(w.grad - -0.123026284078) < 1e-12


@pytest.mark.parametrize(
    "make",
    [
        lambda ps: tg.optim.SGD(ps, lr=0.1),
        lambda ps: tg.optim.SGD(ps, lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.01),
        lambda ps: tg.optim.AdamW(ps, lr=0.1),
    ],
)
def test_the_update_is_what_the_optimiser_then_does(make):
    net = tg.nn.MLP([3, 4, 1], rng=0)
    unused = Value(1.0, label="unused")
    optimiser = make([*net.parameters(), unused])
    for _ in range(3):
        optimiser.zero_grad()
        loss = np.mean(net(np.ones((2, 3))) ** 2)
        recording = record(loss, optimiser)
        frames = [f for f in recording if f.phase == "update"]
        before = [p.data for p in optimiser.parameters]
        loss.backward()
        optimiser.step()
        for f, p, x in zip(frames, optimiser.parameters, before, strict=True):
            assert same(f.update.before, x)
            assert same(f.update.after, p.data)
            assert same(f.update.gradient, p.grad)
            np.testing.assert_allclose(f.update.before + f.update.step, f.update.after, rtol=1e-15)
    assert frames[-1].node is None
    assert "leaves it as it is" in str(frames[-1])
    assert {k: v[1] for k, v in frames[0].update.memory.items()}.keys() == optimiser.states[0].keys()


def test_a_lean_graph_says_what_is_missing():
    x = Value(np.ones((200, 200)))
    with tg.lean():
        loss = np.sum(np.exp(np.exp(x * 0.1)) * x)
    recording = record(loss)
    assert same(recording.goto(-1).gradient, gradients(loss, [x], retain_graph=True)[0])
    with tg.lean():
        loss.backward()
    with pytest.raises(GraphError, match=r"lean backward has freed.*lean=False"):
        record(loss)
    with tg.lean():
        loss = np.sum(np.exp(np.exp(x * 0.1)) * x)
    loss.backward(lean=False)
    assert same(record(loss).goto(-1).gradient, x.grad / 2)
    with tg.lean():
        loss = np.sum((x * 2.0) * (x * 3.0))
    loss.backward(lean=False)
    with pytest.raises(GraphError, match="did not keep"):
        record(loss).goto(-1)


def test_mistakes_are_explained():
    x = Value([1.0, 2.0], label="x")
    for call, error, says in [
        (lambda: record(3.0), DTypeError, "got a float"),
        (lambda: record(x * x), GraphError, r"shape \(2,\)"),
        (lambda: record(x.sum(), "adam"), OptionError, "got a str"),
        (lambda: record(x.sum(), precision=0), OptionError, "at least 1"),
    ]:
        with pytest.raises(error, match=says):
            call()
    assert same(record(x * x, gradient=[1.0, 10.0]).goto(-1).gradient, [2.0, 40.0])


# -- texts ---------------------------------------------------------------------------------------------------------------


def test_the_text_of_a_frame():
    with tg.record_source():
        cost = neurons()[-1]
    recording = record(cost)
    line = neurons.__code__.co_firstlineno + 5
    assert str(recording[10]) == "\n".join([
        "step 11 of 16, backward: A = sigmoid(z)",
        f"  at {os.path.relpath(__file__)}:{line}, in neurons: activation = sigmoid(z)",
        "  value        0.579324",
        "  gradient     dC/dA = -0.841351",
        "  to z         g * (A*(1 - A)) = -0.841351 * 0.243708 = -0.205044",
        "               dC/dz: none -> -0.205044",
    ])  # fmt: skip
    assert str(recording[10].__rich__()) == str(recording[10])


def test_the_texts_of_arrays_and_of_many_arguments():
    w = Value(np.arange(6.0).reshape(2, 3), label="W")
    h = np.tanh(w @ np.ones(3))
    text = "\n".join(map(str, record(np.sum(h))))
    assert "shape (2, 3)" in text
    assert "g.reshape((2, 1))" in text
    many = np.stack([Value(float(i)) for i in range(30)]).sum()
    assert "18 more arguments" in str(record(many).goto(30))


def test_not_finite_is_seen_in_the_text():
    x = Value(np.array([0.0, 1.0]), label="x")
    assert "NOT FINITE: 1 inf of 2" in "\n".join(map(str, record(np.sqrt(x).sum())))


# -- breakpoints ---------------------------------------------------------------------------------------------------------


def test_breakpoints():
    with tg.record_source():
        x = Value(np.array([0.0, 4.0]), label="x")
        root = np.sqrt(x)
        dead = relu(-x)
        loss = (root * 2 + dead).sum()
    recording = record(loss, tg.optim.SGD([x], lr=1.0))

    def stops(until, back=False):
        recording.goto(-1 if back else 0)
        frame = recording.run(until, back=back)
        return None if frame is None else (frame.phase, frame.op or frame.name)

    assert stops("inf") == ("backward", "sqrt")
    assert stops("nan") is None
    assert recording.position == len(recording) - 1
    assert stops(not_finite(), back=True) == ("backward", "x")
    assert stops("zero") == ("backward", "negative")
    assert stops("grad > 1.5") == ("backward", "sqrt")
    assert stops(gradient_above(1e9)) == ("backward", "x")
    assert stops("label x and update") == ("update", "x")
    assert stops("op relu and backward") == ("backward", "relu")
    assert stops(root_line := test_breakpoints.__code__.co_firstlineno + 3) == ("forward", "sqrt")
    assert stops(f"test_recorder.py:{root_line} and backward") == ("backward", "sqrt")
    assert stops(at_line(root_line, "other.py")) is None
    assert stops(lambda f: f.op == "add") == ("forward", "add")
    assert stops(["nan", "op multiply"]) == ("forward", "multiply")
    assert stops(named("x") & in_phase("backward") | made_by("nothing")) == ("backward", "x")
    assert stops(~in_phase("forward")) == ("backward", "sum")
    assert stops("not forward and op sqrt") == ("backward", "sqrt")
    assert stops("not not finite and backward") == ("backward", "sum")
    assert stops("op sqrt", back=True) == ("backward", "sqrt")
    assert stops(None) is None
    assert stops("none") is None


def test_a_branch_not_taken_stops_at_none_and_not_at_zero():
    x = Value(-1.0, label="x")
    recording = record(np.where(x > 0, np.exp(x), x * 3))
    assert recording.run("zero") is None
    recording.goto(0)
    assert recording.run("none").op == "exp"


def test_fractions_are_finite_and_have_sizes():
    recording = record(Value(np.array(Fraction(1, 3)), label="x") * Fraction(30))
    assert recording.run("grad > 20").name == "x"
    recording.goto(0)
    assert recording.run("not finite") is None


def test_texts_of_breakpoints_read_back():
    for text in ("nan", "not finite", "zero", "none", "grad > 10", "label w", "line 12", "line a.py:3", "op tanh", "update",
                 "op exp and not finite or label w", "not zero and not forward", "not label w or nan"):  # fmt: skip
        assert str(breakpoint_of(text)) == text
        assert str(breakpoint_of(str(breakpoint_of(text)))) == text
    assert str((zero_gradient() | not_finite()) & named("w")) == "(zero or not finite) and label w"
    for wrong in ("whenever", "", "grad > much"):
        with pytest.raises(OptionError, match="no breakpoint is written"):
            breakpoint_of(wrong)
    for wrong in (3.5, [], True):
        with pytest.raises(OptionError, match="a breakpoint is"):
            breakpoint_of(wrong)
    for call in (lambda: gradient_above(-1), lambda: in_phase("up"), lambda: not_finite("big")):
        with pytest.raises(OptionError):
            call()


# -- as data -------------------------------------------------------------------------------------------------------------


def column(packed):
    values = np.frombuffer(base64.b64decode(packed["base64"]), packed["dtype"])
    if "codes" in packed:
        values = values[column(packed["codes"])]
    if "repeat" in packed:
        values = np.repeat(values, packed["repeat"])
    return np.cumsum(values) if "sums" in packed else values


def test_the_json_has_the_numbers_of_the_graphs_json():
    _, w, b, cost = neurons()
    w.grad = 5.0
    recording = record(cost, tg.optim.SGD([w, b], lr=0.1, momentum=0.5))
    data = json.loads(recording.to_json())
    graph = tg.Graph.from_json(recording.graph.to_json())
    n = len(graph)
    assert (data["format"], data["nodes"], data["frames"]) == ("tinygrad_edu.frames/1", n, 2 * n + 2)
    np.testing.assert_array_equal(
        column(data["columns"]["gradient"]), gradients(cost, recording.graph.values, retain_graph=True)
    )
    part, holds = column(data["arguments"]["part"]), column(data["arguments"]["holds"])
    sums = np.zeros(n)
    for i in reversed(range(n)):
        for j in range(graph.columns["start"][i], graph.columns["start"][i + 1]):
            a = graph.arguments["node"][j]
            if a >= 0:
                assert holds[j] == 0
                np.testing.assert_allclose(
                    part[j], graph.arguments["local"][j] * column(data["columns"]["gradient"])[i], rtol=1e-12
                )
                sums[a] += part[j]
                assert column(data["arguments"]["after"])[j] == sums[a]
            else:
                assert holds[j] == 2
    assert data["leaves"] == [{"node": 1, "before": 5.0}]
    assert [u["name"] for u in data["updates"]] == ["w", "b"]
    assert data["updates"][0]["memory"] == {"momentum": [None, data["updates"][0]["gradient"]]}
    np.testing.assert_allclose(data["updates"][0]["after"], 1.2 - 0.1 * (5 - 0.123026284078), rtol=1e-9)


def test_the_json_of_arrays_and_of_bad_numbers():
    x = Value(np.array([0.0, 1.0]), label="x")
    q, _ = np.linalg.qr(np.eye(2) * np.sum(x))
    loss = np.sqrt(x).sum() + q.sum()
    data = json.loads(record(loss, tg.optim.SGD([x], lr=1.0)).to_json())
    assert set(column(data["columns"]["holds"])) == {0, 1, 3}
    (update,) = data["updates"]
    assert update["gradient"] == {"shape": [2], "length": "inf"}
    assert update["before"] == {"shape": [2], "length": 1.0}


# -- the player ----------------------------------------------------------------------------------------------------------


class Typed:
    """Keys from a list."""

    def __init__(self, *keys):
        self.keys = list(keys)

    def press(self):
        return self.keys.pop(0) if self.keys else ""

    def ask(self, question):
        return self.keys.pop(0)


def played(*keys, optimiser=None):
    recording = record(neurons()[-1], optimiser)
    out = io.StringIO()
    recording.play(keys=Typed(*keys), out=out)
    return recording, out.getvalue()


def test_keys_move_through_the_recording():
    for keys, position in [
        (["right", "right", "left"], 1),
        (["end"], 15), (["end", "home"], 0), (["u"], 8), (["end", "f"], 0), (["n", "n", "p"], 1),
        (["g", "12"], 11), (["space"], 8), (["space", "space"], 15), (["end", "backspace"], 7),
        (["b", "op sigmoid", "space", "space"], 10), (["b", "op sigmoid", "end", "backspace"], 10),
        (["b", "label b", "space", "b", "", "space"], 8),
    ]:  # fmt: skip
        assert played(*keys)[0].position == position, keys


def test_the_player_says_what_it_cannot_do():
    for keys, says in [
        (["left"], "the first step"), (["end", "right"], "the last step"), (["w"], "no optimiser was recorded"),
        (["x"], "'x' is no key here"), (["g", "99"], "from 1 to 16; got '99'"),
        (["b", "sometimes"], "no breakpoint is written"),
        (["b", "nan", "space"], "nothing after this where it is nan"), (["?"], "on to the breakpoint"),
        (["b", "nan"], "space runs to: nan"), (["b", ""], "no breakpoint"),
    ]:  # fmt: skip
        assert says in " ".join(played(*keys)[1].split()), keys


def test_the_player_shows_frames_and_the_tape():
    text = played("u", "right")[1]
    assert "step 10 of 16, backward: A - 1" in text
    assert text.count("●") == 3
    assert "\x1b" not in text


class Screen(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize("rich", [True, False])
@pytest.mark.parametrize("size", [(80, 24), (40, 24), (40, 12), (25, 8)])
def test_every_screen_fits_the_terminal(monkeypatch, size, rich):
    monkeypatch.setattr("shutil.get_terminal_size", lambda: os.terminal_size(size))
    if not rich:
        monkeypatch.setitem(sys.modules, "rich.console", None)
    x, net = np.ones((5, 3)), tg.nn.MLP([3, 4, 2], rng=0)
    with tg.record_source():
        loss = tg.nn.functional.cross_entropy(net(x), np.array([0, 1, 0, 1, 1]))
    recording = record(loss + np.stack([Value(float(i)) for i in range(30)]).sum(), tg.optim.Adam(net.parameters()))
    out = Screen()
    recording.play(keys=Typed("?", *["n"] * len(recording), "b", "grad > 1e9 and label nothing", "space", "?"), out=out)
    screens = out.getvalue().split("\x1b[H\x1b[2J\x1b[3J")[1:]
    assert len(screens) == len(recording) + 5
    for screen in screens:
        text = re.sub(r"\x1b\[[0-9;]*m", "", screen).split("stop at nan")[0]
        lines = text.splitlines()
        assert lines[0].startswith("step ")
        assert any("●" in line for line in lines)
        assert max(map(len, lines)) <= size[0]
        if size[1] >= 24:
            assert len(lines) < size[1]
    assert size != (25, 8) or "more lines" in out.getvalue()


def test_a_long_answer_shows_its_end(monkeypatch):
    monkeypatch.setattr("shutil.get_terminal_size", lambda: os.terminal_size((20, 10)))
    out = io.StringIO()
    keyboard = Keyboard(io.StringIO(), out)
    keys = [*"grad > 10 or nan", "right"]
    monkeypatch.setattr(keyboard, "press", lambda: keys.pop(0))
    assert keyboard.ask("stop at: ") == "grad > 10 or nan"
    assert out.getvalue().endswith("stop at:  10 or nan")
    assert max(map(len, out.getvalue().split("\r\x1b[K"))) <= 20


def test_lines_are_commands_where_there_is_no_terminal(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("\nn\ng 12\nb op power\nbackspace\n"))
    recording = record(neurons()[-1])
    out = io.StringIO()
    Player(recording, out=out).play()
    assert recording.frame.op == "power"
    assert isinstance(Player(recording).keys, Lines)


@pytest.mark.skipif(os.name == "nt", reason="a pseudo-terminal is POSIX")
def test_keys_of_a_terminal_are_read_one_by_one():
    import pty
    import termios

    here, there = pty.openpty()
    patience = threading.Timer(30, os.write, [here, b"q" * 100])  # a key that is not understood waits for more
    patience.start()
    with open(there) as stdin:
        before = termios.tcgetattr(stdin.fileno())
        out = io.StringIO()
        keyboard = Keyboard(stdin, out)
        with keyboard.open():
            for sent, name in [
                (b"\x1b[C", "right"), (b"\x1b[D", "left"), (b"\x1bOC", "right"), (b"\x1b[H", "home"), (b"\x1b[4~", "end"),
                (b" ", "space"), (b"\n", "right"), (b"\x7f", "backspace"),
                (b"u", "u"), ("é".encode(), "é"), (b"\x1b", "escape"),
            ]:  # fmt: skip
                os.write(here, sent)
                assert keyboard.press() == name
            os.write(here, b"\x1b[C\x1b[C\x1b[DqS")  # as when a key is held down
            assert [keyboard.press() for _ in range(5)] == ["right", "right", "left", "q", "S"]
            os.write(here, b"op x\x7ftanh\n")
            assert keyboard.ask("stop at: ") == "op tanh"
            assert "stop at: op tanh" in out.getvalue()
            os.write(here, b"label\x1b")
            assert keyboard.ask("stop at: ") == ""
        assert termios.tcgetattr(stdin.fileno()) == before
    patience.cancel()
    os.close(here)


def test_the_player_needs_no_rich(monkeypatch):
    monkeypatch.setitem(sys.modules, "rich.console", None)
    assert "step 9 of 16, backward: C = (A - 1)**2" in played("u")[1]


def test_a_network_of_scalars_is_recorded():
    loss = network((20, 8, 4))
    recording = record(loss)
    nodes = recording.graph.values
    for i, g in enumerate(gradients(loss, nodes, retain_graph=True)):
        assert recording[2 * len(nodes) - 1 - i].gradient == g
