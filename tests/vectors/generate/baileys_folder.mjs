// A folder of `useMultiFileAuthState`, as real Baileys writes it after some chatting, and what its friends send later:
// libsignal sessions (an answered one with skipped messages in a chain that is closed, one that waits for its first
// answer), sender keys, prekeys, app state. Randomness comes from a seeded stream, time stands still.
//
//   node tests/vectors/generate/baileys_folder.mjs          writes baileys_folder.json
//
// Packages are taken from tests/interop/node_modules, or from the folder named by BAILEYS_NM.
import crypto from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import { createRequire, syncBuiltinESMExports } from 'node:module'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const here = path.dirname(fileURLToPath(import.meta.url))
const modules = process.env.BAILEYS_NM || path.join(here, '..', '..', 'interop', 'node_modules')
const require = createRequire(path.join(modules, 'baileys', 'package.json'))
for (const level of ['info', 'warn', 'error']) console[level] = () => {}

let counter = 0
const draw = length => crypto.createHash('shake256', { outputLength: length }).update(`motte folder ${counter++}`).digest()
const DER = Buffer.from('302e020100300506032b656e04220420', 'hex')
crypto.generateKeyPairSync = () => {
  const privateKey = Buffer.concat([DER, draw(32)])
  const key = crypto.createPrivateKey({ key: privateKey, format: 'der', type: 'pkcs8' })
  return { privateKey, publicKey: crypto.createPublicKey(key).export({ format: 'der', type: 'spki' }) }
}
crypto.randomBytes = draw
crypto.randomInt = () => draw(4).readUInt32BE() & 0x7fffffff
syncBuiltinESMExports()
Date.now = () => 1_700_000_000_000

const part = file => import(pathToFileURL(path.join(modules, 'baileys', 'lib', file)).href)
const { addTransactionCapability, Curve, proto, useMultiFileAuthState } = await part('index.js')
const { encodeSyncdPatch, newLTHashState } = await part('Utils/chat-utils.js')
const { makeLibSignalRepository } = await part('Signal/libsignal.js')
const version = name => JSON.parse(fs.readFileSync(path.join(modules, name, 'package.json'))).version
const origin = `baileys ${version('baileys')}, libsignal ${version('libsignal')}, run by generate/baileys_folder.mjs`

const logger = { level: 'silent', child: () => logger }
for (const level of ['trace', 'debug', 'info', 'warn', 'error', 'fatal']) logger[level] = () => {}

const prefixed = key => Buffer.concat([Buffer.from([5]), key])
const root = fs.mkdtempSync(path.join(os.tmpdir(), 'motte-folder-'))
const LINKED = 1_690_000_000

const device = async (name, pn, lid) => {
  const folder = path.join(root, name)
  const { state, saveCreds } = await useMultiFileAuthState(folder)
  const { creds } = state
  const keys = addTransactionCapability(state.keys, logger, { maxCommitRetries: 1, delayBetweenTriesMs: 0 })
  const account = Curve.generateKeyPair()
  const details = proto.ADVDeviceIdentity.encode({ rawId: 7, timestamp: LINKED, keyIndex: 1 }).finish()
  const identity = creds.signedIdentityKey
  creds.account = proto.ADVSignedDeviceIdentity.create({
    details,
    accountSignatureKey: account.public,
    accountSignature: Curve.sign(account.private, Buffer.concat([Buffer.from([6, 0]), details, identity.public])),
    deviceSignature: Curve.sign(identity.private, Buffer.concat([Buffer.from([6, 1]), details, identity.public, account.public]))
  })
  creds.me = { id: `${pn}:1@s.whatsapp.net`, lid: `${lid}:1@lid`, name }
  creds.platform = 'android'
  creds.routingInfo = draw(4)
  creds.lastPropHash = 'abc'
  const prekeys = {}
  for (let id = 1; id <= 6; id++) prekeys[id] = Curve.generateKeyPair()
  creds.nextPreKeyId = 7
  creds.firstUnuploadedPreKeyId = 5
  await keys.set({ 'pre-key': prekeys })
  await saveCreds()
  const repository = makeLibSignalRepository({ creds, keys }, logger, async () => [])
  const bundle = id => ({
    registrationId: creds.registrationId,
    identityKey: prefixed(identity.public),
    signedPreKey: { keyId: 1, publicKey: prefixed(creds.signedPreKey.keyPair.public), signature: creds.signedPreKey.signature },
    preKey: id && { keyId: id, publicKey: prefixed(prekeys[id].public) }
  })
  return { folder, creds, keys, saveCreds, repository, bundle, jid: creds.me.lid }
}

const ann = await device('Ann', '15550100001', '200000000000001')
const ben = await device('Ben', '15550100002', '200000000000002')
const cat = await device('Cat', '15550100003', '200000000000003')
const GROUP = '15550100001-1600000000@g.us' // an old one, whose id has a dash

