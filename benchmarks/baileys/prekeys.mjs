// (8) 812 prekeys: generate, and generate + store + build and encode the upload node
import { main } from './harness.mjs'
import { B, makeUser, generateOrGetPreKeys, initAuthCreds } from './accounts.mjs'
const { getNextPreKeysNode, encodeBinaryNode, INITIAL_PREKEY_COUNT: N } = B
const creds = initAuthCreds()
await main({
  'prekeys.generate812': { per: N, sync: true, chunk: 1, run: () => generateOrGetPreKeys(creds, N), note: 'ops = keys' },
  'prekeys.uploadnode812': { per: N, run: async () => { const u = makeUser(); const { node } = await getNextPreKeysNode({ creds: u.creds, keys: u.keys }, N); encodeBinaryNode(node) } }
})
