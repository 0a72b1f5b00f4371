"""What is wrong with a graph, and why: gradients that are zero, NaNs, forms that lose digits; each with its cure."""
