// (6) media: encryptedStream of a 64 MB file, download + decrypt over loopback http
// BENCH_MB changes the size; the host is a process of its own, the same for both sides (../mediahost.py, in BENCH_MEDIA);
// without it a child serves the file
import { imp, main, bytes, DATA } from './harness.mjs'
import fs from 'node:fs'
import path from 'node:path'
import { spawn } from 'node:child_process'
const B = await imp('baileys/lib/index.js')
const { encryptedStream, downloadContentFromMessage } = B
const MB = +(process.env.BENCH_MB || 64), SIZE = MB * 1048576
const plain = path.join(DATA, `media_${MB}.bin`)
if (!fs.existsSync(plain)) { const b = bytes(1 << 20, 5); const fd = fs.openSync(plain, 'w'); for (let i = 0; i < MB; i++) { b.writeUInt32LE(i, 0); fs.writeSync(fd, b) } fs.closeSync(fd) }
let server
const serve = async () => {
  if (process.env.BENCH_MEDIA) { const { url, key } = JSON.parse(process.env.BENCH_MEDIA); return { url, mediaKey: Buffer.from(key, 'hex') } }
  const enc = await encryptedStream({ url: plain }, 'document')
  server = spawn(process.execPath, ['-e', `const http=require('http'),fs=require('fs');const s=http.createServer((q,r)=>{r.writeHead(200,{'content-length':fs.statSync(process.argv[1]).size});fs.createReadStream(process.argv[1],{highWaterMark:1<<20}).pipe(r)});s.listen(0,'127.0.0.1',()=>console.log(s.address().port))`, enc.encFilePath], { stdio: ['ignore', 'pipe', 'ignore'] })
  process.on('exit', () => { server.kill(); try { fs.unlinkSync(enc.encFilePath) } catch {} })
  const port = await new Promise(r => server.stdout.once('data', d => r(+d.toString())))
  return { url: `http://127.0.0.1:${port}/x`, mediaKey: enc.mediaKey }
}
await main({
  [`media.encrypt.${MB}MB`]: { bytes: SIZE, minIters: 1, run: async () => { const e = await encryptedStream({ url: plain }, 'document'); if (e.fileLength !== SIZE) throw new Error('short'); fs.unlinkSync(e.encFilePath) }, note: 'reads the file, writes the encrypted file to tmp (as before an upload)' },
  [`media.encrypt.buffer64KB`]: { bytes: 65536, setup: () => bytes(65536, 8), run: async b => { const e = await encryptedStream(b, 'image'); fs.unlinkSync(e.encFilePath) } },
  [`media.download.${MB}MB`]: { bytes: SIZE, minIters: 1, setup: serve, run: async c => { let n = 0; for await (const ch of await downloadContentFromMessage(c, 'document')) n += ch.length; if (n !== SIZE) throw new Error('short ' + n) }, note: 'http loopback + AES-CBC; Baileys checks neither the HMAC nor the SHA-256' }
})
