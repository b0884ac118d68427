"""The commands of `bandai-till`, a file for each subject; typer is used only here."""
