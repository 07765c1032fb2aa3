"""``fastlr completion``: the script by which a shell completes the program's words."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from fastlr.cli.usage import HELP, examples

SHELLS = ("bash", "zsh", "fish")


@click.command(
    context_settings=HELP,
    short_help="Print a script for the completion of your shell.",
    epilog=examples(
        'eval "$(fastlr completion bash)"    # in ~/.bashrc',
        'eval "$(fastlr completion zsh)"     # in ~/.zshrc',
        "fastlr completion fish > ~/.config/fish/completions/fastlr.fish",
    ),
)
@click.argument("shell", type=click.Choice(SHELLS), metavar="SHELL")
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print a script for the completion of commands and options in your shell."""
    completion_class = get_completion_class(shell)
    assert completion_class is not None
    root = context.find_root().command
    # Not `source()`, which first runs bash to ask for its version.
    script = completion_class(root, {}, "fastlr", "_FASTLR_COMPLETE")
    click.echo(script.source_template % script.source_vars())
