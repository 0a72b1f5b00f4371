"""Time travel: the forward pass, the backward pass and the update, one frame at a time, in either direction."""
