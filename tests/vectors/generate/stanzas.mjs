// Writes ../stanzas.json, ../usync.json, ../prekey_nodes.json, ../phash.json and ../message_format.json by running Baileys.
//
//   node stanzas.mjs          Baileys from ../../interop/node_modules, or from $BAILEYS_NM
//
// A real Baileys socket runs on a WebSocket that is none: what it sends is written down as nodes, what the server would
// send is emitted on it. Nothing touches the network. Randomness and time are fixed; the random prefix of stanza ids is
// replaced by "ID".
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire, syncBuiltinESMExports } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const modules = process.env.BAILEYS_NM ?? join(here, '../../interop/node_modules')
const load = path => import(pathToFileURL(join(modules, path)))
const require = createRequire(join(modules, 'index.js'))

const NOW = 1700000000
const seed = (label, size = 32) => createHash('sha512').update(label).digest().subarray(0, size)
const crypto = require('crypto')
let draws = 0
crypto.randomBytes = (size, done) => {
  const bytes = Buffer.from(seed(`draw ${draws++}`, size))
  return done ? done(null, bytes) : bytes
}
syncBuiltinESMExports()
Date.now = () => NOW * 1000
const RealDate = Date
globalThis.Date = class extends RealDate {
  constructor(...args) {
    super(...(args.length ? args : [NOW * 1000]))
  }
}

const { WebSocketClient } = await load('baileys/lib/Socket/Client/websocket.js')
const baileys = await load('baileys/lib/index.js')
const generics = await load('baileys/lib/Utils/generics.js')
const { default: makeWASocket, initAuthCreds, proto, decodeBinaryNode, buildAckStanza, USyncQuery, USyncUser } = baileys
const { getNextPreKeysNode, xmppPreKey, xmppSignedPreKey, extractDeviceJids, Curve } = baileys
const version = JSON.parse(readFileSync(join(modules, 'baileys/package.json'))).version
const origin = what => `baileys ${version}: ${what}`

// --- the WebSocket that is none ---
const sent = []
let pending = []
let intro = true
Object.defineProperty(WebSocketClient.prototype, 'isOpen', { get: () => true })
WebSocketClient.prototype.connect = function () {}
WebSocketClient.prototype.close = async function () {}
WebSocketClient.prototype.send = function (data, done) {
  const frame = Buffer.from(data).subarray(intro ? 4 : 0)
  intro = false
  pending.push(decodeBinaryNode(frame.subarray(3)).then(node => sent.push(node)))
  done?.()
  return true
}

const pair = label => {
  const made = require('curve25519-js').generateKeyPair(seed(label))
  return { private: Buffer.from(made.private), public: Buffer.from(made.public) }
}
const me = { id: '15550100001:3@s.whatsapp.net', lid: '100000000000001:3@lid', name: 'Ada@home' }
const identity = pair('identity')
const signedPair = pair('signed prekey')
const creds = {
  ...initAuthCreds(),
  me,
  registrationId: 0x1234,
  signedIdentityKey: identity,
  signedPreKey: { keyPair: signedPair, signature: Buffer.from(seed('signature', 64)), keyId: 7 },
  nextPreKeyId: 5,
  firstUnuploadedPreKeyId: 3,
  account: { details: seed('details'), accountSignatureKey: seed('account key'), accountSignature: seed('account', 64), deviceSignature: seed('device', 64) }
}
const memory = () => {
  const data = {}
  return {
    data,
    get: async (type, ids) => Object.fromEntries(ids.map(id => [id, data[`${type}/${id}`]])),
    set: async all => {
      for (const type in all) for (const id in all[type]) data[`${type}/${id}`] = all[type][id]
    }
  }
}
const fillPrekeys = store => store.set({ 'pre-key': Object.fromEntries([3, 4, 5, 6, 7, 8].map(id => [id, pair(`prekey ${id}`)])) })
const keys = memory()
await fillPrekeys(keys)

