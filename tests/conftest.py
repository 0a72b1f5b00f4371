"""What every test shares: one BLAS thread, and Hypothesis profiles: the same draws each time, new ones with `dev`.

NumPy reads the number of threads when it is imported. pytest has done that by now, for the package's own plugin; what is set
here holds for the processes that pytest-xdist starts (`-n auto`), as they inherit it. In one process, more than one thread
makes nothing wrong, only slower: set OPENBLAS_NUM_THREADS=1 in the shell, as .ci/run does.
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

PEERS = {  # with the `peers` extra only
    "torch": ["torch_oracle.py", "*/test_*torch*.py"],
    "scipy": ["*/test_*scipy*.py"],
    "jax": ["*/test_*jax*.py"],
    "autograd": ["*/test_*autograd*.py"],
}
collect_ignore_glob = [name for peer, names in PEERS.items() if importlib.util.find_spec(peer) is None for name in names]
