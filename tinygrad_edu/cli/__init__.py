"""The command line: `tinygrad-edu train`, `draw`, `explain` and others; one short file a command."""

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
        code = _run(sys.argv[1:] if arguments is None else arguments)
    except TinygradError as error:
        code = _complain(str(error), getattr(error, "pointer", ""))
    except OSError as error:
        code = _complain(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    if arguments is None:
        raise SystemExit(code)
    return code


def _run(arguments: list[str]) -> int:
    try:
        import typer
    except ImportError as error:
        raise MissingExtra("the command line needs typer and rich: pip install 'tinygrad-edu[train]'") from error
    from .app import app

    try:
        result = typer.main.get_command(app)(args=arguments or ["--help"], prog_name="tinygrad-edu", standalone_mode=False)
    except (typer.Abort, KeyboardInterrupt):
        return 130
    except Exception as error:
        if not hasattr(error, "format_message"):  # what typer raises for a wrong call, wherever it keeps the class
            raise
        return _complain(f"{error.format_message()} (see tinygrad-edu {_command(error)}--help)")
    return result if isinstance(result, int) else 0


def _command(error: Exception) -> str:
    context = getattr(error, "ctx", None)
    name = context.command_path.partition(" ")[2] if context else ""
    return f"{name} " if name else ""


def _complain(message: str, pointer: str = "") -> int:
    """Say what is wrong on one line, and below it, if it is known, where."""
    print("tinygrad-edu: error:", " ".join(message.split()), file=sys.stderr)
    if pointer:
        print(pointer, file=sys.stderr)
    return 2
