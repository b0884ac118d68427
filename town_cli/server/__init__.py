"""Running a town on the machine of its books: its folder, the bundled database and chain and their lock, deployment,
processes, the doctor."""
