"""Every command as click has it: usage, help, examples, options."""

from __future__ import annotations

import inspect
import re

import click

from sitegen.cli.group import cli


def commands(_: str) -> str:
    """A section for each command, in the order of `sitegen --help`."""
    context = click.Context(cli, info_name="sitegen")
    sections = []
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        assert command is not None
        own = click.Context(command, info_name=name, parent=context)
        sections.append(_section(own, command))
        if isinstance(command, click.Group):
            sections += [
                _section(click.Context(one, info_name=part, parent=own), one)
                for part, one in command.commands.items()
            ]
    return "\n\n".join(sections)


def _section(context: click.Context, command: click.Command) -> str:
    text = inspect.cleandoc(command.help or "").replace("\b\n", "\b")
    paragraphs = [part for part in re.split(r"\n\s*\n", text) if part.strip()]
    examples = [part.removeprefix("\b") for part in paragraphs if part.startswith("\b")]
    prose = [" ".join(part.split()) for part in paragraphs if not part.startswith("\b")]
    usage = " ".join(command.collect_usage_pieces(context))
    mark = "##" if context.parent and context.parent.parent is None else "###"
    parts = [f"{mark} {context.command_path}", f"    {context.command_path} {usage}", *prose]
    parts += [f"```sh\n{inspect.cleandoc(one)}\n```" for one in examples]
    rows = [
        f"| {_names(option)} | {_cell(option.help or '')} |"
        for option in command.params
        if isinstance(option, click.Option) and not option.hidden
    ]
    parts.append("| Option | |\n|---|---|\n" + "\n".join(rows) if rows else "It has no options.")
    return "\n\n".join(parts)


def _names(option: click.Option) -> str:
    names = ", ".join(f"`{name}`" for name in option.opts)
    if option.is_flag:
        return names
    value = option.metavar or option.type.name.upper()
    return f"{names} *{_cell(value)}*"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("[", "\\[")
