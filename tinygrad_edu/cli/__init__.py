"""The command line: `tinygrad-edu train`, `predict`, `data`; one short file a command."""

from __future__ import annotations

import sys

from ..errors import MissingExtra, TinygradError

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; the exit code is 0, 2 for a mistake in the call or its files, 130 when interrupted.

    Args:
        arguments: without the program's name; those of the process if not said.
    """
    try:
        code = _run(arguments)
    except (TinygradError, OSError) as error:
        code = _complain(str(error))
    if arguments is None:
        raise SystemExit(code)
    return code


def _run(arguments: list[str] | None) -> int:
    try:
        import click
        import typer
    except ImportError as error:
        raise MissingExtra("the command line needs typer and rich: pip install 'tinygrad-edu[train]'") from error
    from .app import app

    try:
        result = typer.main.get_command(app)(args=arguments, prog_name="tinygrad-edu", standalone_mode=False)
    except click.UsageError as error:
        return _complain(f"{error.format_message()} (see tinygrad-edu {_command(error)}--help)")
    except click.ClickException as error:
        return _complain(error.format_message())
    except (click.Abort, KeyboardInterrupt):
        return 130
    return result if isinstance(result, int) else 0


def _command(error: object) -> str:
    context = getattr(error, "ctx", None)
    name = context.command_path.partition(" ")[2] if context else ""
    return f"{name} " if name else ""


def _complain(message: str) -> int:
    print("tinygrad-edu: error:", " ".join(message.split()), file=sys.stderr)
    return 2
