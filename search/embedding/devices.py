"""What PyTorch computes on, and in which precision.

Imports torch, so it is imported where it is used.
"""

import time

import torch
import torch.nn.functional as F  # noqa: N812 (PyTorch's own custom)

_MIN_SPEEDUP = 1.3
"""bfloat16 must be this much faster than float32 on a CPU to be worth its rounding."""


def best_device() -> torch.device:
    """Return the fastest kind of device here: a CUDA one, ``mps`` or ``cpu``."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


def device_name(device: torch.device) -> str:
    """Return what to call a device: ``"cpu"``, ``"mps"``, or such as ``"cuda:0 NVIDIA H100"``."""
    if device.type != "cuda":
        return device.type
    index = device.index if device.index is not None else torch.cuda.current_device()
    return f"cuda:{index} {torch.cuda.get_device_name(index)}"


def half_precision(device: torch.device) -> torch.dtype:
    """Return the type of number that is fastest on a device and precise enough.

    This is float16 on a GPU; on a CPU, bfloat16 if it has the instructions, else float32. Asking
    the CPU to multiply answers for every make; its flags would for some.
    """
    if device.type != "cpu":
        return torch.float16
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # as `encode` has it, and so that a busy machine misleads less
    try:
        fast, exact = _multiply(torch.bfloat16), _multiply(torch.float32)
    finally:
        torch.set_num_threads(threads)
    return torch.bfloat16 if exact > _MIN_SPEEDUP * fast else torch.float32


@torch.inference_mode()
def _multiply(dtype: torch.dtype) -> float:
    # Least time of five of one product of the size that the model makes most, in seconds.
    left, right = torch.ones(512, 384, dtype=dtype), torch.ones(1536, 384, dtype=dtype)
    times = []
    for _ in range(5):
        start = time.perf_counter()
        F.linear(left, right)
        times.append(time.perf_counter() - start)
    return min(times)
