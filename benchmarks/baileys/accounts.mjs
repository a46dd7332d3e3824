import { imp, silent, bytes } from './harness.mjs'
export const B = await imp('baileys/lib/index.js')
export const { makeLibSignalRepository } = await imp('baileys/lib/Signal/libsignal.js')
export const { Curve, initAuthCreds, addTransactionCapability, generateSignalPubKey, generateOrGetPreKeys } = B
const TX = { maxCommitRetries: 10, delayBetweenTriesMs: 3000 }
// plain in-memory key store, the cheapest possible backend (no disk, no JSON); same interface as SignalKeyStore
export const memStore = () => {
  const m = new Map()
  return {
    m,
    async get(type, ids) { const t = m.get(type); const r = {}; if (t) for (const id of ids) { const v = t.get(id); if (v !== undefined && v !== null) r[id] = v } return r },
    async set(data) { for (const type in data) { let t = m.get(type); if (!t) m.set(type, t = new Map()); for (const id in data[type]) { const v = data[type][id]; if (v === null || v === undefined) t.delete(id); else t.set(id, v) } } }
  }
}
let seq = 100000000000000
export const lid = (dev = 0) => `${++seq}${dev ? ':' + dev : ''}@lid`
export const makeUser = () => {
  const creds = initAuthCreds(); const store = memStore()
  const keys = addTransactionCapability(store, silent, TX)
  const jid = lid()
  const repo = makeLibSignalRepository({ creds, keys }, silent, undefined)
  return { creds, store, keys, repo, jid, nextPk: 1 }
}
export const giveBundle = async (u) => {
  const id = u.nextPk++; const pk = Curve.generateKeyPair()
  await u.store.set({ 'pre-key': { [id]: pk } })
  return {
    registrationId: u.creds.registrationId,
    identityKey: generateSignalPubKey(u.creds.signedIdentityKey.public),
    signedPreKey: { keyId: u.creds.signedPreKey.keyId, publicKey: generateSignalPubKey(u.creds.signedPreKey.keyPair.public), signature: u.creds.signedPreKey.signature },
    preKey: { keyId: id, publicKey: generateSignalPubKey(pk.public) }
  }
}
// Two users per process, shared by all tasks: every user owns an AsyncLocalStorage (addTransactionCapability), and in Node 20
// each one in use slows every await in the process, so making users per iteration would be unfair (see multi.mjs).
let two; export const users = () => two ||= [makeUser(), makeUser()]
// established session between the two users under fresh addresses; both sides answered, so no pkmsg any more
export const pair = async () => {
  const [ua, ub] = users()
  const a = { ...ua, jid: lid() }, b = { ...ub, jid: lid() }
  await a.repo.injectE2ESession({ jid: b.jid, session: await giveBundle(ub) })
  const m = Buffer.from('hello')
  let e = await a.repo.encryptMessage({ jid: b.jid, data: m })
  await b.repo.decryptMessage({ jid: a.jid, type: e.type, ciphertext: e.ciphertext })
  e = await b.repo.encryptMessage({ jid: a.jid, data: m })
  await a.repo.decryptMessage({ jid: b.jid, type: e.type, ciphertext: e.ciphertext })
  e = await a.repo.encryptMessage({ jid: b.jid, data: m })
  if (e.type !== 'msg') throw new Error('not established: ' + e.type)
  await b.repo.decryptMessage({ jid: a.jid, type: e.type, ciphertext: e.ciphertext })
  return { a, b }
}
export const PLAIN = bytes(120, 77)
