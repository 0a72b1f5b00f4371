"""Random expressions here and in PyTorch: how they are compared, and how a failure is made small.

torch_functions   PyTorch's functions under the names of our ops
comparison        two sets of numbers, and what rounding may do to them
reduction         the smallest expression that still fails
"""
