// The harness of Baileys' side; benchmarks/harness.py is its twin.
//
//   node X.mjs                 run every task, BENCH_ROUNDS rounds each, one JSON line per task
//   node X.mjs --only a,b      only tasks whose name contains one of the words
//   node X.mjs --list          task names
//   node X.mjs --serve         read {"task":..,"seconds":..} lines on stdin, answer one JSON line per round
//                              (lets a driver alternate rounds with a rival that is just as warm)
//
// BAILEYS_NM   node_modules folder that holds baileys (default: the pinned one of tests/interop)
// BENCH_DATA   folder for the inputs that both sides share (default: benchmarks/data)
// BENCH_T      seconds per round (0.5), BENCH_ROUNDS rounds (5), BENCH_WARM warm-up seconds (0.4)
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import path from 'node:path'
import fs from 'node:fs'
import readline from 'node:readline'

const here = path.dirname(fileURLToPath(import.meta.url))
export const NM = process.env.BAILEYS_NM || path.join(here, '..', '..', 'tests', 'interop', 'node_modules')
export const DATA = process.env.BENCH_DATA || path.join(here, '..', 'data')
fs.mkdirSync(DATA, { recursive: true })
export const imp = p => import(pathToFileURL(path.join(NM, p)).href)
export const req = createRequire(path.join(NM, 'baileys', 'package.json'))
export const fixture = (name, make) => {
  const f = path.join(DATA, name)
  if (!fs.existsSync(f)) fs.writeFileSync(f, make())
  return fs.readFileSync(f)
}

export const silent = { level: 'silent', child: () => silent, trace() {}, debug() {}, info() {}, warn() {}, error(...a) { if (process.env.BENCH_DEBUG) console.error(...a) } }
// libsignal writes to console on session closes; keep stdout for JSON lines
for (const k of ['log', 'info', 'warn', 'error', 'debug']) { if (!process.env.BENCH_DEBUG) console[k] = () => {} }
export const out = o => fs.writeSync(1, JSON.stringify(o) + '\n')

// deterministic PRNG (xorshift32) so that every run builds the same inputs
export const prng = seed => { let x = seed >>> 0 || 1; return () => { x ^= x << 13; x >>>= 0; x ^= x >>> 17; x ^= x << 5; x >>>= 0; return x } }
export const bytes = (n, seed = 7) => { const r = prng(seed); const b = Buffer.alloc(n); for (let i = 0; i < n; i++) b[i] = r() & 0xff; return b }

const now = () => performance.now()

/**
 * tasks: { name: { run, setup?, per?, bytes?, sync? } }
 *   run(ctx)   one operation (async unless sync: true); may return seconds spent, if the task times itself
 *   per        items per operation (ops_per_s counts items)
 *   bytes      payload bytes per item (gives mb_per_s)
 *   self       run returns {s, n}: it timed itself (s seconds for n items)
 *   minIters   at least this many operations per round (default 3)
 */
async function round(t, seconds) {
  const per = t.per || 1
  let n = 0, spent = 0
  const minI = t.minIters ?? 3
  if (t.self) {
    let iters = 0
    while (spent < seconds || iters < minI) { const r = await t.run(t.ctx); spent += r.s; n += r.n; iters++ }
  } else if (t.sync) {
    const run = t.run, ctx = t.ctx
    let k = t.chunk || 1
    const t0 = now()
    for (;;) { for (let i = 0; i < k; i++) run(ctx); n += k; spent = (now() - t0) / 1e3; if (spent >= seconds && n >= minI) break; if (!t.chunk && spent < 0.01) k = Math.min(k * 2, 4096) }
    n *= per
  } else {
    const run = t.run, ctx = t.ctx
    const t0 = now()
    for (;;) { await run(ctx); n++; spent = (now() - t0) / 1e3; if (spent >= seconds && n >= minI) break }
    n *= per
  }
  return n / spent
}
const prep = async t => { if (!t.ready) { if (t.setup) t.ctx = await t.setup(); t.ready = true; if (!t.cold) await round({ ...t, minIters: 1 }, +(process.env.BENCH_WARM || 0.4)) } }
const line = (name, t, rates, extra) => {
  const s = [...rates].sort((a, b) => a - b), med = s[s.length >> 1]
  return { task: name, side: 'baileys', ops_per_s: med, us_per_op: 1e6 / med, best_ops_per_s: s[s.length - 1], min_ops_per_s: s[0], rounds: rates.length, peak_mb: process.resourceUsage().maxRSS * 1024 / 1e6, ...(t.bytes ? { mb_per_s: med * t.bytes / 1e6 } : {}), ...extra }
}
export async function main(tasks) {
  const a = process.argv.slice(2)
  if (a.includes('--list')) { for (const k of Object.keys(tasks)) out({ task: k }); return }
  if (a.includes('--serve')) {
    out({ ready: Object.keys(tasks) })
    for await (const l of readline.createInterface({ input: process.stdin })) {
      if (!l.trim()) continue
      const q = JSON.parse(l)
      const t = tasks[q.task]
      if (!t) { out({ task: q.task, error: 'no such task' }); continue }
      try { await prep(t); out(line(q.task, t, [await round(t, q.seconds || 0.5)])) } catch (e) { out({ task: q.task, error: String(e && e.stack || e) }) }
    }
    process.exit(0)
  }
  const only = a.includes('--only') ? a[a.indexOf('--only') + 1].split(',') : null
  const T = +(process.env.BENCH_T || 0.5), R = +(process.env.BENCH_ROUNDS || 5)
  for (const [name, t] of Object.entries(tasks)) {
    if (only && !only.some(o => name.includes(o))) continue
    try {
      await prep(t)
      const rates = []
      for (let i = 0; i < R; i++) rates.push(await round(t, T))
      out(line(name, t, rates, t.note ? { note: t.note } : {}))
    } catch (e) { out({ task: name, side: 'baileys', error: String(e && e.stack || e) }) }
    if (t.teardown) await t.teardown(t.ctx)
    t.ctx = null
  }
  process.exit(0)
}
