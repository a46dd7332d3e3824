// Writes ../media.json: media keys, files as Baileys encrypts them, requests to upload again, waveforms.
//
//   node media.mjs            Baileys from ../../interop/node_modules, or from $BAILEYS_NM
//
// Randomness is fixed before Baileys is loaded: every run writes the same bytes.
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import { createRequire, register, syncBuiltinESMExports } from 'node:module'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const here = path.dirname(fileURLToPath(import.meta.url))
const modules = process.env.BAILEYS_NM || path.join(here, '..', '..', 'interop', 'node_modules')
const crypto = createRequire(import.meta.url)('crypto')
let draws = 0
const randomBytes = size => Buffer.concat(Array.from({ length: Math.ceil(size / 32) }, () =>
  createHash('sha256').update(`media ${draws++}`).digest())).subarray(0, size)
crypto.randomBytes = randomBytes
syncBuiltinESMExports()
const load = name => import(pathToFileURL(path.join(modules, 'baileys', name)).href)
const media = await load('lib/Utils/messages-media.js')
const { aesEncryptGCM, hkdf } = await load('lib/Utils/crypto.js')
const { MEDIA_HKDF_KEY_MAPPING } = await load('lib/Defaults/index.js')
const { proto } = await load('WAProto/index.js')
const { version } = JSON.parse(fs.readFileSync(path.join(modules, 'baileys', 'package.json')))
const b64 = bytes => Buffer.from(bytes).toString('base64')

const mediaKey = createHash('sha256').update('a media key').digest()
const keys = {}
for (const [kind, name] of Object.entries(MEDIA_HKDF_KEY_MAPPING)) {
  if (!name) continue
  const { iv, cipherKey, macKey } = await media.getMediaKeys(mediaKey, kind)
  keys[kind] = { iv: b64(iv), cipher: b64(cipherKey), mac: b64(macKey) }
}

const files = []
for (const [kind, size] of [['image', 0], ['image', 15], ['audio', 16], ['document', 1000], ['sticker', 4097]]) {
  const plain = Buffer.alloc(size, 'motte ')
  const sealed = await media.encryptedStream(plain, kind)
  const encrypted = fs.readFileSync(sealed.encFilePath)
  fs.unlinkSync(sealed.encFilePath)
  files.push({
    kind, plain: b64(plain), encrypted: b64(encrypted), media_key: b64(sealed.mediaKey),
    file_sha256: b64(sealed.fileSha256), enc_sha256: b64(sealed.fileEncSha256), size: sealed.fileLength
  })
}

const id = '3EB0C0FFEE00000000000A'
const key = { id, remoteJid: '15550100002@s.whatsapp.net', fromMe: false }
const request = media.encryptMediaRetryRequest(key, mediaKey, '15550100001:3@s.whatsapp.net')
const [encrypt, rmr] = request.content
const [ciphertext, iv] = encrypt.content.map(node => b64(node.content))
const answers = []
for (const result of [0, 1, 2, 3]) {
  const answer = { stanzaId: id, result, directPath: result === 1 ? '/v/t62.7118-24/new' : undefined }
  const nonce = randomBytes(12)
  const body = proto.MediaRetryNotification.encode(answer).finish()
  const sealed = aesEncryptGCM(body, hkdf(mediaKey, 32, { info: 'WhatsApp Media Retry Notification' }), nonce, Buffer.from(id))
  const read = media.decryptMediaRetryData({ ciphertext: sealed, iv: nonce }, mediaKey, id)
  answers.push({ ciphertext: b64(sealed), iv: b64(nonce), result: read.result, path: read.directPath ?? null })
}

// Baileys decodes sounds by a package that it does not bring along; one that takes 16-bit samples as they are stands for it.
const decoder = 'export default async bytes => ({ getChannelData: () => Float32Array.from(new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2), n => n / 32768) })'
const hook = `export const resolve = (name, context, next) => name === 'audio-decode'
  ? { url: 'data:text/javascript,' + encodeURIComponent(${JSON.stringify(decoder)}), shortCircuit: true } : next(name, context)`
register('data:text/javascript,' + encodeURIComponent(hook))
const GRAIN = 40 // samples of one level, which go up and down by turns
const sound = levels => Buffer.from(Int16Array.from({ length: levels.length * GRAIN }, (_, n) => levels[Math.floor(n / GRAIN)] * (n % 2 ? -1 : 1)).buffer)
const shapes = {
  rising: Array.from({ length: 64 }, (_, n) => 400 * n),
  noise: Array.from({ length: 192 }, (_, n) => 100 * createHash('sha256').update(`level ${n}`).digest()[0]),
  silence: Array(128).fill(0),
  wave: Array.from({ length: 1000 }, (_, n) => Math.round(12000 + 10000 * Math.sin(n / 90)))
}
const waveforms = []
for (const [name, levels] of Object.entries(shapes)) {
  waveforms.push({ name, levels, grain: GRAIN, waveform: b64(await media.getAudioWaveform(sound(levels))) })
}

const vectors = {
  origin: `baileys ${version}, Utils/messages-media.js: getMediaKeys, encryptedStream, encryptMediaRetryRequest, decryptMediaRetryData, getAudioWaveform; by generate/media.mjs`,
  media_key: b64(mediaKey), keys, files,
  retry: { id, request: { ciphertext, iv, attrs: request.attrs, rmr: rmr.attrs }, answers },
  waveforms
}
fs.writeFileSync(path.join(here, '..', 'media.json'), JSON.stringify(vectors, (name, value) => name === 'levels' ? value.join(' ') : value, 2) + '\n')
process.exit(0)
