"""How the archive's tables came to be, step by step; Alembic runs the steps that a database lacks."""
