"""The commands of `bandai-wallet`, a file for each subject; typer is used only here."""
