"""The checks of `bandai-town doctor`: one line for each question, and what to do if something is wrong."""
