// (4) sender-key group messages through makeLibSignalRepository
import { imp, main } from './harness.mjs'
import { users, PLAIN } from './accounts.mjs'
const { GroupCipher, SenderKeyRecord, SenderKeyMessage } = await imp('baileys/lib/Signal/Group/index.js')
const now = () => performance.now()
let gseq = 120363041234567
const gid = () => `${++gseq}@g.us`
const enc = async (ctx, N = 50) => { const t0 = now(); for (let i = 0; i < N; i++) await ctx.a.repo.encryptGroupMessage({ group: ctx.G, meId: ctx.a.jid, data: PLAIN }); return { s: (now() - t0) / 1e3, n: N } }
const fresh = async () => { const [a, b] = users(), G = gid(); const sk = await a.repo.getSenderKeyDistributionMessage({ group: G, meId: a.jid }); await b.repo.processSenderKeyDistributionMessage({ item: { groupId: G, axolotlSenderKeyDistributionMessage: sk }, authorJid: a.jid }); return { a, b, G } }
// Baileys' own encrypt skips every second iteration and stores the skipped keys (up to 2,000), so its cost grows with
// the number of messages sent under one key. `fresh` resets after 50 messages, `aged` sends 2,000 first.
// For the receive side, ciphertexts with gapless iterations (as WhatsApp's own apps send) are made with Baileys' classes.
class Gapless extends GroupCipher {
  async encrypt(p) {
    const record = await this.senderKeyStore.loadSenderKey(this.senderKeyName), st = record.getSenderKeyState()
    const mk = this.getSenderKey(st, st.getSenderChainKey().getIteration())
    const ct = await this.getCipherText(mk.getIv(), mk.getCipherKey(), p)
    const m = new SenderKeyMessage(st.getKeyId(), mk.getIteration(), ct, st.getSigningKeyPrivate())
    await this.senderKeyStore.storeSenderKey(this.senderKeyName, record)
    return m.serialize()
  }
}
const storage = u => ({ loadSenderKey: async n => { const { [n.toString()]: k } = await u.keys.get('sender-key', [n.toString()]); return k ? SenderKeyRecord.deserialize(k) : new SenderKeyRecord() }, storeSenderKey: async (n, k) => u.keys.set({ 'sender-key': { [n.toString()]: Buffer.from(JSON.stringify(k.serialize()), 'utf-8') } }) })
const dec = async (ctx, gapless) => {
  const N = 50; const es = [], G = ctx.G
  if (gapless) { const [user, dev] = ctx.a.jid.split('@')[0].split(':'); const name = { toString: () => `${G}::${user}_1::${dev || 0}` }; const g = new Gapless(storage(ctx.a), name); for (let i = 0; i < N; i++) es.push(await g.encrypt(PLAIN)) }
  else for (let i = 0; i < N; i++) es.push((await ctx.a.repo.encryptGroupMessage({ group: G, meId: ctx.a.jid, data: PLAIN })).ciphertext)
  const t0 = now()
  for (const e of es) { const p = await ctx.b.repo.decryptGroupMessage({ group: G, authorJid: ctx.a.jid, msg: e }); if (p.length !== PLAIN.length) throw new Error('bad') }
  return { s: (now() - t0) / 1e3, n: N }
}
await main({
  'group.encrypt.fresh': { self: true, minIters: 1, run: async () => enc(await fresh()) },
  'group.encrypt.aged2000': { self: true, minIters: 1, setup: async () => { const c = await fresh(); await enc(c, 2000); return c }, run: c => enc(c, 20), cold: true, note: 'after 2,000 messages under one key (Baileys keeps 2,000 skipped keys as JSON)' },
  'group.decrypt.gapless': { self: true, minIters: 1, setup: fresh, run: c => dec(c, true), note: 'sender without iteration gaps (official apps)' },
  'group.decrypt.fromBaileys': { self: true, minIters: 1, run: async () => dec(await fresh(), false), note: 'sender is Baileys (every second key skipped)' }
})
