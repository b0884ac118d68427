"""What staff type: the words, the questions and the answers of `bandai-town`, a file for each command. Typer stands here only."""
