"""SQL as it is now: tables to read, and the functions, the ladder, the roles and policies that `migrate` installs."""
