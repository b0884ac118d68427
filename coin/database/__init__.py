"""PostgreSQL: the connection pool, the embedded server, the migrations and the schema. Knows no use of the tables."""
