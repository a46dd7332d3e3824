// extra: persistence with Baileys' own useMultiFileAuthState (the store its documentation starts people with)
import { imp, main, bytes } from './harness.mjs'
import { B, pair, PLAIN, Curve, memStore, initAuthCreds, addTransactionCapability, makeLibSignalRepository, giveBundle, lid } from './accounts.mjs'
import { silent } from './harness.mjs'
import fs from 'node:fs'; import os from 'node:os'; import path from 'node:path'
const { useMultiFileAuthState } = B
const dirs = []; process.on('exit', () => { for (const d of dirs) fs.rmSync(d, { recursive: true, force: true }) })
const mk = async () => { const d = fs.mkdtempSync(path.join(os.tmpdir(), 'bm-')); dirs.push(d); return (await useMultiFileAuthState(d)).state }
const rec = { _sessions: { x: { registrationId: 1, k: bytes(600, 1).toString('base64') } }, version: 'v1' }
const user = async st => { const keys = addTransactionCapability(st.keys, silent, { maxCommitRetries: 10, delayBetweenTriesMs: 3000 }); return { creds: st.creds, store: st.keys, keys, jid: lid(), nextPk: 1, repo: makeLibSignalRepository({ creds: st.creds, keys }, silent, undefined) } }
const fpair = async () => {
  const a = await user(await mk()), b = await user(await mk()); const m = Buffer.from('hello')
  await a.repo.injectE2ESession({ jid: b.jid, session: await giveBundle(b) })
  for (const [x, y] of [[a, b], [b, a], [a, b]]) { const e = await x.repo.encryptMessage({ jid: y.jid, data: m }); await y.repo.decryptMessage({ jid: x.jid, type: e.type, ciphertext: e.ciphertext }) }
  return { a, b }
}
const burst = async ({ a, b }, what) => {
  const N = 50, es = []
  const t0 = performance.now(); for (let i = 0; i < N; i++) es.push(await a.repo.encryptMessage({ jid: b.jid, data: PLAIN }))
  const t1 = performance.now(); for (const e of es) await b.repo.decryptMessage({ jid: a.jid, type: e.type, ciphertext: e.ciphertext })
  const t2 = performance.now(); const e = await b.repo.encryptMessage({ jid: a.jid, data: PLAIN }); await a.repo.decryptMessage({ jid: b.jid, type: e.type, ciphertext: e.ciphertext })
  return { s: (what === 'e' ? t1 - t0 : t2 - t1) / 1e3, n: N }
}
let i = 0
await main({
  'store.session.set': { setup: mk, run: async s => { await s.keys.set({ session: { ['1.' + (i++ % 500)]: rec } }) } },
  'store.session.get': { setup: async () => { const s = await mk(); for (let k = 0; k < 500; k++) await s.keys.set({ session: { ['1.' + k]: rec } }); return s }, run: async s => { await s.keys.get('session', ['1.' + (i++ % 500)]) } },
  'store.prekeys812.set': { setup: mk, per: 812, run: async s => { const o = {}; for (let k = 1; k <= 812; k++) o[k] = { public: bytes(32, k), private: bytes(32, k + 1) }; await s.keys.set({ 'pre-key': o }) } },
  'signal.burst50.encrypt.persisted': { self: true, setup: fpair, run: c => burst(c, 'e') },
  'signal.burst50.decrypt.persisted': { self: true, setup: fpair, run: c => burst(c, 'd') }
})
