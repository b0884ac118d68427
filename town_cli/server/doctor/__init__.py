"""What a town hall needs to know before a day begins: one line a question, with what to do where something is wrong."""
