// Makes payload.json, pairing.json and pairing_code.json by running Baileys: node tests/vectors/generate/pairing.mjs
// Packages come from tests/interop/node_modules, or from the folder that BAILEYS_NM names.
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire, syncBuiltinESMExports } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const modules = process.env.BAILEYS_NM ?? join(here, '../../interop/node_modules')
const load = path => import(pathToFileURL(join(modules, path)))
const require = createRequire(join(modules, 'index.js'))

// Baileys draws randomness from here while `drawn` is a list; every draw has other bytes and is written down.
const crypto = require('crypto')
const realRandomBytes = crypto.randomBytes
let drawn = null
crypto.randomBytes = (size, ...rest) => {
	if (!drawn || rest.length) return realRandomBytes(size, ...rest)
	drawn.push(seed(`draw ${drawn.length}`).subarray(0, size))
	return drawn.at(-1)
}
syncBuiltinESMExports()

const { proto } = await load('baileys/WAProto/index.js')
const validate = await load('baileys/lib/Utils/validate-connection.js')
const { Curve, aesEncryptCTR, derivePairingCodeKey } = await load('baileys/lib/Utils/crypto.js')
const { bytesToCrockford } = await load('baileys/lib/Utils/generics.js')
const qr = await load('baileys/lib/Utils/companion-reg-client-utils.js')
const { decodeBinaryNode } = await load('baileys/lib/WABinary/index.js')
const { default: makeWASocket, initAuthCreds } = await load('baileys/lib/index.js')
const curve = require('curve25519-js')
const { WebSocketServer } = require('ws')

const version = JSON.parse(readFileSync(join(modules, 'baileys/package.json'))).version
const origin = `baileys ${version} from npm, run by tests/vectors/generate/pairing.mjs`
const hex = bytes => Buffer.from(bytes).toString('hex')
const seed = text => createHash('sha256').update(text).digest()
const pair = text => {
	const keys = curve.generateKeyPair(seed(text))
	return { public: Buffer.from(keys.public), private: Buffer.from(keys.private) }
}
const write = (name, value) =>
	writeFileSync(join(here, '..', name), JSON.stringify({ origin, ...value }, null, 2) + '\n')

const noise = pair('noise')
const identity = pair('companion identity')
const phone = pair('phone identity')
const ephemeral = pair('companion ephemeral')
const phoneEphemeral = pair('phone ephemeral')
const advSecret = seed('adv secret')

// ---- payload.json ----

const clients = [
	{ browser: ['Mac OS', 'Chrome', '14.4.1'], syncFullHistory: true, countryCode: 'US' },
	{ browser: ['Windows', 'Desktop', '10.0.22631'], syncFullHistory: true, countryCode: 'DE' },
	{ browser: ['Mac OS', 'Desktop', '14.4.1'], syncFullHistory: false, countryCode: 'US' },
	{ browser: ['Ubuntu', 'Firefox', '22.04.4'], syncFullHistory: false, countryCode: 'BR', pushName: 'Ana ☀' },
	{ browser: ['Ubuntu', 'Edge', '22.04.4'], syncFullHistory: true, countryCode: 'US' },
	{ browser: ['Motte', 'Unknown', ''], syncFullHistory: true, countryCode: 'US' },
	{ browser: ['Chrome', 'Android', ''], syncFullHistory: true, countryCode: 'US' }
]
const signedPreKey = { keyId: 0x01e240, keyPair: pair('signed prekey'), signature: Buffer.alloc(64, 7) }
const registrationId = 12345
write('payload.json', {
	registrationId,
	identity: hex(identity.public),
	signedPreKey: {
		id: signedPreKey.keyId,
		private: hex(signedPreKey.keyPair.private),
		public: hex(signedPreKey.keyPair.public),
		signature: hex(signedPreKey.signature)
	},
	jid: '15550100001:7@s.whatsapp.net',
	cases: clients.map(client => {
		const config = { ...client, version: [2, 3000, 1043857760] }
		const registration = validate.generateRegistrationNode(
			{ registrationId, signedPreKey, signedIdentityKey: identity },
			config
		)
		return {
			...client,
			webClient: qr.getCompanionWebClientType(client.browser),
			version: config.version.join('.'),
			login: hex(proto.ClientPayload.encode(validate.generateLoginNode('15550100001:7@s.whatsapp.net', config)).finish()),
			registration: hex(proto.ClientPayload.encode(registration).finish()),
			deviceProps: hex(registration.devicePairingData.deviceProps)
		}
	})
})

// ---- pairing.json ----

