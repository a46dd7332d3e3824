// (3) Signal 1:1 through makeLibSignalRepository with an in-memory key store, LID addresses (the cheapest path)
import { main } from './harness.mjs'
import { pair, users, giveBundle, lid, PLAIN, Curve, generateSignalPubKey } from './accounts.mjs'
const now = () => performance.now()
// ping-pong: every message turns the ratchet (encrypt: no DH; decrypt: 2 DH + 1 key generation)
// a new pair every 50 messages, since session records grow with every turn of the ratchet (see aged500)
const aged = async n => { const c = await pair(); await pp(c, 'e', n); return c }
const pp = async (ctx, what, N = 50) => {
  let te = 0, td = 0; const { a, b } = ctx
  for (let i = 0; i < N; i++) {
    let [x, y] = i & 1 ? [b, a] : [a, b]
    const t0 = now(); const e = await x.repo.encryptMessage({ jid: y.jid, data: PLAIN })
    const t1 = now(); const p = await y.repo.decryptMessage({ jid: x.jid, type: e.type, ciphertext: e.ciphertext })
    const t2 = now(); te += t1 - t0; td += t2 - t1
    if (p.length !== PLAIN.length) throw new Error('bad plaintext')
  }
  return { s: (what === 'e' ? te : what === 'd' ? td : te + td) / 1e3, n: N }
}
// burst: 100 one way, then one back so that the next burst turns the ratchet once
const burst = async (ctx, what) => {
  const { a, b } = ctx, N = 100; const es = []
  const t0 = now(); for (let i = 0; i < N; i++) es.push(await a.repo.encryptMessage({ jid: b.jid, data: PLAIN }))
  const t1 = now(); for (let i = 0; i < N; i++) await b.repo.decryptMessage({ jid: a.jid, type: es[i].type, ciphertext: es[i].ciphertext })
  const t2 = now()
  const e = await b.repo.encryptMessage({ jid: a.jid, data: PLAIN }); await a.repo.decryptMessage({ jid: b.jid, type: e.type, ciphertext: e.ciphertext })
  return { s: (what === 'e' ? t1 - t0 : t2 - t1) / 1e3, n: N }
}
const x3dh = async (ctx, what) => {
  const N = 20; const { a, b } = ctx; const bundles = []
  for (let i = 0; i < N; i++) bundles.push([lid(), lid(), await giveBundle(b)])
  const es = []
  const t0 = now()
  for (const [jb, , bu] of bundles) { await a.repo.injectE2ESession({ jid: jb, session: bu }); es.push(await a.repo.encryptMessage({ jid: jb, data: PLAIN })) }
  const t1 = now()
  for (let i = 0; i < N; i++) { const p = await b.repo.decryptMessage({ jid: bundles[i][1], type: es[i].type, ciphertext: es[i].ciphertext }); if (es[i].type !== 'pkmsg' || p.length !== PLAIN.length) throw new Error('bad') }
  const t2 = now()
  return { s: (what === 'e' ? t1 - t0 : t2 - t1) / 1e3, n: N }
}
// fan-out: one plaintext to 500 established sessions (as relayMessage/createParticipantNodes does, without the node building)
const fan = async ctx => {
  const t0 = now(); await Promise.all(ctx.jids.map(jid => ctx.a.repo.encryptMessage({ jid, data: PLAIN }))); return { s: (now() - t0) / 1e3, n: ctx.jids.length }
}
const fanSetup = async () => {
  const [a, b] = users(); const jids = []
  for (let i = 0; i < 500; i++) { const j = lid(1 + i % 30); await a.repo.injectE2ESession({ jid: j, session: await giveBundle(b) }); jids.push(j) }
  return { a, jids }
}
const kp = Curve.generateKeyPair(), kq = Curve.generateKeyPair(), M = generateSignalPubKey(kq.public), S = Curve.sign(kp.private, M)
await main({
  'signal.pingpong.encrypt': { self: true, run: async () => pp(await pair(), 'e') },
  'signal.pingpong.decrypt': { self: true, run: async () => pp(await pair(), 'd') },
  'signal.pingpong.encrypt.aged500': { self: true, cold: true, setup: () => aged(500), run: c => pp(c, 'e', 10), note: 'after 500 messages back and forth (libsignal-node never drops closed receiving chains)' },
  'signal.pingpong.decrypt.aged500': { self: true, cold: true, setup: () => aged(500), run: c => pp(c, 'd', 10), note: 'as above' },
  'signal.burst100.encrypt': { self: true, setup: pair, run: c => burst(c, 'e') },
  'signal.burst100.decrypt': { self: true, setup: pair, run: c => burst(c, 'd') },
  'signal.x3dh.outgoing': { self: true, setup: async () => ({ a: users()[0], b: users()[1] }), run: c => x3dh(c, 'e'), note: 'injectE2ESession + first encrypt; Baileys skips the signed-prekey signature check' },
  'signal.x3dh.incoming': { self: true, setup: async () => ({ a: users()[0], b: users()[1] }), run: c => x3dh(c, 'd') },
  'signal.fanout500.encrypt': { self: true, setup: fanSetup, run: fan, note: 'pkmsg to 500 sessions, per device' },
  'curve.keygen': { sync: true, chunk: 16, run: () => Curve.generateKeyPair() },
  'curve.dh': { sync: true, chunk: 16, run: () => Curve.sharedKey(kp.private, kq.public) },
  'curve.sign': { sync: true, chunk: 1, run: () => Curve.sign(kp.private, M) },
  'curve.verify': { sync: true, chunk: 1, run: () => { if (!Curve.verify(kp.public, M, S)) throw new Error('x') } }
})
