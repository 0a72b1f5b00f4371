"""Functions of functions: derivatives in every mode, batches, and rules of one's own."""

__all__: list[str] = []
