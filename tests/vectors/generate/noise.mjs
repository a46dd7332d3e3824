// Writes ../noise.json: Noise handshakes with fixed keys, byte for byte.
//
//   node noise.mjs            Baileys from ../../interop/node_modules, or from $BAILEYS_NM
//
// "xx":   the client's side is Baileys' makeNoiseHandler; the server's side is written here after the Noise
//         specification, with node:crypto only.
// "ik", "xxfallback": Baileys has neither. Both sides are written here after the Noise specification (rev. 34, 5 and
//         7.5), with node:crypto only; the client's and the server's computation must agree.
//
// The certificate chain is fixed too: signed with Baileys' Curve.sign, which is deterministic, under the root "root_public".
import { createCipheriv, createDecipheriv, createHash, createHmac, createPrivateKey, createPublicKey, diffieHellman } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const here = path.dirname(fileURLToPath(import.meta.url))
const modules = process.env.BAILEYS_NM || path.join(here, '..', '..', 'interop', 'node_modules')
const baileys = await import(pathToFileURL(path.join(modules, 'baileys', 'lib', 'index.js')).href)
const { proto } = await import(pathToFileURL(path.join(modules, 'baileys', 'WAProto', 'index.js')).href)
const { version } = JSON.parse(fs.readFileSync(path.join(modules, 'baileys', 'package.json')))
const silent = { level: 'silent', child: () => silent, trace() {}, debug() {}, info() {}, warn() {}, error() {} }

// --- X25519 of raw keys ---
const PKCS8 = Buffer.from('302e020100300506032b656e04220420', 'hex')
const SPKI = Buffer.from('302a300506032b656e032100', 'hex')
const privateKey = raw => createPrivateKey({ key: Buffer.concat([PKCS8, raw]), format: 'der', type: 'pkcs8' })
const publicKey = raw => createPublicKey({ key: Buffer.concat([SPKI, raw]), format: 'der', type: 'spki' })
const dh = (mine, theirs) => diffieHellman({ privateKey: privateKey(mine.private), publicKey: publicKey(theirs) })
const pairOf = seed => {
  const secret = createHash('sha256').update(seed).digest()
  return { private: secret, public: createPublicKey(privateKey(secret)).export({ format: 'der', type: 'spki' }).subarray(-32) }
}

// --- the symmetric state of the Noise specification ---
class SymmetricState {
  constructor(name, prologue) {
    const label = Buffer.from(name)
    this.h = label.length <= 32 ? Buffer.concat([label, Buffer.alloc(32 - label.length)]) : createHash('sha256').update(label).digest()
    this.ck = this.h
    this.mixHash(prologue)
  }
  mixHash(data) { this.h = createHash('sha256').update(this.h).update(data).digest() }
  hkdf2(input) {
    const temp = createHmac('sha256', this.ck).update(input).digest()
    const one = createHmac('sha256', temp).update(Buffer.from([1])).digest()
    return [one, createHmac('sha256', temp).update(one).update(Buffer.from([2])).digest()]
  }
  mixKey(input) { [this.ck, this.k] = this.hkdf2(input); this.n = 0 }
  nonce() { const iv = Buffer.alloc(12); iv.writeBigUInt64BE(BigInt(this.n++), 4); return iv }
  encryptAndHash(plaintext) {
    const cipher = createCipheriv('aes-256-gcm', this.k, this.nonce()).setAAD(this.h)
    const sealed = Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
    this.mixHash(sealed)
    return sealed
  }
  decryptAndHash(sealed) {
    const decipher = createDecipheriv('aes-256-gcm', this.k, this.nonce()).setAAD(this.h).setAuthTag(sealed.subarray(-16))
    const plaintext = Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()])
    this.mixHash(sealed)
    return plaintext
  }
  split() { return this.hkdf2(Buffer.alloc(0)) }
}
const transportSeal = (key, counter, plaintext) => {
  const iv = Buffer.alloc(12)
  iv.writeUInt32BE(counter, 8)
  const cipher = createCipheriv('aes-256-gcm', key, iv)
  return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
}
const u24 = data => Buffer.concat([Buffer.from([data.length >> 16, (data.length >> 8) & 255, data.length & 255]), data])

