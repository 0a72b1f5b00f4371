"""Other numbers under the same graph: fractions without rounding, intervals with a proof, complex steps.

Each is a class of `core.exact.Scalar` in object arrays; the user's function, the ops and the rules stay as they are.
"""
