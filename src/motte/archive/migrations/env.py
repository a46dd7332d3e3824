"""What Alembic runs: the steps, within the transaction of the connection that it is handed."""

from alembic import context

from motte.archive.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
context.run_migrations()