// --- fixed inputs ---
const HEADER = Buffer.from(baileys.NOISE_WA_HEADER)
const clientStatic = pairOf('client static')
const clientEphemeral = pairOf('client ephemeral')
const serverStatic = pairOf('server static')
const serverEphemeral = pairOf('server ephemeral')
const oldServerStatic = pairOf('old server static')
const payload = Buffer.from('the client payload')
const routing = Buffer.from('0123456789ab', 'hex')
const { NoiseCertificate } = proto.CertChain
const issue = (signer, fields) => {
  const details = Buffer.from(NoiseCertificate.Details.encode({ notBefore: 1700000000, notAfter: 1900000000, ...fields }).finish())
  return { details, signature: Buffer.from(baileys.Curve.sign(signer.private, details)) }
}
const root = pairOf('root')
const intermediate = pairOf('intermediate')
const chain = Buffer.from(proto.CertChain.encode({
  intermediate: issue(root, { serial: 1, issuerSerial: 0, key: intermediate.public }),
  leaf: issue(intermediate, { serial: 2, issuerSerial: 1, key: serverStatic.public })
}).finish())
const message = fields => Buffer.from(proto.HandshakeMessage.encode(fields).finish())
const equal = (a, b, what) => { if (Buffer.compare(a, b)) throw new Error(`the two sides differ in ${what}`) }

// Second and third message are the same in XX and XXfallback.
function serverHello(state) {
  state.mixHash(serverEphemeral.public)
  state.mixKey(dh(serverEphemeral, clientEphemeral.public))
  const sealedStatic = state.encryptAndHash(serverStatic.public)
  state.mixKey(dh(serverStatic, clientEphemeral.public))
  return { ephemeral: serverEphemeral.public, static: sealedStatic, payload: state.encryptAndHash(chain) }
}
function readFinish(state, finish) {
  const theirs = state.decryptAndHash(Buffer.from(finish.static))
  equal(theirs, clientStatic.public, 'client static')
  state.mixKey(dh(serverEphemeral, theirs))
  equal(state.decryptAndHash(Buffer.from(finish.payload)), payload, 'payload')
  return state.split()
}
const transport = ([toServer, toClient]) => ({
  to_server: [0, 1].map(n => transportSeal(toServer, n, Buffer.from(`to server ${n}`)).toString('hex')),
  to_client: [0, 1].map(n => transportSeal(toClient, n, Buffer.from(`to client ${n}`)).toString('hex'))
})

async function xx(routingInfo) {
  const noise = baileys.makeNoiseHandler({ keyPair: clientEphemeral, NOISE_HEADER: HEADER, logger: silent, routingInfo })
  const hello = message({ clientHello: { ephemeral: clientEphemeral.public } })
  const firstBytes = noise.encodeFrame(hello)
  const server = new SymmetricState('Noise_XX_25519_AESGCM_SHA256', HEADER)
  server.mixHash(clientEphemeral.public)
  const answer = serverHello(server)
  const sealedStatic = noise.processHandshake({ serverHello: answer }, clientStatic)
  const finish = { static: sealedStatic, payload: noise.encrypt(payload) }
  await noise.finishInit()
  const keys = readFinish(server, finish)
  const rows = transport(keys)
  for (const n of [0, 1]) equal(noise.encodeFrame(Buffer.from(`to server ${n}`)), u24(Buffer.from(rows.to_server[n], 'hex')), 'transport')
  for (const n of [0, 1]) equal(noise.decrypt(Buffer.from(rows.to_client[n], 'hex')), Buffer.from(`to client ${n}`), 'transport')
  return {
    first_bytes: Buffer.from(firstBytes).toString('hex'),
    client_hello: hello.toString('hex'),
    server_hello: message({ serverHello: answer }).toString('hex'),
    client_finish: message({ clientFinish: finish }).toString('hex'),
    ...rows
  }
}

