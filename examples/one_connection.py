"""The last connection of a network: three nudges multiply to one gradient.

    w ──> z = w*a + b ──> A = sigmoid(z) ──> C = (A - y)^2

The cost's slope in w is the product of the slopes on the way: dC/dw = dz/dw * dA/dz * dC/dA.
"""

from tinygrad_edu import Value
from tinygrad_edu.ops import sigmoid

a, w, b = Value(0.6, label="a"), Value(1.2, label="w"), Value(-0.4, label="b")
y = 1.0

z = w * a + b
activation = sigmoid(z)
cost = (activation - y) ** 2
cost.backward()

dz_dw = a.item()
da_dz = activation.item() * (1 - activation.item())
dc_da = 2 * (activation.item() - y)

print(f"forward    z = {z:.2f}   A = {activation:.12f}   C = {cost:.12f}")
print(f"slopes     dz/dw = {dz_dw:.2f}   dA/dz = {da_dz:.12f}   dC/dA = {dc_da:.12f}")
print(f"product    dC/dw = {dz_dw * da_dz * dc_da:.12f}")
print(f"backward   dC/dw = {w.grad:.12f}   dC/db = {b.grad:.12f}   dC/da = {a.grad:.12f}")
