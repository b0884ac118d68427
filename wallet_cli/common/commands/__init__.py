"""Code that the commands of wallet and till share: options, questions, answers, and the command `gateway`."""
