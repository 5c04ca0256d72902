"""The entry point before any command runs."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.factories import REPOSITORY

INTERRUPTED = """
import sys
class Interrupt:
    def find_spec(self, name, *_):
        if name == "sitegen.cli.group":
            raise KeyboardInterrupt
sys.meta_path.insert(0, Interrupt())
from sitegen.cli.main import main
main(["--version"])
"""


def test_ctrl_c_while_modules_are_imported_is_no_traceback() -> None:
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED], capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    )  # fmt: skip

    assert (done.returncode, done.stderr) == (130, "interrupted\n")
