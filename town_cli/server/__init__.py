"""What runs a town where its books are: its folder, the parts it brings, who may run them, deployment, the processes, the doctor."""
