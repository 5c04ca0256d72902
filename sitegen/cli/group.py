"""`sitegen`: the group of commands.

Commands are imported when they are called, so that `--help` and `--version` cost no heavy import.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

import click

from sitegen import __version__
from sitegen.cli.terminal import plain_text
from sitegen.errors import SitegenError

if TYPE_CHECKING:
    from sitegen.build.last_build.scan import Look

_COMMANDS = {
    "build": "Build the site of all runs below RUNS.",
    "serve": "Serve the site on this machine, built again as runs change.",
    "check": "Print the problems of all runs below RUNS; write nothing.",
    "collect": "Receive OpenTelemetry traces into a run, from any process.",
    "verify": "Check a site against its manifest, or against its runs.",
    "compact": "Put runs that never ended in order.",
    "annotate": "Add, list, edit, remove, format, carry, compare annotations.",
    "schema": "Print the JSON Schema of a file of the format.",
}


class Call(NamedTuple):
    """What a command may know of how it was called."""

    arguments: tuple[str, ...]
    """The arguments, as typed."""
    look: Look | None
    """What was looked at to see whether a build has anything to do."""


class _LazyGroup(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = import_module(f"sitegen.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        import difflib

        name = args[0]
        if name not in _COMMANDS and not name.startswith("-"):
            near = difflib.get_close_matches(name, _COMMANDS, n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            ctx.fail(f"No such command {name!r}.{hint}")
        return super().resolve_command(ctx, args)


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="sitegen")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def cli(*, debug: bool) -> None:
    """Turn directories of ML and LLM experiment runs into a self-contained website.

    \b
    sitegen build runs/ -o site     build the site, then open site/index.html
    """
    del debug  # `run` looks for it among the arguments


def run(arguments: list[str], look: Look | None = None) -> int:
    """Run the command of *arguments*; the exit code."""
    try:
        call = Call(tuple(arguments), look)
        code = cli.main(args=arguments, obj=call, prog_name="sitegen", standalone_mode=False)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted", err=True)
        return 130
    except SitegenError as error:
        if "--debug" in arguments:
            raise
        click.echo(f"error: {plain_text(str(error))}", err=True)
        if error.hint:
            click.echo(f"  hint: {plain_text(error.hint)}", err=True)
        return error.exit_code
    return code if isinstance(code, int) else 0