const silent = { level: 'silent', child: () => silent, trace() {}, debug() {}, info() {}, warn() {}, error() {} }
let decryption = 'good'
const text = proto.Message.encode({ extendedTextMessage: { text: 'hi' } }).finish()
const padded = Buffer.concat([text, Buffer.alloc(2, 2)])
const signal = () => ({
  lidMapping: {
    getLIDForPN: async pn => (pn === BLOCKED ? '100000000000009@lid' : null),
    getPNForLID: async () => null,
    getLIDsForPNs: async () => [],
    storeLIDPNMappings: async () => {}
  },
  migrateSession: async () => ({}),
  validateSession: async () => ({ exists: true }),
  jidToSignalProtocolAddress: jid => jid,
  decryptMessage: async () => {
    if (decryption !== 'good') throw new Error(decryption)
    return padded
  },
  decryptGroupMessage: async () => padded,
  getSessionInfo: async () => null
})
const sock = makeWASocket({
  auth: { creds, keys },
  logger: silent,
  version: [2, 3000, 1],
  makeSignalRepository: signal,
  retryRequestDelayMs: 0,
  fireInitQueries: false,
  enableAutoSessionRecreation: false,
  defaultQueryTimeoutMs: undefined
})
const ws = sock.ws
sock.ev.on('creds.update', update => Object.assign(creds, update))

// --- writing nodes down ---
const plain = content => {
  if (content === undefined || content === null) return null
  if (typeof content === 'string') return { text: content }
  if (Array.isArray(content)) return content.map(nodeOf)
  return { hex: Buffer.from(content).toString('hex') }
}
const prefix = sock.generateMessageTag().split('-')[0]
const nodeOf = node => ({
  tag: node.tag,
  attrs: Object.fromEntries(
    Object.entries(node.attrs).filter(([, v]) => v !== undefined).map(([k, v]) => [k, String(v).startsWith(`${prefix}-`) ? 'ID' : String(v)])
  ),
  content: plain(node.content)
})
const settle = async () => {
  for (let i = 0; i < 40; i++) await new Promise(resolve => setImmediate(resolve))
  await Promise.all(pending)
  pending = []
}
const during = async action => {
  await settle()
  sent.length = 0
  Promise.resolve(action()).catch(() => {})
  await settle()
  return sent.filter(one => one.tag !== 'presence' || Object.keys(one.attrs).length).map(nodeOf) // (its stray empty <presence/>)
}
const node = (tag, attrs = {}, content = undefined) => ({ tag, attrs, content })
const received = async (event, incoming) => ({ received: nodeOf(incoming), sent: await during(() => ws.emit(event, incoming)) })

// --- requests and other stanzas of the client ---
const PEER = '15550100002@s.whatsapp.net'
const BLOCKED = '15550100009@s.whatsapp.net'
const GROUP = '120363000000000001@g.us'
const outgoing = {
  count: await during(() => sock.uploadPreKeysToServerIfRequired()),
  digest: await during(() => sock.digestKeyBundle()),
  privacy: await during(() => sock.fetchPrivacySettings(true)),
  blocklist: await during(() => sock.fetchBlocklist()),
  block: await during(() => sock.updateBlockStatus(BLOCKED, 'block')),
  unblock: await during(() => sock.updateBlockStatus(BLOCKED, 'unblock')),
  set_privacy: await during(() => sock.updateLastSeenPrivacy('contacts')),
  set_default_timer: await during(() => sock.updateDefaultDisappearingMode(604800)),
  set_about: await during(() => sock.updateProfileStatus('Grüße')),
  business_profile: await during(() => sock.getBusinessProfile(PEER)),
  bots: await during(() => sock.getBotListV2()),
  media_conn: await during(() => sock.refreshMediaConn(true)),
  clean: await during(() => sock.cleanDirtyBits('account_sync', '1700000001')),
  subscribe: await during(() => sock.presenceSubscribe(PEER)),
  composing: await during(() => sock.sendPresenceUpdate('composing', PEER)),
  recording: await during(() => sock.sendPresenceUpdate('recording', '100000000000002@lid')),
  paused: await during(() => sock.sendPresenceUpdate('paused', PEER)),
  available: await during(() => sock.sendPresenceUpdate('available')),
  unavailable: await during(() => sock.sendPresenceUpdate('unavailable')),
  unified_session: await during(() => sock.sendUnifiedSession()),
  offline_batch: await during(() => ws.emit('CB:ib,,offline_preview', node('ib', {}, [node('offline_preview', { count: '2' })]))),
  pair_device_ack: await during(() => ws.emit('CB:iq,type:set,pair-device', node('iq', { id: '42', type: 'set' }, [node('pair-device', {}, [node('ref', {}, Buffer.from('2@ref'))])]))),
  read: await during(() => sock.sendReceipt(PEER, undefined, ['A1', 'A2', 'A3'], 'read')),
  read_group: await during(() => sock.sendReceipt(GROUP, '100000000000002@lid', ['A1'], 'read-self')),
  fetch_bundles: await during(() => sock.assertSessions(['100000000000002:4@lid'], true))
}