function ikHello(server) {
  const state = new SymmetricState('Noise_IK_25519_AESGCM_SHA256', HEADER)
  state.mixHash(server)
  state.mixHash(clientEphemeral.public)
  state.mixKey(dh(clientEphemeral, server))
  const sealedStatic = state.encryptAndHash(clientStatic.public)
  state.mixKey(dh(clientStatic, server))
  return [state, { ephemeral: clientEphemeral.public, static: sealedStatic, payload: state.encryptAndHash(payload) }]
}

function ik() {
  const [client, hello] = ikHello(serverStatic.public)
  const server = new SymmetricState('Noise_IK_25519_AESGCM_SHA256', HEADER)
  server.mixHash(serverStatic.public)
  server.mixHash(hello.ephemeral)
  server.mixKey(dh(serverStatic, hello.ephemeral))
  equal(server.decryptAndHash(hello.static), clientStatic.public, 'client static')
  server.mixKey(dh(serverStatic, clientStatic.public))
  equal(server.decryptAndHash(hello.payload), payload, 'payload')
  server.mixHash(serverEphemeral.public)
  server.mixKey(dh(serverEphemeral, clientEphemeral.public))
  server.mixKey(dh(serverEphemeral, clientStatic.public))
  const answer = { ephemeral: serverEphemeral.public, payload: server.encryptAndHash(chain) }
  client.mixHash(answer.ephemeral)
  client.mixKey(dh(clientEphemeral, answer.ephemeral))
  client.mixKey(dh(clientStatic, answer.ephemeral))
  equal(client.decryptAndHash(answer.payload), chain, 'chain')
  equal(Buffer.concat(client.split()), Buffer.concat(server.split()), 'keys')
  return {
    client_hello: message({ clientHello: hello }).toString('hex'),
    server_hello: message({ serverHello: answer }).toString('hex'),
    ...transport(server.split())
  }
}

function xxfallback() {
  const [, hello] = ikHello(oldServerStatic.public)
  const server = new SymmetricState('Noise_XXfallback_25519_AESGCM_SHA256', HEADER)
  server.mixHash(hello.ephemeral)
  const answer = serverHello(server)
  const client = new SymmetricState('Noise_XXfallback_25519_AESGCM_SHA256', HEADER)
  client.mixHash(clientEphemeral.public)
  client.mixHash(answer.ephemeral)
  client.mixKey(dh(clientEphemeral, answer.ephemeral))
  equal(client.decryptAndHash(answer.static), serverStatic.public, 'server static')
  client.mixKey(dh(clientEphemeral, serverStatic.public))
  equal(client.decryptAndHash(answer.payload), chain, 'chain')
  const sealedStatic = client.encryptAndHash(clientStatic.public)
  client.mixKey(dh(clientStatic, answer.ephemeral))
  const finish = { static: sealedStatic, payload: client.encryptAndHash(payload) }
  const keys = readFinish(server, finish)
  equal(Buffer.concat(client.split()), Buffer.concat(keys), 'keys')
  return {
    client_hello: message({ clientHello: hello }).toString('hex'),
    server_hello: message({ serverHello: answer }).toString('hex'),
    client_finish: message({ clientFinish: finish }).toString('hex'),
    ...transport(keys)
  }
}

const out = {
  origin: `XX: baileys ${version}, makeNoiseHandler; server side, IK and XXfallback: the Noise specification on node:crypto; by generate/noise.mjs`,
  keys: Object.fromEntries(Object.entries({ client_static: clientStatic, client_ephemeral: clientEphemeral, server_static: serverStatic, server_ephemeral: serverEphemeral, old_server_static: oldServerStatic }).map(([k, v]) => [k, v.private.toString('hex')])),
  header: HEADER.toString('hex'),
  payload: payload.toString('hex'),
  chain: chain.toString('hex'),
  root_public: root.public.toString('hex'),
  now: 1800000000,
  routing_info: routing.toString('hex'),
  routed_first_bytes: (await xx(routing)).first_bytes,
  xx: await xx(),
  ik: ik(),
  xxfallback: xxfallback()
}
fs.writeFileSync(path.join(here, '..', 'noise.json'), JSON.stringify(out, null, 2) + '\n')
