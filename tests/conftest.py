"""What every test shares: one BLAS thread, and Hypothesis profiles: the same draws each time, new ones with `dev`.

The threads must be set before NumPy is first imported, so they stand above every other import.
"""

import importlib.util
import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["MKL_NUM_THREADS"] = "1"

from hypothesis import settings

settings.register_profile("dev", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, database=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

PEERS = {"torch": ["torch_oracle.py", "*/test_*torch*.py"], "scipy": ["*/test_*scipy*.py"]}  # with the `peers` extra only
collect_ignore_glob = [name for peer, names in PEERS.items() if importlib.util.find_spec(peer) is None for name in names]
