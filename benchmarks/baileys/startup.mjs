// What a process costs: wall time and memory of `import('baileys')`, a fresh Node.js per sample. Prints one JSON line.
import { spawn } from 'node:child_process'
import { NM, out } from './harness.mjs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

const entry = JSON.stringify(pathToFileURL(path.join(NM, 'baileys/lib/index.js')).href)
const code = `await import(${entry}); process.stdout.write(JSON.stringify({ rss: process.memoryUsage().rss }) + '\\n', () => process.exit(0))`
const sample = () => new Promise((resolve, reject) => {
  const start = performance.now()
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'ignore'] })
  let text = ''
  child.stdout.on('data', data => { text += data })
  child.on('close', code => code ? reject(new Error(`child ended with ${code}`)) : resolve({ wall: (performance.now() - start) / 1e3, rss: JSON.parse(text).rss / 1e6 }))
})
const median = values => [...values].sort((a, b) => a - b)[values.length >> 1]
const samples = []
for (let i = 0; i < +(process.env.BENCH_ROUNDS || 5); i++) samples.push(await sample())
out({ task: 'startup.import', side: 'baileys', seconds: median(samples.map(s => s.wall)), rss_mb: median(samples.map(s => s.rss)) })
