#!/usr/bin/env python3
# SPDX-FileCopyrightText: The Krater authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Training speed of Krater's engine beside PyTorch eager on the same cores: same model, weights, batches and optimiser.

    tests/bench/compare_training.py build/release [--threads 1 2] [--rounds 5] [--at-least 0.9]

The two run in turns, so that what else the machine does meets both. Prints the medians, the ratio and its range over the
rounds, and fails if the losses differ or if the ratio is below --at-least.

PyTorch is the wheel that scripts/setup has unpacked for Krater. Its Python part wants some more packages, which are
fetched once with pip into ${XDG_CACHE_HOME:-~/.cache}/krater/pytorch-bench: pure Python ones, and those of NVIDIA's
libraries that the wheel's CPU set leaves out and the system has not (at least 0.4 GB). --pytorch names a folder
for PYTHONPATH with a complete PyTorch instead.
"""

import argparse
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "krater"
PURE = ["filelock", "fsspec", "jinja2", "MarkupSafe", "mpmath", "networkx", "sympy", "typing_extensions"]
# What PyTorch 2.11.0 asks for, by the library that is in it.
NVIDIA = {
    "libcublas": "nvidia-cublas",
    "libcudnn": "nvidia-cudnn-cu13==9.19.0.56",
    "libcufft": "nvidia-cufft",
    "libcufile": "nvidia-cufile",
    "libcurand": "nvidia-curand",
    "libcusolver": "nvidia-cusolver",
    "libcusparse": "nvidia-cusparse",
    "libcusparseLt": "nvidia-cusparselt-cu13==0.8.0",
    "libnccl": "nvidia-nccl-cu13==2.28.9",
    "libnvJitLink": "nvidia-nvjitlink",
    "libnvrtc": "nvidia-cuda-nvrtc",
    "libnvshmem_host": "nvidia-nvshmem-cu13==3.4.5",
}


def library_path(folder):
    return os.pathsep.join(str(path) for path in sorted(folder.glob("nvidia/*/lib")))


def missing_packages(torch, folder):
    """Packages of the libraries that libtorch_python.so does not find."""
    environment = dict(os.environ, LD_LIBRARY_PATH=library_path(folder))
    listing = subprocess.run(["ldd", torch / "torch/lib/libtorch_python.so"], env=environment, capture_output=True, text=True)
    names = set(re.findall(r"(lib\w+)\.so[\d.]* => not found", listing.stdout))
    if unknown := names - NVIDIA.keys():
        sys.exit(f"PyTorch needs {', '.join(sorted(unknown))}, which no package in this script has; use --pytorch.")
    return [NVIDIA[name] for name in sorted(names)]


def pytorch_environment(given):
    """Environment in which `import torch` works."""
    common = dict(os.environ, OMP_WAIT_POLICY="passive")
    if given:
        return dict(common, PYTHONPATH=str(given))
    found = [CACHE / f"libtorch-2.11.0-{kind}" for kind in ("cuda", "cpu") if (CACHE / f"libtorch-2.11.0-{kind}/torch").is_dir()]
    if not found:
        sys.exit(f"No PyTorch in {CACHE}: run scripts/setup, or use --pytorch.")
    folder = CACHE / "pytorch-bench"
    wanted = missing_packages(found[0], folder)
    if not (folder / "sympy").is_dir():
        wanted += PURE
    if wanted:
        print(f"Fetching {', '.join(wanted)} into {folder}", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--only-binary=:all:", "--upgrade",
                        "--target", folder, *wanted], check=True)
    return dict(common, PYTHONPATH=f"{found[0]}{os.pathsep}{folder}", LD_LIBRARY_PATH=library_path(folder))


def run(command, environment):
    result = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True)
    if result.returncode != 0:
        sys.exit(f"{command[0]} failed.")
    return json.loads(result.stdout)


def compare(arguments, environment, threads, options):
    weights = arguments.build / "tests/bench_weights.bin"
    own = [arguments.build / "tests/bench_training", "--threads", str(threads), "--weights", weights, *options]
    other = [sys.executable, "-W", "ignore", HERE / "pytorch_eager.py", "--threads", str(threads), "--weights", weights, *options]
    rounds = []
    for _ in range(arguments.rounds):
        krater, pytorch = run(own, os.environ), run(other, environment)
        difference = max(abs(a - b) for a, b in zip(krater["losses"], pytorch["losses"]))
        rounds.append((krater["tokens_per_second"], pytorch["tokens_per_second"], difference))
    ratios = sorted(own / other for own, other, _ in rounds)
    row = dict(
        threads=threads,
        krater=statistics.median(own for own, _, _ in rounds),
        pytorch=statistics.median(other for _, other, _ in rounds),
        ratio=statistics.median(ratios),
        least=ratios[0],
        most=ratios[-1],
        difference=max(difference for _, _, difference in rounds),
    )
    print("{threads:7}  {krater:13.0f}  {pytorch:13.0f}  {ratio:5.2f} ({least:.2f} to {most:.2f})  {difference:.1e}".format(**row))
    return row


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path, help="build folder, with bench_training built")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, os.cpu_count()])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--at-least", type=float, default=0.0, help="fail if a ratio is lower")
    parser.add_argument("--pytorch", type=pathlib.Path)
    # The quick start's shape, unless other options of both programs (--layers 6 --width 256 ...) follow.
    arguments, options = parser.parse_known_args()
    environment = pytorch_environment(arguments.pytorch)
    print("threads  Krater tok/s   PyTorch tok/s  ratio (range)         largest difference of losses, nats")
    rows = [compare(arguments, environment, threads, options) for threads in arguments.threads]
    if any(row["difference"] > 1e-3 for row in rows):
        sys.exit("The two do not train the same model.")
    if any(row["ratio"] < arguments.at_least for row in rows):
        sys.exit(f"Krater is slower than {arguments.at_least} of PyTorch eager.")


main()
