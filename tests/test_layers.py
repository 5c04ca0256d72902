"""The house: a module imports its own floor and lower ones, libraries stay where they belong."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.factories import REPOSITORY

PACKAGE = REPOSITORY / "sitegen"
MODULES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))

FLOORS = {
    "__init__": 0, "errors": 0, "units": 0, "records": 0, "installed": 0,
    "model": 1, "bundle": 1,
    "read": 2, "derive": 3, "pages": 4, "render": 5, "build": 6,
    "cli": 7, "serve": 7, "publish": 7, "annotate": 7, "__main__": 8,
    "sdk": 2, "importers": 7,
}  # fmt: skip
"""Floor of each module and folder of sitegen/, as DESIGN has them."""

MAY_IMPORT = {
    "sdk": {"errors", "records", "units", "model", "bundle", "sdk", "__init__"},
    "importers": {"errors", "records", "units", "model", "bundle", "sdk", "importers", "__init__"},
}
"""Rooms that see less than their floor."""

ONLY_IN = {
    "click": {"cli"},
    "rich": {"cli"},
    "jinja2": {"render", "build/steps/pages.py"},
    "markupsafe": {"render"},
    "markdown_it": {"render"},
    "mdit_py_plugins": {"render"},
    "scipy": {"derive"},
    "pygments": {"derive", "render"},
    "pyarrow": {"read", "sdk/compact.py"},
    "numpy": {"read", "derive", "pages"},
    "opentelemetry": {"read", "sdk"},
    "genai_prices": {"derive/llm/prices.py"},
    "plotly": set(),
    "multiprocessing": {"build"},
    # the last converts, and may be killed
    "subprocess": {"read/git.py", "sdk/recorded.py", "read/documents/docx.py"},
    "mammoth": {"read"},
    "nh3": {"read"},
    "psutil": {"sdk/system.py"},
    "pynvml": {"sdk/system.py"},
    "socket": {"serve/server.py"},
    "starlette": {"serve"},
    "uvicorn": {"serve"},
    "watchfiles": {"serve"},
    "urllib.request": set(),
    "http": {"sdk/collect_server.py"},
    "pickle": set(),
    "random": set(),
    "locale": set(),
}
"""Rooms (or single modules) that may import a library; none: nobody."""

LIGHT_LIBRARIES = {"msgspec"}
"""What floors 0 and 1 may import besides the standard library and themselves."""


def room_of(module: str) -> str:
    """`read` of read/files.py, `errors` of errors.py."""
    return module.partition("/")[0].removesuffix(".py")


def imports(module: str) -> Iterator[tuple[str, int]]:
    """Every imported name and its line, those inside functions too, those for types alone not."""
    tree = ast.parse((PACKAGE / module).read_text(encoding="utf-8"))
    for_types = {
        id(node)
        for branch in ast.walk(tree)
        if isinstance(branch, ast.If) and "TYPE_CHECKING" in ast.unparse(branch.test)
        for node in ast.walk(branch)
    }
    for node in ast.walk(tree):
        if id(node) in for_types:
            continue
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}:{node.lineno} imports relatively"
            for alias in node.names:
                yield f"{node.module}.{alias.name}", node.lineno


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_its_own_floor_and_lower_ones_only(module: str) -> None:
    room = room_of(module)
    allowed = MAY_IMPORT.get(room)

    for name, line in imports(module):
        parts = name.split(".")
        if parts[0] != "sitegen":
            continue
        other = parts[1] if len(parts) > 1 and parts[1] in FLOORS else "__init__"
        place = f"{module}:{line} imports {name}"
        assert FLOORS[other] <= FLOORS[room], place
        assert allowed is None or other in allowed, place


@pytest.mark.parametrize("module", MODULES)
def test_a_library_is_imported_where_it_belongs_only(module: str) -> None:
    for name, line in imports(module):
        for library, rooms in ONLY_IN.items():
            if name == library or name.startswith(f"{library}."):
                assert room_of(module) in rooms or module in rooms, (
                    f"{module}:{line} imports {name}"
                )


def test_every_room_has_a_floor() -> None:
    assert {room_of(module) for module in MODULES} <= set(FLOORS)


@pytest.mark.parametrize(
    "module",
    [module for module in MODULES if FLOORS[room_of(module)] <= 1 and module != "__main__.py"],
)
def test_floors_zero_and_one_import_nothing_heavy(module: str) -> None:
    for name, line in imports(module):
        library = name.partition(".")[0]
        is_light = library in LIGHT_LIBRARIES | {"sitegen"} or library in sys.stdlib_module_names
        assert is_light, f"{module}:{line} imports {name}"


def loaded_by(statement: str) -> set[str]:
    """Top-level modules that *statement* loads in a fresh interpreter."""
    code = f"import sys\n{statement}\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


HEAVY = {
    "numpy",
    "pyarrow",
    "scipy",
    "pygments",
    "jinja2",
    "plotly",
    "opentelemetry",
    "markdown_it",
    "mammoth",
    "nh3",
    "starlette",
    "uvicorn",
    "watchfiles",
}


@pytest.mark.parametrize(
    "statement",
    [
        "import sitegen.bundle.schema, sitegen.bundle.conditions, sitegen.bundle.paths",
        "import sitegen.model, sitegen.errors, sitegen.units",
        "import sitegen.cli.main",
        "import sitegen; sitegen.start_run",
        "import sitegen.read.manifest, sitegen.read.bundle, sitegen.read.settings",
    ],
)
def test_what_is_light_loads_nothing_heavy(statement: str) -> None:
    assert loaded_by(statement) & HEAVY == set()


def calls(module: str) -> Iterator[tuple[str, int]]:
    """Dotted names that are called, with their line."""
    tree = ast.parse((PACKAGE / module).read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node.lineno


CLOCKS = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time",
          "time.localtime", "time.gmtime", "uuid.uuid4", "uuid.uuid1", "os.urandom", "os.getlogin",
          "socket.gethostname", "platform.node", "getpass.getuser", "eval", "exec", "os.system",
          "os.popen"}  # fmt: skip


PRESENT = {"serve", "sdk"}
"""Rooms that run when a person or a training does; a build gives the same bytes at any time."""


@pytest.mark.parametrize("module", MODULES)
def test_nothing_asks_the_clock_the_machine_or_the_shell(module: str) -> None:
    """`time.perf_counter` times a build for the terminal; `serve` and `sdk` live in the present."""
    for name, line in calls(module):
        assert name not in CLOCKS or room_of(module) in PRESENT, f"{module}:{line} calls {name}"


READS_ENVIRONMENT = {"read/git.py", "sdk/places.py", "sdk/recorded.py"}
"""SITEGEN_DIR says where runs lie; git is called with the environment that the user has."""


@pytest.mark.parametrize("module", [one for one in MODULES if room_of(one) not in {"cli", "serve"}])
def test_nothing_below_the_command_line_prints_or_reads_the_environment(module: str) -> None:
    text = (PACKAGE / module).read_text(encoding="utf-8")

    for name, line in calls(module):
        assert name not in {"print", "sys.exit", "os.getenv"}, f"{module}:{line} calls {name}"
    assert "os.environ" not in text or module in READS_ENVIRONMENT, module


CALLS_STRANGERS = {"build/workers/worker.py", "sdk/alerts.py"}
"""A worker sends it to the pool, which raises it; a caller's web hook must not end a training."""


