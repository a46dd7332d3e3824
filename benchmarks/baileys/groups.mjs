// Groups of 256 and 1,024 devices on the local server; ../tasks/groups.py is its twin and explains the tasks.
// Members come from `cachedGroupMetadata`, as Baileys' documentation advises: without it each send asks the server.
import { main } from './harness.mjs'
import { linked, until } from './linked.mjs'

const WAITING = 200
let number = 0
const cache = new Map()
const options = { cachedGroupMetadata: async jid => cache.get(jid) }

const member = async devices => {
  const client = await linked('Member', 'ws', options)
  const people = Array.from({ length: devices - 2 }, (_, n) => `Crowd ${n + 1}`)
  client.group = (await client.phone('create-group', { phone: 'Crowd 0', subject: 'Everybody', people: [...people, client.name] })).group
  cache.set(client.group, await client.socket.groupMetadata(client.group))
  await send(client)
  return client
}
const send = async client => {
  const start = performance.now()
  const { key } = await client.socket.sendMessage(client.group, { text: `text ${++number}` })
  const s = (performance.now() - start) / 1e3
  await client.acked(key.id)
  return { s, n: 1 }
}
const sendKeys = async client => {
  await client.keys.set({ 'sender-key-memory': { [client.group]: null } })
  return send(client)
}
const receiver = async () => {
  const client = await linked('Reader', 'ws', options)
  client.group = (await client.phone('create-group', { phone: 'Crowd 0', subject: 'Two', people: [client.name] })).group
  return client
}
const receive = async client => {
  const closed = until(client.socket, update => update.connection === 'close')
  await client.socket.end(undefined)
  await closed
  const texts = Array.from({ length: WAITING }, () => `text ${++number}`)
  for (const text of texts) await client.phone('send', { phone: 'Crowd 0', to: client.group, text })
  const start = performance.now()
  const got = texts.map(text => client.text(text))
  await client.start()
  await Promise.all(got)
  return { s: (performance.now() - start) / 1e3, n: WAITING }
}
const sending = (devices, run) => ({ self: true, minIters: 1, setup: () => member(devices), run })
await main({
  'group.send256': sending(256, send),
  'group.send256.keys': sending(256, sendKeys),
  'group.send1024': sending(1024, send),
  'group.send1024.keys': sending(1024, sendKeys),
  'group.receive': { self: true, minIters: 1, setup: receiver, run: receive, cold: true }
})
