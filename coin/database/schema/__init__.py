"""The present SQL: the tables, for reading, and the functions, the ladder, roles and policies, which `migrate` installs."""
