"""How other clients attach to the demo's server: whole commands and a whole program, to be copied as they are."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from motte.testing.server.app import LocalServer

_BAILEYS: Final = """\
mkdir -p baileys-demo && cd baileys-demo && npm install --silent baileys@7.0.0-rc14
cat > demo.mjs <<'EOF'
import {{ makeWASocket, useMultiFileAuthState }} from 'baileys'

console.info = () => {{}} // its Signal library prints whole sessions there
const {{ state, saveCreds }} = await useMultiFileAuthState('auth')
const start = () => {{
  const socket = makeWASocket({{ auth: state, waWebSocketUrl: '{ws}', pushName: 'Carol', syncFullHistory: false }})
  socket.ev.on('creds.update', saveCreds)
  socket.ev.on('connection.update', async ({{ qr, connection, lastDisconnect }}) => {{
    if (qr) await fetch('{http}/admin/mock-phone/scan-qr', {{ method: 'POST', body: qr }})
    if (connection === 'open') await socket.sendMessage('{number}@s.whatsapp.net', {{ text: 'Hello from Baileys' }})
    if (connection === 'close' && lastDisconnect?.error?.output?.statusCode === 515) start()
  }})
  socket.ev.on('messages.upsert', ({{ messages }}) => {{
    for (const {{ key, message }} of messages) {{
      const text = message?.conversation ?? message?.extendedTextMessage?.text
      if (!key.fromMe && text) console.log('Baileys reads:', text)
    }}
  }})
}}
start()
EOF
node demo.mjs"""


def motte(server: LocalServer, number: str) -> str:
    """Commands that link a second motte, write to `number`, and show the answer."""
    # With its whole path, as it need not be on the other terminal's PATH.
    program = Path(sys.argv[0]).absolute()
    command = shlex.quote(str(program)) if program.name == "motte" else "motte"
    return "\n".join(
        (
            f"export MOTTE_URL={shlex.quote(server.wss_url)}",
            f"export MOTTE_ROOT_KEY={server.root_key.hex()}",
            f"export MOTTE_CA_FILE={shlex.quote(str(server.ca_file))}",
            "export MOTTE_DB=dave.db",
            f"{command} login --name Dave --fake-phone",
            f"{command} send {number} 'Hello from a second motte' --wait delivered",
            f"{command} listen --limit 1",
        )
    )


def baileys(server: LocalServer, number: str) -> str:
    """Commands that install Baileys, link it as Carol and write to `number`."""
    return _BAILEYS.format(ws=server.ws_url, http=server.http_url, number=number)