@pytest.mark.parametrize("module", MODULES)
def test_no_fault_is_caught_that_is_not_known(module: str) -> None:
    """`except Exception` hides our own bugs; a worker sends them to the pool, which raises them."""
    tree = ast.parse((PACKAGE / module).read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler) and module not in CALLS_STRANGERS:
            caught = "" if node.type is None else ast.unparse(node.type)
            assert caught not in {"", "Exception", "BaseException"}, f"{module}:{node.lineno}"


def test_inputs_are_opened_on_the_reading_floor_only() -> None:
    """Pages and numbers come from facts; `open_file` is the one way to a file of a bundle."""
    for module in MODULES:
        if room_of(module) in {"derive", "pages", "units.py", "model", "bundle"}:
            for name, line in calls(module):
                last = name.rpartition(".")[2]
                assert last not in {
                    "open",
                    "read_text",
                    "read_bytes",
                    "scandir",
                    "listdir",
                    "glob",
                }, f"{module}:{line} calls {name}"


def test_files_are_of_a_size_that_can_be_read() -> None:
    long = {
        module: lines
        for module in MODULES
        if (lines := len((PACKAGE / module).read_text(encoding="utf-8").splitlines())) > 420
    }

    assert long == {}


def test_the_tests_are_no_part_of_the_package() -> None:
    for module in MODULES:
        for name, _ in imports(module):
            assert not name.startswith(("tests", "pytest", "hypothesis")), module
