// Two Baileys clients and the local server between them. Needs BENCH_SERVER, see benchmarks/server.py.
//   e2e.connect     log in with a linked device's keys, until `open`
//   e2e.roundtrip   a text there and a text back
//   e2e.messages    100 texts sent without waiting, until the other side has them all; ops = messages
import { main } from './harness.mjs'
import { linked, bare, until } from './linked.mjs'

const pair = async () => {
  const [ann, bob] = [await linked('Ann'), await linked('Bob')]
  ann.peer = bare(bob.me.lid)
  bob.peer = bare(ann.me.lid)
  for (const [from, to] of [[ann, bob], [bob, ann], [ann, bob]]) await exchange(from, to)
  return { ann, bob }
}
let number = 0
const exchange = async (from, to) => {
  const text = `text ${++number}`
  const got = to.text(text)
  await from.socket.sendMessage(from.peer, { text })
  await got
}
const roundtrip = async ({ ann, bob }) => { await exchange(ann, bob); await exchange(bob, ann) }
const burst = async ({ ann, bob }) => {
  const texts = Array.from({ length: 100 }, () => `text ${++number}`)
  const start = performance.now()
  const got = texts.map(text => bob.text(text))
  await Promise.all(texts.map(text => ann.socket.sendMessage(ann.peer, { text })))
  await Promise.all(got)
  return { s: (performance.now() - start) / 1e3, n: texts.length }
}
const connect = async client => {
  const closed = until(client.socket, update => update.connection === 'close')
  await client.socket.end(undefined)
  await closed
  const start = performance.now()
  await client.start()
  return { s: (performance.now() - start) / 1e3, n: 1 }
}
await main({
  'e2e.connect': { self: true, setup: () => linked('Zoe'), run: connect, cold: true },
  'e2e.roundtrip': { setup: pair, run: roundtrip },
  'e2e.messages': { self: true, setup: pair, run: burst }
})
