"""`bandai-town`: the commands (`commands`), running a town (`server`), and the work of a clerk (`desk`).

The keys of staff are used only here, on the staff's own machine.
"""
