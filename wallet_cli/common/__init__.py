"""Code that the wallet and the till share: private files, the pinned town, questions and answers of commands."""
