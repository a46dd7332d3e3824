// How much memory a long file takes on its way up and down, over TLS. Needs BENCH_SERVER. One JSON line.
// ../mediamemory.py is its twin.
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { imp, out } from './harness.mjs'
import { linked } from './linked.mjs'
const { encryptedStream, downloadContentFromMessage } = await imp('baileys/lib/index.js')

const MB = +(process.env.BENCH_MB || 2000)
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bench-media-'))
process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }))
const peak = () => process.resourceUsage().maxRSS * 1024 / 1e6
const source = path.join(folder, 'source'), target = path.join(folder, 'target')
fs.writeFileSync(source, '')
fs.truncateSync(source, MB * 1048576)

const { socket } = await linked('Memory', 'wss')
const base = peak(), start = performance.now()
const { mediaKey, encFilePath, fileEncSha256 } = await encryptedStream({ url: source }, 'video', { saveOriginalFileIfRequired: false })
const { mediaUrl, directPath } = await socket.waUploadToServer(encFilePath, { mediaType: 'video', fileEncSha256B64: fileEncSha256.toString('base64') })
fs.rmSync(encFilePath)
const up = peak() - base, middle = performance.now()
await pipeline(await downloadContentFromMessage({ mediaKey, directPath, url: mediaUrl }, 'video'), fs.createWriteStream(target))
const down = peak() - base, end = performance.now()
if (fs.statSync(target).size !== MB * 1048576) throw new Error('short')
const seconds = (a, b) => Math.round((b - a) / 100) / 10
out({ task: 'media.memory', side: 'baileys', mb: MB, base_mb: base, upload_mb: up, download_mb: down, upload_seconds: seconds(start, middle), download_seconds: seconds(middle, end) })
process.exit(0)