// --- what it answers to the server's stanzas; a message is answered with the user looking away unless said otherwise ---
const enc = () => node('enc', { v: '2', type: 'msg' }, Buffer.from(seed('ciphertext')))
const message = (attrs, content = [enc()]) => node('message', { id: '3EB0A', t: '1700000000', type: 'text', ...attrs }, content)
const answers = {
  delivered_offline_user: await received('CB:message', message({ from: '15550100002:4@s.whatsapp.net' }))
}
sock.ev.emit('connection.update', { isOnline: true })
Object.assign(answers, {
  delivered: await received('CB:message', message({ from: '15550100002:4@s.whatsapp.net' })),
  delivered_group: await received('CB:message', message({ from: GROUP, participant: '100000000000002:4@lid', addressing_mode: 'lid' })),
  own_device_lid: await received('CB:message', message({ from: '100000000000001@lid', recipient: '100000000000002@lid' })),
  peer: await received('CB:message', message({ from: '15550100001@s.whatsapp.net', category: 'peer' })),
  newsletter: await received('CB:message', message({ from: '120363000000000002@newsletter', server_id: '101' }, [node('plaintext', {}, text)])),
  msmsg: await received('CB:message', message({ from: '15550100002@s.whatsapp.net' }, [node('enc', { v: '2', type: 'msmsg' }, Buffer.from('x'))])),
  no_sender: await received('CB:message', message({ id: '3EB0B', from: '15550100002@s.whatsapp.net', recipient: '15550100003@s.whatsapp.net' })),
  receipt: await received('CB:receipt', node('receipt', { id: '3EB0A', from: '15550100002:4@s.whatsapp.net', t: '1700000000', type: 'read' })),
  notification: await received('CB:notification', node('notification', { id: '77', from: PEER, type: 'picture', t: '1700000000', participant: '15550100002:1@s.whatsapp.net' }, [node('delete')])),
  call: await received('CB:call', node('call', { id: '78', from: PEER, t: '1700000000' }, [node('terminate', { 'call-id': 'C', 'call-creator': PEER })]))
})
decryption = 'Bad MAC'
const failing = message({ id: '3EB0C', from: '15550100002:4@s.whatsapp.net' })
answers.retry_first = await received('CB:message', failing)
answers.retry_with_keys = await received('CB:message', failing)
decryption = 'Key used already or never filled'
answers.duplicate = await received('CB:message', message({ id: '3EB0D', from: '15550100002:4@s.whatsapp.net' }))

const incoming = [
  node('message', { id: '1', from: '15550100002@s.whatsapp.net', type: 'text', recipient: '15550100003@s.whatsapp.net' }),
  node('message', { id: '2', from: GROUP, participant: '100000000000002:4@lid', type: 'text' }),
  node('receipt', { id: '3', from: PEER, type: 'read' }),
  node('receipt', { id: '4', from: PEER }),
  node('notification', { id: '5', from: 's.whatsapp.net', type: 'encrypt' }),
  node('call', { id: '6', from: PEER })
]
const acks = incoming.flatMap(one => [undefined, 487, 500].map(error => ({ received: nodeOf(one), error: error ?? null, ack: nodeOf(buildAckStanza(one, error, me.id)) })))

writeFileSync(
  join(here, '../stanzas.json'),
  JSON.stringify({ origin: origin('a socket on a WebSocket that is none'), me, now: NOW, outgoing, answers, acks, keys: { identity: identity.public.toString('hex'), signed_prekey: { id: 7, public: signedPair.public.toString('hex'), signature: seed('signature', 64).toString('hex') }, registration_id: 0x1234, device_identity: Buffer.from(baileys.encodeSignedDeviceIdentity(creds.account, true)).toString('hex') } }, null, 1).replace(/\n {3,}/g, '') + '\n'
)

