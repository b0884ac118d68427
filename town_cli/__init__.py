"""The town's commands (`commands`), over what runs a town (`server`) and what a clerk's desk does (`desk`).

Staff's keys are used here, on the staff's own machine, and nowhere else.
"""