const { E2EE, HOSTED } = proto.ADVEncryptionType
const concat = (...parts) => Buffer.concat(parts.map(part => Buffer.from(part)))
const pairing = (accountType, deviceType) => {
	const details = proto.ADVDeviceIdentity.encode({
		rawId: 305419896,
		timestamp: 1700000000,
		keyIndex: 3,
		accountType,
		deviceType
	}).finish()
	const accountSignature = Curve.sign(
		phone.private,
		concat([6, deviceType === HOSTED ? 5 : 0], details, identity.public)
	)
	const signed = proto.ADVSignedDeviceIdentity.encode({
		details,
		accountSignatureKey: phone.public,
		accountSignature
	}).finish()
	const hmac = crypto
		.createHmac('sha256', advSecret)
		.update(concat(accountType === HOSTED ? [6, 5] : [], signed))
		.digest()
	const container = proto.ADVSignedDeviceIdentityHMAC.encode({ details: signed, hmac, accountType }).finish()
	const stanza = {
		tag: 'iq',
		attrs: { id: '1', type: 'set', from: 's.whatsapp.net' },
		content: [
			{
				tag: 'pair-success',
				attrs: {},
				content: [
					{ tag: 'device-identity', attrs: {}, content: container },
					{ tag: 'device', attrs: { jid: '15550100001:7@s.whatsapp.net', lid: '100000000000001:7@lid' } },
					{ tag: 'platform', attrs: { name: 'android' } }
				]
			}
		]
	}
	const { creds, reply } = validate.configureSuccessfulPairing(stanza, {
		advSecretKey: advSecret.toString('base64'),
		signedIdentityKey: identity,
		signalIdentities: []
	})
	const answer = reply.content[0].content[0]
	return {
		accountType,
		deviceType,
		container: hex(container),
		keyIndex: answer.attrs['key-index'],
		reply: hex(answer.content),
		stored: hex(validate.encodeSignedDeviceIdentity(creds.account, true)),
		deviceSignature: hex(creds.account.deviceSignature)
	}
}
write('pairing.json', {
	noisePrivate: hex(noise.private),
	identityPrivate: hex(identity.private),
	phonePrivate: hex(phone.private),
	advSecret: hex(advSecret),
	qr: {
		ref: '2@AbCdEf+/=,1',
		browser: ['Windows', 'Desktop'],
		text: qr.buildPairingQRData(
			'2@AbCdEf+/=,1',
			noise.public.toString('base64'),
			identity.public.toString('base64'),
			advSecret.toString('base64'),
			['Windows', 'Desktop']
		)
	},
	cases: [pairing(E2EE, E2EE), pairing(HOSTED, E2EE), pairing(HOSTED, HOSTED)]
})

// ---- pairing_code.json: a Baileys socket that talks to a server which never answers its handshake. Its stanzas are
// then frames in the clear: a u24 length and the encoded node. ----

const frames = []
let wake = () => {}
const nextFrame = async () => {
	while (!frames.length) await new Promise(resolve => (wake = resolve))
	return frames.shift()
}
const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
server.on('connection', socket => socket.on('message', data => (frames.push(data), wake())))
await new Promise(resolve => server.once('listening', resolve))

const creds = { ...initAuthCreds(), noiseKey: noise, signedIdentityKey: identity, pairingEphemeralKeyPair: ephemeral }
const silent = { level: 'silent', child: () => silent }
for (const level of ['trace', 'debug', 'info', 'warn', 'error', 'fatal']) silent[level] = () => {}
const socket = makeWASocket({
	waWebSocketUrl: `ws://127.0.0.1:${server.address().port}`,
	auth: { creds, keys: { get: async () => ({}), set: async () => {} } },
	browser: ['Mac OS', 'Chrome', '14.4.1'],
	logger: silent
})
const clientHello = await nextFrame()
const stanza = async () => decodeBinaryNode((await nextFrame()).subarray(3))
const childOf = (node, tag) => Buffer.from(node.content[0].content.find(child => child.tag === tag).content)

const code = 'ABCD1234'
drawn = []
await socket.requestPairingCode('15550100001', code)
const hello = await stanza()
const helloDraws = drawn

const phoneSalt = seed('phone salt')
const phoneIv = seed('phone iv').subarray(0, 16)
const wrappedPhone = concat(
	phoneSalt,
	phoneIv,
	aesEncryptCTR(phoneEphemeral.public, await derivePairingCodeKey(code, phoneSalt), phoneIv)
)
drawn = []
socket.ws.emit('CB:notification', {
	tag: 'notification',
	attrs: { from: 's.whatsapp.net', type: 'link_code_companion_reg', id: '2', t: '1700000000' },
	content: [
		{
			tag: 'link_code_companion_reg',
			attrs: { stage: 'primary_hello' },
			content: [
				{ tag: 'link_code_pairing_ref', attrs: {}, content: Buffer.from('ref') },
				{ tag: 'primary_identity_pub', attrs: {}, content: phone.public },
				{ tag: 'link_code_pairing_wrapped_primary_ephemeral_pub', attrs: {}, content: wrappedPhone }
			]
		}
	]
})
const finish = await stanza()
const finishDraws = drawn
drawn = null

write('pairing_code.json', {
	code,
	codes: [seed('a'), seed('b'), Buffer.alloc(32), Buffer.alloc(32, 255)].map(bytes => ({
		random: hex(bytes.subarray(0, 5)),
		code: bytesToCrockford(bytes.subarray(0, 5))
	})),
	identityPrivate: hex(identity.private),
	phonePrivate: hex(phone.private),
	ephemeralPrivate: hex(ephemeral.private),
	phoneEphemeralPrivate: hex(phoneEphemeral.private),
	helloDraws: helloDraws.map(hex),
	wrapped: hex(childOf(hello, 'link_code_pairing_wrapped_companion_ephemeral_pub')),
	platformId: childOf(hello, 'companion_platform_id').toString(),
	platformDisplay: childOf(hello, 'companion_platform_display').toString(),
	wrappedPhone: hex(wrappedPhone),
	finishDraws: finishDraws.map(hex),
	bundle: hex(childOf(finish, 'link_code_pairing_wrapped_key_bundle')),
	advSecret: hex(Buffer.from(socket.authState.creds.advSecretKey, 'base64'))
})
process.exit(clientHello.length > 0 ? 0 : 1)
