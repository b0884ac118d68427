"""The commands of `bandai-till`, a file for each subject; typer stands here only."""
