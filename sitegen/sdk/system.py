"""System metrics: CPU, memory and, where their libraries are installed, disks, network and GPUs.

psutil (`pip install sitegen-reports[system]`) gives most; without it the process's own CPU time
and memory are read from the standard library. nvidia-ml-py gives the GPUs.
"""

from __future__ import annotations

import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

Sample = dict[str, float]
INTERVAL_S = 10.0
_MB = 1_000_000


def system_sampler() -> Callable[[], Sample]:
    """A function that gives the metrics of now; rates are since its last call."""
    parts = [_process_sampler(), *_machine_samplers(), *_gpu_samplers()]

    def sample() -> Sample:
        return {f"system/{name}": value for part in parts for name, value in part().items()}

    return sample


def _process_sampler() -> Callable[[], Sample]:
    last = [time.monotonic(), time.process_time()]

    def sample() -> Sample:
        now, used = time.monotonic(), time.process_time()
        elapsed = max(now - last[0], 1e-6)
        percent = 100 * (used - last[1]) / elapsed
        last[:] = [now, used]
        return {"process/cpu_percent": round(percent, 2), "process/memory_mb": _memory_mb()}

    return sample


def _memory_mb() -> float:
    """Resident memory now; where only its peak is known, that."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return round(peak * (1 if sys.platform == "darwin" else 1024) / _MB, 3)
    return round(pages * os.sysconf("SC_PAGE_SIZE") / _MB, 3)


def _machine_samplers() -> Iterator[Callable[[], Sample]]:
    try:
        import psutil
    except ImportError:
        return
    psutil.cpu_percent()  # the first call has no interval yet
    counters = psutil.disk_io_counters, psutil.net_io_counters
    last: list[Any] = [time.monotonic(), *(read() for read in counters)]

    def sample() -> Sample:
        memory = psutil.virtual_memory()
        now = [time.monotonic(), *(read() for read in counters)]
        elapsed = max(now[0] - last[0], 1e-6)
        rates = _rates(last[1:], now[1:], elapsed)
        last[:] = now
        return {
            "cpu_percent": psutil.cpu_percent(),
            "memory_percent": memory.percent,
            "memory_used_mb": round((memory.total - memory.available) / _MB, 1),
            **rates,
        }

    yield sample


def _rates(before: list[Any], after: list[Any], elapsed_s: float) -> Sample:
    """MB per second; a machine without disks or network has no counters."""
    fields = (
        (0, "disk/read_mb_per_s", "read_bytes"), (0, "disk/write_mb_per_s", "write_bytes"),
        (1, "network/received_mb_per_s", "bytes_recv"), (1, "network/sent_mb_per_s", "bytes_sent"),
    )  # fmt: skip
    return {
        name: round((getattr(after[which], key) - getattr(before[which], key)) / _MB / elapsed_s, 4)
        for which, name, key in fields
        if before[which] is not None and after[which] is not None
    }


def _gpu_samplers() -> Iterator[Callable[[], Sample]]:
    try:
        import pynvml
    except ImportError:
        return
    try:
        pynvml.nvmlInit()
        handles = [
            pynvml.nvmlDeviceGetHandleByIndex(index) for index in range(pynvml.nvmlDeviceGetCount())
        ]
    except pynvml.NVMLError:  # the library is there, a driver is not
        return
    for index, handle in enumerate(handles):
        yield _gpu_sampler(pynvml, index, handle)


def _gpu_sampler(nvml: Any, index: int, handle: Any) -> Callable[[], Sample]:
    reads: dict[str, Callable[[], float]] = {
        "utilization_percent": lambda: nvml.nvmlDeviceGetUtilizationRates(handle).gpu,
        "memory_used_mb": lambda: nvml.nvmlDeviceGetMemoryInfo(handle).used / _MB,
        "temperature_c": lambda: nvml.nvmlDeviceGetTemperature(handle, nvml.NVML_TEMPERATURE_GPU),
        "power_w": lambda: nvml.nvmlDeviceGetPowerUsage(handle) / 1000,
    }

    def sample() -> Sample:
        known: Sample = {}
        for name, read in reads.items():
            try:
                known[f"gpu{index}/{name}"] = round(float(read()), 3)
            except nvml.NVMLError:  # not every card tells everything
                continue
        return known

    return sample
