"""PostgreSQL: the pool, the embedded server, the migrations. Knows connections, never what is stored in them."""
