"""Measured claims. Each is run by name, `python -m tests.benchmarks.scalar`, and prints a ratio to a named peer.

Both sides run in turn in one process on one BLAS thread, so that whatever else the machine does falls on both; the figure
is the median over rounds of the ratio in a round. No test asserts a time.
"""

import os

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")  # before NumPy is imported