// --- usync ---
const queries = {
  devices: new USyncQuery().withContext('message').withDeviceProtocol().withLIDProtocol().withUser(new USyncUser().withId(PEER)).withUser(new USyncUser().withId('100000000000003@lid')),
  contact: new USyncQuery().withContactProtocol().withUser(new USyncUser().withPhone('+15550100002')),
  lid: new USyncQuery().withContext('background').withLIDProtocol().withUser(new USyncUser().withId(PEER)),
  status: new USyncQuery().withStatusProtocol().withDisappearingModeProtocol().withUser(new USyncUser().withId(PEER))
}
const device = (id, attrs = {}) => node('device', { id: String(id), ...attrs })
const result = node('iq', { type: 'result', id: '1', from: 's.whatsapp.net' }, [
  node('usync', { sid: 'x' }, [
    node('result', {}, [node('devices'), node('lid')]),
    node('list', {}, [
      node('user', { jid: '15550100002@s.whatsapp.net' }, [
        node('devices', {}, [
          node('device-list', { hash: '2:abcdefgh' }, [device(0), device(4, { 'key-index': '2' }), device(5)]),
          node('key-index-list', { ts: '1700000000', expected_ts: '1700000001' }, Buffer.from('signed list'))
        ]),
        node('lid', { val: '100000000000002@lid' })
      ]),
      node('user', { jid: '100000000000003@lid' }, [node('devices', {}, [node('device-list', {}, [device(0), device(99, { 'key-index': '1', is_hosted: 'true' })])])]),
      node('user', { jid: '15550100001@s.whatsapp.net' }, [node('devices', {}, [node('device-list', {}, [device(0), device(3, { 'key-index': '1' }), device(6, { 'key-index': '4' })])])])
    ])
  ])
])
const parsed = queries.devices.parseUSyncQueryResult(result)
const jidOf = d => (d.device ? `${d.user}:${d.device}@${d.server}` : `${d.user}@${d.server}`)
const usync = {}
for (const name in queries) usync[name] = await during(() => sock.executeUSyncQuery(queries[name]))
writeFileSync(
  join(here, '../usync.json'),
  JSON.stringify({ origin: origin('executeUSyncQuery, parseUSyncQueryResult, extractDeviceJids'), me, queries: usync, result: nodeOf(result), lids: Object.fromEntries(parsed.list.filter(u => u.lid).map(u => [u.id, u.lid])), devices: extractDeviceJids(parsed.list, me.id, me.lid, false).map(jidOf) }, null, 1).replace(/\n {3,}/g, '') + '\n'
)

// --- prekeys ---
const state = { creds: { ...creds, nextPreKeyId: 5, firstUnuploadedPreKeyId: 3 }, keys: memory() }
await state.keys.set({ 'pre-key': { 3: pair('prekey 3'), 4: pair('prekey 4') } })
Curve.generateKeyPair = () => pair('prekey 5')
const { node: upload } = await getNextPreKeysNode(state, 3)
const stored = Object.fromEntries(Object.entries(state.keys.data).map(([name, value]) => [name.split('/')[1], { public: Buffer.from(value.public).toString('hex') }]))
writeFileSync(
  join(here, '../prekey_nodes.json'),
  JSON.stringify({ origin: origin('getNextPreKeysNode, xmppPreKey, xmppSignedPreKey'), registration_id: creds.registrationId, identity: identity.public.toString('hex'), signed_prekey: { id: 7, public: signedPair.public.toString('hex'), signature: seed('signature', 64).toString('hex') }, prekeys: stored, upload: nodeOf(upload), key: nodeOf(xmppPreKey(pair('prekey 3'), 0xabcdef)), skey: nodeOf(xmppSignedPreKey(creds.signedPreKey)) }, null, 1).replace(/\n {3,}/g, '') + '\n'
)

// --- the participant hash: Baileys' function on the long forms, which the server's is made of ---
const lists = [
  ['15550100001.0:0@s.whatsapp.net'],
  ['15550100002.0:4@s.whatsapp.net', '15550100001.0:0@s.whatsapp.net', '15550100002.0:0@s.whatsapp.net'],
  ['100000000000002.0:11@lid', '100000000000002.0:2@lid', '100000000000001.0:0@lid']
]
writeFileSync(
  join(here, '../phash.json'),
  JSON.stringify({ origin: origin('generateParticipantHashV2, which keeps 6 characters where the protocol has 6 bytes'), lists: lists.map(devices => ({ devices, start: generics.generateParticipantHashV2([...devices]) })) }, null, 1).replace(/\n {3,}/g, '') + '\n'
)

// --- ids and padding ---
const owner = '15550100001:3@s.whatsapp.net'
draws = 1000
const id = generics.generateMessageIDV2(owner)
draws = 2000
const pads = Array.from({ length: 8 }, (_, i) => {
  const random = seed(`draw ${draws}`, 1)
  const data = Buffer.from(`message ${i}`)
  return { random: random.toString('hex'), data: data.toString('hex'), padded: Buffer.from(generics.writeRandomPadMax16(data)).toString('hex') }
})
writeFileSync(
  join(here, '../message_format.json'),
  JSON.stringify({ origin: origin('generateMessageIDV2, writeRandomPadMax16'), id: { owner, now: NOW, random: seed('draw 1000', 16).toString('hex'), id }, padding: pads }, null, 1).replace(/\n {3,}/g, '') + '\n'
)
process.exit(0)
