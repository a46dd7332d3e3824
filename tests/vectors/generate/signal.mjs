// Known-answer vectors for XEdDSA, X3DH, the Double Ratchet and sender keys, made by running what Baileys runs:
// its libsignal, its curve25519-js and its lib/Signal/Group. Randomness comes from a seeded stream and is recorded.
//
//   node tests/vectors/generate/signal.mjs          writes xeddsa.json, x3dh.json, ratchet.json, senderkey.json
//
// Packages are taken from tests/interop/node_modules, or from the folder named by BAILEYS_NM.
import crypto from 'node:crypto'
import fs from 'node:fs'
import { createRequire, syncBuiltinESMExports } from 'node:module'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const here = path.dirname(fileURLToPath(import.meta.url))
const modules = process.env.BAILEYS_NM || path.join(here, '..', '..', 'interop', 'node_modules')
const require = createRequire(path.join(modules, 'baileys', 'package.json'))
for (const level of ['info', 'warn', 'error']) console[level] = () => {}

// --- deterministic randomness, recorded per party ---
let party = 'setup'
let counter = 0
const draws = {}
const draw = length => {
  const bytes = crypto.createHash('shake256', { outputLength: length }).update(`motte vectors ${counter++}`).digest()
  ;(draws[party] ||= []).push(bytes.toString('hex'))
  return bytes
}
const DER = Buffer.from('302e020100300506032b656e04220420', 'hex')
crypto.generateKeyPairSync = () => {
  const privateKey = Buffer.concat([DER, draw(32)])
  const key = crypto.createPrivateKey({ key: privateKey, format: 'der', type: 'pkcs8' })
  return { privateKey, publicKey: crypto.createPublicKey(key).export({ format: 'der', type: 'spki' }) }
}
crypto.randomBytes = draw
crypto.randomInt = () => draw(4).readUInt32BE() & 0x7fffffff
syncBuiltinESMExports()
const as = async (name, work) => {
  const before = party
  party = name
  try { return await work() } finally { party = before }
}

const libsignal = require('libsignal')
const curve = require('libsignal/src/curve')
const curveJs = require('curve25519-js')
const { GroupCipher, GroupSessionBuilder, SenderKeyDistributionMessage, SenderKeyMessage, SenderKeyName, SenderKeyRecord } =
  await import(pathToFileURL(path.join(modules, 'baileys', 'lib', 'Signal', 'Group', 'index.js')).href)

const version = name => JSON.parse(fs.readFileSync(path.join(modules, name, 'package.json'))).version
const origin = `baileys ${version('baileys')}, libsignal ${version('libsignal')}, curve25519-js ${version('curve25519-js')}, run by generate/signal.mjs`
const hex = bytes => Buffer.from(bytes).toString('hex')
const write = (name, cases) => fs.writeFileSync(path.join(here, '..', name), JSON.stringify({ origin, ...cases }, null, 1) + '\n')
const takeDraws = name => { const taken = draws[name] || []; draws[name] = []; return taken }

// --- XEdDSA ---
const xeddsa = []
for (let i = 0; i < 16; i++) {
  const secret = draw(32), random = draw(64), message = draw(i * 7)
  xeddsa.push({
    private: hex(secret),
    public: hex(curveJs.generateKeyPair(secret).public),
    message: hex(message),
    random: hex(random),
    signature: hex(curveJs.sign(secret, message, random)),
    deterministic_signature: hex(curveJs.sign(secret, message)),
  })
}
write('xeddsa.json', { cases: xeddsa })

// --- sessions ---
class Device {
  constructor(registrationId) {
    this.identity = curve.generateKeyPair()
    this.registrationId = registrationId
    this.signed = curve.generateKeyPair()
    this.signature = curveJs.sign(this.identity.privKey, this.signed.pubKey)
    this.prekey = curve.generateKeyPair()
    this.sessions = new Map()
  }
  loadSession(id) { return this.sessions.get(id) }
  storeSession(id, record) { this.sessions.set(id, record) }
  isTrustedIdentity() { return true }
  loadPreKey(id) { return id === 7 ? this.prekey : undefined }
  removePreKey() {}
  loadSignedPreKey() { return this.signed }
  getOurRegistrationId() { return this.registrationId }
  getOurIdentity() { return this.identity }
  bundle(withPreKey = true) {
    return {
      registrationId: this.registrationId,
      identityKey: this.identity.pubKey,
      signedPreKey: { keyId: 3, publicKey: this.signed.pubKey, signature: Buffer.from(this.signature) },
      ...(withPreKey ? { preKey: { keyId: 7, publicKey: this.prekey.pubKey } } : {}),
    }
  }
  describe() {
    return {
      registration_id: this.registrationId,
      identity: hex(this.identity.privKey),
      signed_prekey_id: 3, signed_prekey: hex(this.signed.privKey), signature: hex(this.signature),
      prekey_id: 7, prekey: hex(this.prekey.privKey),
    }
  }
}
const address = new libsignal.ProtocolAddress('15550100001', 0)

