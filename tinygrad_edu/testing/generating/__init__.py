"""Random shapes, arrays, matrices and expressions out of single choices, whoever makes them.

choosing      who chooses: Hypothesis, or random.Random
drawing       shapes, arrays, matrices
conditions    where an op is smooth
building      an expression, op by op
recipes       how each op is called
generation    a whole expression
"""
