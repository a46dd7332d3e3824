// Memory of an idle client that knows 10,000 people by name and by both addresses. Needs BENCH_SERVER. One JSON line.
import { out } from './harness.mjs'
import { linked } from './linked.mjs'

const CONTACTS = 10000
const settled = () => new Promise(resolve => setTimeout(resolve, 1000)) // let the collector and the sockets come to rest
await linked('First', 'wss')
await settled()
const before = process.memoryUsage().rss
const { socket } = await linked('Second', 'wss')
const contacts = new Map(), lids = socket.signalRepository.lidMapping
const people = Array.from({ length: CONTACTS }, (_, n) => ({ pn: `1555012${String(n).padStart(5, '0')}@s.whatsapp.net`, lid: `${200000000000000 + n}@lid` }))
await lids.storeLIDPNMappings(people)
people.forEach(({ pn, lid }, n) => contacts.set(pn, { id: pn, lid, name: `Friend ${n}`, notify: `Friend ${n}` }))
for (const { pn, lid } of people) if (await lids.getLIDForPN(pn) !== lid) throw new Error('a LID is missing')
await settled()
out({ task: 'idle.contacts', side: 'baileys', kb: (process.memoryUsage().rss - before) / 1024 })
process.exit(contacts.size === CONTACTS ? 0 : 1)
