"""sitegen turns directories of experiment runs into a self-contained static website.

What training code calls is loaded when it is first named, and never the site generator.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sitegen.sdk.alerts import AlertFired
    from sitegen.sdk.experiments import (
        archive_experiment,
        create_experiment,
        restore_experiment,
    )
    from sitegen.sdk.faults import LogTypeError, LogValueError, LostRecordsWarning
    from sitegen.sdk.lifecycle import current_run
    from sitegen.sdk.run import Run
    from sitegen.sdk.session import start_run

__version__ = "0.1.0"

__all__ = [
    "AlertFired",
    "LogTypeError",
    "LogValueError",
    "LostRecordsWarning",
    "Run",
    "archive_experiment",
    "create_experiment",
    "current_run",
    "restore_experiment",
    "start_run",
]

_MODULES = {
    "AlertFired": "alerts",
    "LogTypeError": "faults",
    "LogValueError": "faults",
    "LostRecordsWarning": "faults",
    "Run": "run",
    "archive_experiment": "experiments",
    "create_experiment": "experiments",
    "current_run": "lifecycle",
    "restore_experiment": "experiments",
    "start_run": "session",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"sitegen.sdk.{_MODULES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
