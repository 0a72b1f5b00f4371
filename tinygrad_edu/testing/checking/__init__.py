"""The parts of `check_gradients`, from the bottom up.

slopes      what f does along one line: smooth, a kink, a jump, an edge, an infinite slope
judge       whether a number that a derivative gave is right, by that
doubts      second opinions, before it is called wrong or undecided
engines     the derivatives of this package, PyTorch, JAX, HIPS autograd
adapters    a function of any of them as a function of one vector
subject     the user's function and inputs in that form, every number with a name
examine     one function at one point, along many lines
kinks       where lines along single elements are not enough
locate      the wrong element behind a wrong direction
stages      the whole check, order by order
blame       the op that is guilty, and the line that calls it
"""
