// Memory of each further idle client: logged in over TLS, silent, in one process. Needs BENCH_SERVER. One JSON line.
import { out } from './harness.mjs'
import { linked } from './linked.mjs'

const FIRST = 20, MORE = 30
const settled = () => new Promise(resolve => setTimeout(resolve, 1000)) // let the collector and the sockets come to rest
const clients = []
const grow = async n => { for (let i = 0; i < n; i++) clients.push(await linked('Idle', 'wss')) }
await grow(FIRST)
await settled()
const before = process.memoryUsage().rss
await grow(MORE)
await settled()
out({ task: 'idle.tls', side: 'baileys', kb_per_client: (process.memoryUsage().rss - before) / MORE / 1024 })
process.exit(0)
