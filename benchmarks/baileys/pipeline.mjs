// incoming 1:1 text message, whole path without socket and event buffer: frame -> noise decrypt -> decodeBinaryNode -> decryptMessageNode (Signal + Message.decode)
// sender alternates: burst (symmetric ratchet only). ops = messages
import { imp, main, silent, bytes } from './harness.mjs'
import { B, pair, Curve } from './accounts.mjs'
const { makeNoiseHandler, NOISE_WA_HEADER, NOISE_MODE, hkdf, aesEncryptGCM, encodeBinaryNode, decryptMessageNode, proto, writeRandomPadMax16 } = B
const readKey = hkdf(Buffer.alloc(0), 64, { salt: Buffer.from(NOISE_MODE), info: '' }).subarray(32)
const ivOf = c => { const iv = new Uint8Array(12); new DataView(iv.buffer).setUint32(8, c); return iv }
const frameOf = (p, c) => { const e = aesEncryptGCM(p, readKey, ivOf(c), Buffer.alloc(0)); return Buffer.concat([Buffer.from([e.length >> 16, (e.length >> 8) & 255, e.length & 255]), e]) }
const msg = proto.Message.encode({ conversation: 'hello there, how are you today? this is a typical message', messageContextInfo: { messageSecret: bytes(32, 1) } }).finish()
const N = 100
const run = async ({ a, b }) => {
  const h = makeNoiseHandler({ keyPair: Curve.generateKeyPair(), NOISE_HEADER: NOISE_WA_HEADER, logger: silent }); await h.finishInit()
  const frames = []
  for (let i = 0; i < N; i++) {
    const e = await a.repo.encryptMessage({ jid: b.jid, data: Buffer.concat([msg, Buffer.alloc(5, 5)]) })
    frames.push(frameOf(encodeBinaryNode({ tag: 'message', attrs: { from: a.jid, type: 'text', id: '3EB0AABBCCDDEEFF00' + (1000 + i), t: '1716300000', notify: 'Alice' }, content: [{ tag: 'enc', attrs: { v: '2', type: e.type }, content: e.ciphertext }] }), i))
  }
  let got = 0
  const t0 = performance.now()
  for (const f of frames) { let node; await h.decodeFrame(f, n => { node = n }); const d = decryptMessageNode(node, '1@s.whatsapp.net', b.jid, b.repo, silent); await d.decrypt(); if (d.fullMessage.message?.conversation) got++ }
  const s = (performance.now() - t0) / 1e3
  if (got !== N) throw new Error('lost ' + got)
  const e = await b.repo.encryptMessage({ jid: a.jid, data: Buffer.from(msg) }); await a.repo.decryptMessage({ jid: b.jid, type: e.type, ciphertext: e.ciphertext })
  return { s, n: N }
}
await main({ 'pipeline.incoming.burst': { self: true, setup: pair, run } })
