// (2) noise transport frames: makeNoiseHandler in transport state
import { imp, main, bytes, silent, fixture } from './harness.mjs'
const B = await imp('baileys/lib/index.js')
const { makeNoiseHandler, Curve, NOISE_WA_HEADER, NOISE_MODE, hkdf, aesEncryptGCM, encodeBinaryNode } = B

const salt = Buffer.from(NOISE_MODE)
const key = hkdf(Buffer.alloc(0), 64, { salt, info: '' })
const readKey = key.subarray(32)
const ivOf = c => { const iv = new Uint8Array(12); new DataView(iv.buffer).setUint32(8, c); return iv }
const fresh = async () => { const h = makeNoiseHandler({ keyPair: Curve.generateKeyPair(), NOISE_HEADER: NOISE_WA_HEADER, logger: silent }); await h.finishInit(); h.encodeFrame(Buffer.from('x')); return h }
const frameOf = (p, c) => { const e = aesEncryptGCM(p, readKey, ivOf(c), Buffer.alloc(0)); return Buffer.concat([Buffer.from([e.length >> 16, (e.length >> 8) & 255, e.length & 255]), e]) }

const tasks = {}
for (const [name, n] of [['300B', 300], ['16KB', 16384]]) {
  const p = bytes(n, 9), N = 2000
  tasks[`noise.encrypt.${name}`] = { sync: true, bytes: n, chunk: 64, setup: fresh, run: h => h.encodeFrame(p) }
  tasks[`noise.decrypt.${name}`] = {
    self: true, bytes: n,
    setup: () => Array.from({ length: N }, (_, i) => frameOf(p, i).subarray(3)),
    run: async fr => { const h = await fresh(); const t0 = performance.now(); for (let i = 0; i < N; i++) h.decrypt(fr[i]); return { s: (performance.now() - t0) / 1e3, n: N } }
  }
}
// decodeFrame = frame split + decrypt + decodeBinaryNode, one websocket message per frame
{
  const { default: fs } = await import('node:fs'); const { DATA } = await import('./harness.mjs')
  const wire = fs.existsSync(DATA + '/node_message.bin') ? fs.readFileSync(DATA + '/node_message.bin') : encodeBinaryNode({ tag: 'message', attrs: { from: '15550100001@s.whatsapp.net', id: '3EB0AA', t: '1716300000' }, content: [{ tag: 'enc', attrs: { v: '2', type: 'msg' }, content: bytes(200, 3) }] })
  const N = 2000
  tasks['noise.decodeFrame.message'] = {
    self: true, bytes: wire.length,
    setup: () => Array.from({ length: N }, (_, i) => frameOf(wire, i)),
    run: async fr => { const h = await fresh(); let c = 0; const on = () => { c++ }; const t0 = performance.now(); for (let i = 0; i < N; i++) await h.decodeFrame(fr[i], on); const s = (performance.now() - t0) / 1e3; if (c !== N) throw new Error('lost frames'); return { s, n: N } }
  }
}
await main(tasks)