const meet = (from, to, id) => from.repository.injectE2ESession({ jid: to.jid, session: to.bundle(id) })
const seal = async (from, to, text) => ({ from: from.jid, to, text, ...(await from.repository.encryptMessage({ jid: to.jid, data: Buffer.from(text) })) })
const open = ({ from, to, type, ciphertext }) => to.repository.decryptMessage({ jid: from, type, ciphertext })
const sealGroup = async (from, text) => {
  const { ciphertext, senderKeyDistributionMessage } = await from.repository.encryptGroupMessage({ group: GROUP, meId: from.jid, data: Buffer.from(text) })
  return { from: from.jid, text, type: 'skmsg', ciphertext, skdm: senderKeyDistributionMessage }
}
const openGroup = (to, { from, ciphertext }) => to.repository.decryptGroupMessage({ group: GROUP, authorJid: from, msg: ciphertext })
const learn = (to, { from, skdm }) => to.repository.processSenderKeyDistributionMessage({ authorJid: from, item: { groupId: GROUP, axolotlSenderKeyDistributionMessage: skdm } })

const later = []

// Ben writes first; then each answers, some of Ben's messages are slow, and Ben's chain is closed behind them.
await meet(ben, ann, 1)
await open(await seal(ben, ann, 'hello'))
await open(await seal(ann, ben, 'hello, Ben'))
const slow = []
for (const text of ['slow one', 'quick one', 'slow two']) slow.push(await seal(ben, ann, text))
await open(slow[1])
await open(await seal(ann, ben, 'what else?'))
await open(await seal(ben, ann, 'nothing'))
later.push(slow[0], slow[2], await seal(ben, ann, 'one more'))

// Cat had a session with Ann, which she has lost: there is an archived one beside the one of her new first message.
await meet(cat, ann, 2)
await open(await seal(cat, ann, 'we meet'))
await open(await seal(ann, cat, 'so we do'))
const late = await seal(cat, ann, 'from the old session')
await meet(cat, ann, 3)
await open(await seal(cat, ann, 'we meet again'))
later.push(late, await seal(cat, ann, 'and again'))

// The group: Ben's and Ann's keys, of which Baileys takes every second iteration.
const said = []
for (const text of ['first', 'second', 'third', 'fourth']) said.push(await sealGroup(ben, text))
await learn(ann, said[0])
for (const index of [0, 2]) await openGroup(ann, said[index])
later.push(said[1], said[3])
const own = [await sealGroup(ann, 'mine'), await sealGroup(ann, 'mine again')]
await learn(ben, own[0])
await ann.keys.set({ 'sender-key-memory': { [GROUP]: { [ben.jid]: true, [ann.jid]: true, [cat.jid]: true } } })

// The rest of what a folder has.
const keyId = 'AAAA/w==', keyData = draw(32)
await ann.keys.set({
  'app-state-sync-key': { [keyId]: proto.Message.AppStateSyncKeyData.create({ keyData, fingerprint: { rawId: 7, currentIndex: 1, deviceIndexes: [0, 1] }, timestamp: 1_690_000_001_000 }) },
  'tctoken': { [ben.jid.replace(':1', '')]: { token: draw(12), timestamp: '1699999999', senderTimestamp: 1_699_999_000 }, '__index': { token: Buffer.from('[]') } },
  'device-list': { '200000000000002': ['0', '1'] }
})
await ann.repository.lidMapping.storeLIDPNMappings([{ pn: '15550100002@s.whatsapp.net', lid: '200000000000002@lid' }])
const patches = [1, 2].map(turn => ({
  type: 'regular_low', index: ['pin_v1', `1555010000${turn}@s.whatsapp.net`], apiVersion: 5, operation: proto.SyncdMutation.SyncdOperation.SET,
  syncAction: { pinAction: { pinned: true }, timestamp: 1_699_999_999_000 }
}))
let synced = newLTHashState()
for (const patch of patches) synced = (await encodeSyncdPatch(patch, keyId, synced, async () => ({ keyData }))).state
await ann.keys.set({ 'app-state-sync-version': { regular_low: synced } })
ann.creds.myAppStateKeyId = keyId
await ann.saveCreds()

const files = Object.fromEntries(fs.readdirSync(ann.folder).sort().map(name => [name, fs.readFileSync(path.join(ann.folder, name), 'utf8')]))
fs.rmSync(root, { recursive: true })
const hex = bytes => Buffer.from(bytes).toString('hex')
const messages = later.map(({ from, type, text, ciphertext }) => ({ from, type, text, body: hex(ciphertext) }))
const vector = { origin, group: GROUP, files, later: messages, next_own_iteration: 3, app_state: { collection: 'regular_low', version: synced.version, hash: hex(synced.hash), records: Object.keys(synced.indexValueMap).length } }
fs.writeFileSync(path.join(here, '..', 'baileys_folder.json'), JSON.stringify(vector, null, 1) + '\n')
