"""What people read: the guide of the API, the causes and cures of errors, and how their pages look."""
