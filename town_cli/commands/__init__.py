"""The command line of `bandai-town`, a file for each command: arguments, questions and answers. Typer is used only here."""
