"""The town's commands. Staff's keys are used here, on the staff's own machine, and nowhere else."""