/** Runs a script of steps: ['start', who, withPreKey], ['send', who, text], ['deliver', message number]. */
const transcript = async script => {
  const devices = { a: new Device(101), b: new Device(202) }
  const description = { a: devices.a.describe(), b: devices.b.describe() }
  takeDraws('a'); takeDraws('b')
  const steps = [], sent = []
  const other = who => (who === 'a' ? 'b' : 'a')
  for (const [op, who, argument] of script) {
    if (op === 'start') {
      await as(who, () => new libsignal.SessionBuilder(devices[who], address).initOutgoing(devices[other(who)].bundle(argument)))
      steps.push({ op, who, prekey: argument })
    } else if (op === 'send') {
      const { type, body } = await as(who, () => new libsignal.SessionCipher(devices[who], address).encrypt(Buffer.from(argument)))
      sent.push({ who, type, body: Buffer.from(body), text: argument })
      steps.push({ op, who, text: argument, kind: type === 3 ? 'pkmsg' : 'msg', body: hex(body) })
    } else {
      const { who: from, type, body, text } = sent[who]
      const cipher = new libsignal.SessionCipher(devices[other(from)], address)
      const plaintext = await as(other(from), () => (type === 3 ? cipher.decryptPreKeyWhisperMessage(body) : cipher.decryptWhisperMessage(body)))
      if (plaintext.toString() !== text) throw new Error('libsignal decrypted something else')
      steps.push({ op, message: who })
    }
  }
  return { devices: description, draws: { a: takeDraws('a'), b: takeDraws('b') }, steps }
}

write('x3dh.json', {
  cases: [
    { name: 'with a one-time prekey', ...(await transcript([['start', 'a', true], ['send', 'a', 'hello'], ['deliver', 0]])) },
    { name: 'without a one-time prekey', ...(await transcript([['start', 'b', false], ['send', 'b', 'hello'], ['deliver', 0]])) },
  ],
})

const pingPong = []
for (let i = 0; i < 24; i++) pingPong.push(['send', i & 1 ? 'b' : 'a', `turn ${i}`], ['deliver', i])
write('ratchet.json', {
  cases: [
    { name: 'ping-pong', ...(await transcript([['start', 'a', true], ...pingPong])) },
    {
      name: 'out of order, inside a chain and across turns of the ratchet',
      ...(await transcript([
        ['start', 'a', true],
        ['send', 'a', 'a0'], ['send', 'a', 'a1'], ['send', 'a', 'a2'], ['send', 'a', 'a3'],
        ['deliver', 2], ['deliver', 0],
        ['send', 'b', 'b0'], ['send', 'b', 'b1'], ['send', 'b', 'b2'],
        ['deliver', 6], ['deliver', 4],
        ['send', 'a', 'a4'], ['send', 'a', 'a5'], ['send', 'a', 'a6'],
        ['deliver', 9], ['deliver', 3], ['deliver', 7], ['deliver', 1], ['deliver', 5], ['deliver', 8],
        ['send', 'b', 'b3'], ['deliver', 10],
      ])),
    },
    {
      name: 'both sides start at once',
      ...(await transcript([
        ['start', 'a', true], ['start', 'b', true],
        ['send', 'a', 'from a'], ['send', 'b', 'from b'],
        ['deliver', 0], ['deliver', 1],
        // Here it ends: trying the wrong session first turns its ratchet in libsignal-node, which then cannot answer.
        ['send', 'a', 'a again'], ['deliver', 2],
      ])),
    },
  ],
})

// --- sender keys ---
const store = () => {
  let record = new SenderKeyRecord()
  return { loadSenderKey: async () => record, storeSenderKey: async (_, changed) => { record = changed } }
}
const name = new SenderKeyName('120363000000000000@g.us', address)
const senderKeys = async (label, order, encrypt) => {
  const mine = store(), theirs = store()
  takeDraws('a')
  const skdm = await as('a', () => new GroupSessionBuilder(mine).create(name))
  await new GroupSessionBuilder(theirs).process(name, new SenderKeyDistributionMessage(null, null, null, null, skdm.serialize()))
  const messages = []
  for (let i = 0; i < order.length; i++) messages.push(await encrypt(mine, Buffer.from(`group ${i}`)))
  const key_id = (await mine.loadSenderKey()).getSenderKeyState().getKeyId()
  for (const i of order) {
    const text = (await new GroupCipher(theirs, name).decrypt(messages[i])).toString()
    if (text !== `group ${i}`) throw new Error('Baileys decrypted something else')
  }
  return { name: label, key_id, draws: takeDraws('a'), distribution: hex(skdm.serialize()), messages: messages.map(hex), order }
}
const asBaileys = (mine, data) => new GroupCipher(mine, name).encrypt(data)
// One iteration for each message, as WhatsApp's own apps do it, with Baileys' classes.
const gapless = async (mine, data) => {
  const cipher = new GroupCipher(mine, name), record = await mine.loadSenderKey(), state = record.getSenderKeyState()
  const key = cipher.getSenderKey(state, state.getSenderChainKey().getIteration())
  const ciphertext = await cipher.getCipherText(key.getIv(), key.getCipherKey(), data)
  return new SenderKeyMessage(state.getKeyId(), key.getIteration(), ciphertext, state.getSigningKeyPrivate()).serialize()
}
write('senderkey.json', {
  cases: [
    await senderKeys('every second iteration, as Baileys sends', [0, 1, 4, 2, 3, 5], asBaileys),
    await senderKeys('every iteration', [0, 3, 1, 2, 5, 4], gapless),
  ],
})
