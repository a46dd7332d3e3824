// A Baileys client that is linked to a phone of the local server and logged in.
import { imp, silent } from './harness.mjs'
import { memStore } from './accounts.mjs'
const { makeWASocket, initAuthCreds, DisconnectReason } = await imp('baileys/lib/index.js')

export const bare = jid => jid.replace(/:\d+@/, '@')
export const until = (socket, match) => new Promise(resolve => socket.ev.on('connection.update', update => { if (match(update)) resolve(update) }))

let count = 0
export const linked = async (name, kind = 'ws', options = {}) => {
  if (!process.env.BENCH_SERVER) throw new Error('end-to-end tasks need the local server: run them by scripts/bench --only e2e')
  const server = JSON.parse(process.env.BENCH_SERVER)
  const auth = { creds: initAuthCreds(), keys: memStore() }
  const waiting = new Map(), acks = new Set()
  const client = {
    name: `${name} ${process.pid} ${++count}`,
    keys: auth.keys,
    // What a phone of the server does; its answer.
    phone: async (act, body) => {
      const answer = await fetch(`${server.http}/admin/mock-phone/${act}`, { method: 'POST', body: JSON.stringify(body) })
      if (!answer.ok) throw new Error(await answer.text())
      return answer.json()
    },
    // Resolves when the server has acked a message.
    acked: id => acks.delete(id) ? Promise.resolve() : new Promise(resolve => waiting.set(id, resolve)),
    text: text => new Promise(resolve => waiting.set(text, resolve)),
    // Resolves when the client is logged in; connects anew on 515, which follows pairing.
    start: async () => {
      const socket = client.socket = makeWASocket({ auth, logger: silent, waWebSocketUrl: server[kind], pushName: client.name, ...options })
      socket.ws.on('CB:ack,class:message', ({ attrs }) => {
        if (waiting.has(attrs.id)) { waiting.get(attrs.id)(); waiting.delete(attrs.id) } else acks.add(attrs.id)
      })
      socket.ev.on('messages.upsert', ({ messages }) => {
        for (const { message } of messages) {
          const text = message?.conversation || message?.extendedTextMessage?.text
          waiting.get(text)?.(text)
          waiting.delete(text)
        }
      })
      socket.ev.on('connection.update', ({ qr }) => { if (qr) void fetch(`${server.http}/admin/mock-phone/scan-qr`, { method: 'POST', body: qr }) })
      const end = await until(socket, update => update.connection === 'open' || update.connection === 'close')
      if (end.connection === 'open') client.me = auth.creds.me
      else if (end.lastDisconnect?.error?.output?.statusCode === DisconnectReason.restartRequired) await client.start()
      else throw end.lastDisconnect?.error ?? new Error('closed')
    }
  }
  await client.start()
  return client
}
