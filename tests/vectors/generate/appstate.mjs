// Writes ../appstate.json: app-state keys, LT-hashes, patches as Baileys makes them, and a snapshot that Baileys reads.
//
//   node appstate.mjs         Baileys from ../../interop/node_modules, or from $BAILEYS_NM
//
// Randomness is fixed before Baileys is loaded: every run writes the same bytes.
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import { createRequire, syncBuiltinESMExports } from 'node:module'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const here = path.dirname(fileURLToPath(import.meta.url))
const modules = process.env.BAILEYS_NM || path.join(here, '..', '..', 'interop', 'node_modules')
const crypto = createRequire(import.meta.url)('crypto')
const seeded = text => createHash('sha256').update(text).digest()
let draws = 0
const randomBytes = size => Buffer.concat(Array.from({ length: Math.ceil(size / 32) }, () =>
  seeded(`app state ${draws++}`))).subarray(0, size)
crypto.randomBytes = randomBytes
syncBuiltinESMExports()
const load = (name, file) => import(pathToFileURL(path.join(modules, name, file)).href)
const utils = await load('baileys', 'lib/Utils/chat-utils.js')
const { hmacSign } = await load('baileys', 'lib/Utils/crypto.js')
const { LT_HASH_ANTI_TAMPERING } = await load('baileys', 'lib/Utils/lt-hash.js')
const { expandAppStateKeys } = await load('whatsapp-rust-bridge', 'dist/index.js')
const { proto } = await load('baileys', 'WAProto/index.js')
const { version } = JSON.parse(fs.readFileSync(path.join(modules, 'baileys', 'package.json')))
const b64 = bytes => Buffer.from(bytes).toString('base64')
const { SET, REMOVE } = proto.SyncdMutation.SyncdOperation

const NAME = 'regular_low'
const secrets = { 'AAAAAAAB': seeded('first key'), 'AAAAAAAC': seeded('second key') }
const getKey = async id => secrets[id] && { keyData: secrets[id] }
const keys = Object.entries(secrets).map(([id, secret]) => {
  const expanded = expandAppStateKeys(secret)
  return {
    id, secret: b64(secret), index: b64(expanded.indexKey), value: b64(expanded.valueEncryptionKey),
    value_mac: b64(expanded.valueMacKey), snapshot_mac: b64(expanded.snapshotMacKey), patch_mac: b64(expanded.patchMacKey)
  }
})

const macs = Array.from({ length: 300 }, (_, at) => seeded(`member ${at}`))
const all = LT_HASH_ANTI_TAMPERING.subtractThenAdd(Buffer.alloc(128), [], macs)
const lthash = [
  { from: b64(Buffer.alloc(128)), remove: [], add: [b64(macs[0])],
    to: b64(LT_HASH_ANTI_TAMPERING.subtractThenAdd(Buffer.alloc(128), [], macs.slice(0, 1))) },
  { from: b64(Buffer.alloc(128)), remove: [b64(macs[0])], add: [],
    to: b64(LT_HASH_ANTI_TAMPERING.subtractThenAdd(Buffer.alloc(128), macs.slice(0, 1), [])) },
  { from: b64(Buffer.alloc(128)), remove: [], add: macs.map(b64), to: b64(all) },
  { from: b64(all), remove: macs.slice(0, 299).map(b64), add: [b64(seeded('another'))],
    to: b64(LT_HASH_ANTI_TAMPERING.subtractThenAdd(all, macs.slice(0, 299), [seeded('another')])) }
]

const chat = '15550100002@s.whatsapp.net'
const steps = [
  ['AAAAAAAB', SET, ['pin_v1', chat], { timestamp: 1700000000000, pinAction: { pinned: true } }, 5],
  ['AAAAAAAB', SET, ['archive', chat], { timestamp: 1700000001000, archiveChatAction: { archived: true } }, 3],
  ['AAAAAAAB', SET, ['pin_v1', chat], { timestamp: 1700000002000, pinAction: { pinned: false } }, 5],
  ['AAAAAAAC', SET, ['star', chat, '3EB0AA', '1', '0'], { timestamp: 1700000003000, starAction: { starred: true } }, 2],
  ['AAAAAAAC', SET, ['mute', 'caf\u00e9 \u{1F600} "x"'], { timestamp: 1700000004000, muteAction: { muted: true, muteEndTimestamp: -1 } }, 2],
  ['AAAAAAAB', REMOVE, ['archive', chat], { timestamp: 1700000005000, archiveChatAction: { archived: true } }, 3]
]
let state = utils.newLTHashState()
const patches = []
const records = new Map()
for (const [keyId, operation, index, syncAction, apiVersion] of steps) {
  const before = state
  const made = await utils.encodeSyncdPatch({ type: NAME, index, syncAction, apiVersion, operation }, keyId, state, getKey)
  state = made.state
  const [mutation] = made.patch.mutations
  const indexMac = b64(mutation.record.index.blob)
  // After a removal Baileys' encoder keeps the MAC of the record that is gone; its decoder does not, nor does anybody else.
  if (operation === REMOVE) {
    delete state.indexValueMap[indexMac]
    records.delete(indexMac)
  } else records.set(indexMac, mutation.record)
  const bytes = Buffer.from(proto.SyncdPatch.encode(made.patch).finish())
  // The server fills in the version; then Baileys reads its own patch with every check on.
  const patch = proto.SyncdPatch.decode(bytes)
  patch.version = { version: state.version }
  const read = await utils.decodePatches(NAME, [patch], before, getKey, {}, undefined, { warn: reason => { throw new Error(JSON.stringify(reason)) } }, true)
  if (Buffer.compare(read.state.hash, state.hash)) throw new Error('Baileys does not agree with itself')
  patches.push({
    patch: b64(bytes), operation, index, value: b64(proto.SyncActionValue.encode(proto.SyncActionValue.fromObject(syncAction)).finish()),
    action_version: apiVersion, key: keyId, version: state.version, lthash: b64(state.hash)
  })
}

const u64 = number => { const bytes = Buffer.alloc(8); bytes.writeUInt32BE(number, 4); return bytes }
const mac = hmacSign(Buffer.concat([state.hash, u64(state.version), Buffer.from(NAME)]), expandAppStateKeys(secrets.AAAAAAAC).snapshotMacKey)
const snapshot = { version: { version: state.version }, records: [...records.values()], mac, keyId: { id: Buffer.from('AAAAAAAC', 'base64') } }
const bytes = proto.SyncdSnapshot.encode(snapshot).finish()
const decoded = await utils.decodeSyncdSnapshot(NAME, proto.SyncdSnapshot.decode(bytes), getKey, undefined, true,
  { warn: reason => { throw new Error(JSON.stringify(reason)) } })

fs.writeFileSync(path.join(here, '..', 'appstate.json'), JSON.stringify({
  origin: `Baileys ${version} (chat-utils, lt-hash, whatsapp-rust-bridge), made by generate/appstate.mjs`,
  collection: NAME, keys, lthash, patches,
  snapshot: { snapshot: b64(bytes), version: decoded.state.version, lthash: b64(decoded.state.hash),
    indexes: Object.values(decoded.mutationMap).map(one => one.index) }
}, null, 1) + '\n')
