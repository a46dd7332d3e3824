// (8) app state: the LT-hash, and patches with every MAC checked, which Baileys does when it is told to
import { imp, main, bytes, silent, fixture } from './harness.mjs'
const B = await imp('baileys/lib/index.js')
const { LT_HASH_ANTI_TAMPERING, encodeSyncdPatch, decodePatches, newLTHashState, proto, hmacSign } = B
const { expandAppStateKeys } = await imp('whatsapp-rust-bridge/dist/index.js')
const NAME = 'regular_low', keyData = bytes(32, 99), keyId = bytes(6, 98), keyName = keyId.toString('base64')
const getKey = async id => id === keyName ? { keyData } : undefined
const SET = proto.SyncdMutation.SyncdOperation.SET

const build = async count => {
  const mutations = []
  for (let i = 0; i < count; i++) {
    const jid = `1555${String(1000000 + i * 79)}@s.whatsapp.net`, id = '3EB0' + bytes(9, i + 3).toString('hex').toUpperCase()
    const made = await encodeSyncdPatch({ type: NAME, index: ['star', jid, id, i & 1 ? '1' : '0', '0'], syncAction: { timestamp: 1716300000000 + i, starAction: { starred: true } }, apiVersion: 2, operation: SET }, keyName, newLTHashState(), getKey)
    mutations.push(made.patch.mutations[0])
  }
  const macs = mutations.map(one => one.record.value.blob.slice(-32))
  const hash = LT_HASH_ANTI_TAMPERING.subtractThenAdd(Buffer.alloc(128), [], macs)
  const keys = expandAppStateKeys(keyData), version = Buffer.alloc(8), name = Buffer.from(NAME)
  version.writeUInt32BE(1, 4)
  const snapshotMac = hmacSign(Buffer.concat([hash, version, name]), keys.snapshotMacKey)
  const patchMac = hmacSign(Buffer.concat([snapshotMac, ...macs, version, name]), keys.patchMacKey)
  return Buffer.from(proto.SyncdPatch.encode({ version: { version: 1 }, mutations, snapshotMac, patchMac, keyId: { id: keyId } }).finish())
}
const blobs = {}
for (const count of [1000, 10000]) {
  const made = await build(count)
  blobs[count] = fixture(`appstate_patch${count}.bin`, () => made)
}
fixture('appstate_key.bin', () => Buffer.concat([keyId, keyData]))

const decode = count => async () => {
  const patch = proto.SyncdPatch.decode(blobs[count])
  const read = await decodePatches(NAME, [patch], newLTHashState(), getKey, {}, undefined, silent, true)
  if (Object.keys(read.mutationMap).length !== count || read.state.version !== 1) throw new Error('not decoded')
}
const macs = Array.from({ length: 1000 }, (_, i) => bytes(32, i + 1)), others = Array.from({ length: 1000 }, (_, i) => bytes(32, i + 5001))
const base = LT_HASH_ANTI_TAMPERING.subtractThenAdd(Buffer.alloc(128), [], macs)
await main({
  'appstate.lthash': { sync: true, chunk: 1, per: 2000, run: () => LT_HASH_ANTI_TAMPERING.subtractThenAdd(base, macs, others) },
  'appstate.decode1000': { per: 1000, bytes: blobs[1000].length / 1000, run: decode(1000) },
  'appstate.decode10000': { per: 10000, bytes: blobs[10000].length / 10000, minIters: 2, run: decode(10000) },
  'appstate.encode': { run: () => encodeSyncdPatch({ type: NAME, index: ['star', '15550100002@s.whatsapp.net', '3EB0AABBCCDDEEFF001122', '1', '0'], syncAction: { timestamp: 1716300000000, starAction: { starred: true } }, apiVersion: 2, operation: SET }, keyName, newLTHashState(), getKey) }
})
