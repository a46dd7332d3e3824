// extra, a tougher bar: the WASM (Rust) functions of whatsapp-rust-bridge, which Baileys 7 ships but uses only for HKDF, MD5, LTHash and
// app-state keys. A later Baileys may route its codec and Signal through them. Not what a Baileys user gets today.
// Run decode tasks in a process of their own (--only decode): their finalizers slow whatever runs after them.
import { imp, main, bytes, DATA } from './harness.mjs'
import fs from 'node:fs'
const W = await imp('whatsapp-rust-bridge/dist/index.js')
const P = bytes(120, 77), tasks = {}
const rev = n => ({ tag: n.tag, attrs: n.attrs, ...(Array.isArray(n.content) ? { content: n.content.map(rev) } : n.content ? { content: new Uint8Array(Buffer.from(n.content.b64, 'base64')) } : {}) })
for (const k of ['message', 'groupmsg', 'fanout500', 'usync500']) {
  if (!fs.existsSync(`${DATA}/node_${k}.bin`)) continue
  const wire = new Uint8Array(fs.readFileSync(`${DATA}/node_${k}.bin`)), node = rev(JSON.parse(fs.readFileSync(`${DATA}/node_${k}.json`)))
  const big = wire.length > 2000
  tasks[`bridge.encode.${k}`] = { sync: true, chunk: big ? 1 : 64, bytes: wire.length, run: () => W.encodeNode(node) }
  tasks[`bridge.decode.${k}`] = { sync: true, chunk: big ? 1 : 64, bytes: wire.length, run: () => { const n = W.decodeNode(wire); const j = n.toJSON(); n.free(); return j }, note: 'fully read (toJSON)' }
}
const a = W.generateKeyPair(), b = W.generateKeyPair(), sig = W.calculateSignature(a.privKey, b.pubKey)
tasks['bridge.curve.keygen'] = { sync: true, chunk: 16, run: () => W.generateKeyPair() }
tasks['bridge.curve.dh'] = { sync: true, chunk: 16, run: () => W.calculateAgreement(b.pubKey, a.privKey) }
tasks['bridge.curve.sign'] = { sync: true, chunk: 16, run: () => W.calculateSignature(a.privKey, b.pubKey) }
tasks['bridge.curve.verify'] = { sync: true, chunk: 16, run: () => { if (!W.verifySignature(a.pubKey, b.pubKey, sig)) throw new Error('x') } }
const user = () => {
  const id = W.generateIdentityKeyPair(), reg = W.generateRegistrationId(), spk = W.generateSignedPreKey(id, 1); const ses = new Map(), sk = new Map(), pre = new Map(); let n = 0
  const st = {
    loadSession: x => ses.get(x), storeSession: (x, r) => { ses.set(x, r.serialize()) }, getOurIdentity: () => id, getOurRegistrationId: () => reg, isTrustedIdentity: () => true,
    loadPreKey: i => pre.get(i), removePreKey: i => { pre.delete(i) }, loadSignedPreKey: () => spk, loadSenderKey: x => sk.get(x), storeSenderKey: (x, r) => { sk.set(x, r) }
  }
  const bundle = () => { const pk = W.generatePreKey(++n); pre.set(n, pk.keyPair); return { registrationId: reg, identityKey: id.pubKey, preKey: { keyId: n, publicKey: pk.keyPair.pubKey }, signedPreKey: { keyId: 1, publicKey: spk.keyPair.pubKey, signature: spk.signature } } }
  return { st, bundle, sk }
}
let seq = 0
const pair = async () => {
  const ua = user(), ub = user(), aa = new W.ProtocolAddress('a' + ++seq, 0), ab = new W.ProtocolAddress('b' + seq, 0)
  await new W.SessionBuilder(ua.st, ab).processPreKeyBundle(ub.bundle())
  const ca = new W.SessionCipher(ua.st, ab), cb = new W.SessionCipher(ub.st, aa)
  let e = await ca.encrypt(P); await cb.decryptPreKeyWhisperMessage(e.body); e = await cb.encrypt(P); await ca.decryptWhisperMessage(e.body); e = await ca.encrypt(P); await cb.decryptWhisperMessage(e.body)
  return { ua, ub, ca, cb }
}
const pp = async (c, w) => { let te = 0, td = 0; for (let i = 0; i < 50; i++) { const [x, y] = i & 1 ? [c.cb, c.ca] : [c.ca, c.cb]; const t0 = performance.now(); const e = await x.encrypt(P); const t1 = performance.now(); await y.decryptWhisperMessage(e.body); td += performance.now() - t1; te += t1 - t0 } return { s: (w === 'e' ? te : td) / 1e3, n: 50 } }
const burst = async (c, w) => { const es = []; const t0 = performance.now(); for (let i = 0; i < 100; i++) es.push(await c.ca.encrypt(P)); const t1 = performance.now(); for (const e of es) await c.cb.decryptWhisperMessage(e.body); const t2 = performance.now(); const e = await c.cb.encrypt(P); await c.ca.decryptWhisperMessage(e.body); return { s: (w === 'e' ? t1 - t0 : t2 - t1) / 1e3, n: 100 } }
for (const w of ['e', 'd']) {
  const s = w === 'e' ? 'encrypt' : 'decrypt'
  tasks['bridge.signal.pingpong.' + s] = { self: true, setup: pair, run: c => pp(c, w) }
  tasks['bridge.signal.burst100.' + s] = { self: true, setup: pair, run: c => burst(c, w) }
}
const G = 'g@g.us'
const grp = async () => { const ua = user(), ub = user(), ad = new W.ProtocolAddress('s' + ++seq, 0), nm = new W.SenderKeyName(G, ad); const d = await new W.GroupSessionBuilder(ua.st).create(nm); await new W.GroupSessionBuilder(ub.st).process(nm, W.SenderKeyDistributionMessage.deserialize(d.serialize())); return { a: new W.GroupCipher(ua.st, G, ad), b: new W.GroupCipher(ub.st, G, ad) } }
const grun = async (c, w) => { const es = []; const t0 = performance.now(); for (let i = 0; i < 50; i++) es.push(await c.a.encrypt(P)); const t1 = performance.now(); for (const e of es) await c.b.decrypt(e); const t2 = performance.now(); return { s: (w === 'e' ? t1 - t0 : t2 - t1) / 1e3, n: 50 } }
tasks['bridge.group.encrypt'] = { self: true, setup: grp, run: c => grun(c, 'e') }
tasks['bridge.group.decrypt'] = { self: true, setup: grp, run: c => grun(c, 'd') }
await main(tasks)
