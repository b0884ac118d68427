"""The entry point of Alembic; it uses the transaction of coin.database.migrate."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
