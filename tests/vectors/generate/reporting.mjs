// Writes ../reporting.json by running Baileys' reporting-utils on the kinds of content.json.
//
//   node reporting.mjs        Baileys from ../../interop/node_modules, or from $BAILEYS_NM
//
// Baileys hashes the message with its random padding; here it gets the message without, as receivers have it. It takes
// the chat for the sender, too, so these tokens are those of messages to oneself.
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const modules = process.env.BAILEYS_NM ?? join(here, '../../interop/node_modules')
const load = path => import(pathToFileURL(join(modules, path)))
const { proto } = await load('baileys/lib/index.js')
const { getMessageReportingToken } = await load('baileys/lib/Utils/reporting-utils.js')
const version = JSON.parse(readFileSync(join(modules, 'baileys/package.json'))).version

const id = '3EB0REPORTED'
const secret = createHash('sha256').update('secret').digest()
const forwarded = { forwardingScore: 3, isForwarded: true, stanzaId: '3EB0QUOTED', participant: '15550100003@s.whatsapp.net' }
const key = createHash('sha256').update('key').digest()
const file = { url: 'https://127.0.0.1/v/file', mimetype: 'image/jpeg', fileSha256: key, fileEncSha256: key, mediaKey: key, fileLength: 70000, directPath: '/v/file', contextInfo: forwarded }
const poll = { name: 'Tea?', options: [{ optionName: 'yes' }, { optionName: 'no' }], selectableOptionsCount: 1, contextInfo: forwarded }

const messages = {
  conversation: { conversation: 'hello' },
  text: { extendedTextMessage: { text: 'hello', backgroundArgb: 5 } },
  'long text': { extendedTextMessage: { text: 'long '.repeat(200), contextInfo: forwarded } },
  image: { imageMessage: { ...file, caption: 'a picture', width: 10, height: 20 } },
  video: { videoMessage: { ...file, caption: 'a film', seconds: 3 } },
  'video note': { ptvMessage: { ...file, seconds: 3 } },
  audio: { audioMessage: { ...file, seconds: 3, ptt: true } },
  document: { documentMessage: { ...file, title: 'paper', fileName: 'paper.pdf', caption: 'read it' } },
  sticker: { stickerMessage: file },
  contact: { contactMessage: { displayName: 'Ada', vcard: 'BEGIN:VCARD\nEND:VCARD', contextInfo: forwarded } },
  location: { locationMessage: { degreesLatitude: 51.5, degreesLongitude: -0.125, name: 'Desk', address: 'Road 1', url: 'https://example.org', comment: 'here' } },
  'live location': { liveLocationMessage: { degreesLatitude: 51.5, degreesLongitude: -0.125, caption: 'walking', sequenceNumber: 5 } },
  invite: { groupInviteMessage: { groupJid: '120363000000000001@g.us', inviteCode: 'code', inviteExpiration: 1700000000, groupName: 'Tea', caption: 'come', contextInfo: forwarded } },
  'poll 1': { pollCreationMessage: poll },
  'poll 2': { pollCreationMessageV2: poll },
  'poll 3': { pollCreationMessageV3: poll },
  'view once': { viewOnceMessageV2: { message: { imageMessage: file } } },
  event: { eventMessage: { name: 'Party' } }
}

const vector = async ([name, content], index) => {
  const chat = ['15550100002@s.whatsapp.net', '100000000000002@lid', '120363000000000001@g.us'][index % 3]
  const message = proto.Message.fromObject({ ...content, messageContextInfo: { messageSecret: secret } })
  const bytes = Buffer.from(proto.Message.encode(message).finish())
  const node = await getMessageReportingToken(bytes, message, { id, remoteJid: chat, fromMe: true })
  return { name, chat, message: bytes.toString('hex'), token: node ? Buffer.from(node.content[0].content).toString('hex') : null }
}

const tokens = await Promise.all(Object.entries(messages).map(vector))
const origin = `Baileys ${version}, getMessageReportingToken on messages without padding; sender and chat are the same`
writeFileSync(join(here, '../reporting.json'), JSON.stringify({ origin, id, secret: secret.toString('hex'), tokens }, null, 1) + '\n')
