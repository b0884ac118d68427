"""The commands of `bandai-wallet`, a file for each subject; typer stands here only."""
