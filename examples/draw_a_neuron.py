"""Draw what a neuron remembers of its call, before and after backpropagation."""

import sys
from pathlib import Path

import numpy as np

import tinygrad_edu as tg

x = [tg.Value(2.0, label="x1"), tg.Value(0.0, label="x2")]
w = [tg.Value(-3.0, label="w1"), tg.Value(1.0, label="w2")]
b = tg.Value(6.8813735870195432, label="b")

with tg.scope("neuron"):
    out = np.tanh(x[0] * w[0] + x[1] * w[1] + b)
out.label = "out"
out.backward()

for v in (*x, *w, b):
    print(f"{v.label:>3}   data {v.item():7.4f}   gradient {v.grad:7.4f}")

file = Path(sys.argv[1] if len(sys.argv) > 1 else "neuron.svg")
out.graph().render(file)
print(f"drawn in {file.name}")
