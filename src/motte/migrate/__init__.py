"""Moving a session in and out: from the files of Baileys, and to and from a text that holds all of it."""

from motte.migrate.moving import Imported, export_session, import_baileys, import_session

__all__ = ["Imported", "export_session", "import_baileys", "import_session"]
