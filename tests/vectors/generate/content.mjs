// Writes ../content.json and ../secrets.json by running Baileys.
//
//   node content.mjs          Baileys from ../../interop/node_modules, or from $BAILEYS_NM
//
// "content": the Message protobuf that Baileys makes of each kind of content that it can send, and of quoting, mentioning
// and forwarding. Uploads are pretended; randomness and time are fixed.
// "secrets": votes and answers to events, encrypted here after the description in PROTOCOL and opened by Baileys.
import { createCipheriv, createHash, createHmac } from 'node:crypto'
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
require('crypto').randomBytes = size => Buffer.from(seed('random', size))
syncBuiltinESMExports()
Date.now = () => NOW * 1000
const RealDate = Date
globalThis.Date = class extends RealDate {
  constructor(...args) {
    super(...(args.length ? args : [NOW * 1000]))
  }
}

const baileys = await load('baileys/lib/index.js')
const { proto, generateWAMessageContent, generateWAMessageFromContent, getAggregateVotesInPollMessage } = baileys
const { decryptPollVote, decryptEventResponse } = baileys
const version = JSON.parse(readFileSync(join(modules, 'baileys/package.json'))).version

const me = '15550100001@s.whatsapp.net'
const ada = '15550100002@s.whatsapp.net'
const lid = '100000000000003@lid'
const group = '120363000000000001@g.us'
const logger = { level: 'silent', child: () => logger, trace() {}, debug() {}, info() {}, warn() {}, error() {} }
const upload = async () => ({ mediaUrl: 'https://127.0.0.1/v/t62/file', directPath: '/v/t62/file' })
const options = { logger, upload, userJid: me }
const encode = message => Buffer.from(proto.Message.encode(message).finish()).toString('hex')
const jpeg = Buffer.from('ffd8ffd9', 'hex')
const file = Buffer.from('not really a file')

const own = { remoteJid: ada, fromMe: true, id: '3EB0OWN' }
const theirs = { remoteJid: ada, fromMe: false, id: '3EB0THEIRS' }
const inGroup = { remoteJid: group, fromMe: false, id: '3EB0GROUP', participant: ada }
const vcard = 'BEGIN:VCARD\nVERSION:3.0\nFN:Ada\nTEL;type=CELL;waid=15550100002:+15550100002\nEND:VCARD'
const place = { degreesLatitude: 51.5, degreesLongitude: -0.125, name: 'Desk', address: '1 Example Road' }
const preview = {
  'canonical-url': 'https://example.org/', 'matched-text': 'https://example.org', title: 'Example',
  description: 'An example', jpegThumbnail: jpeg
}

const kinds = {
  text: { text: 'hello' },
  'text with mentions': { text: 'hello @15550100002', mentions: [ada, lid] },
  'text to everyone': { text: 'hello all', mentionAll: true },
  'text with a link': { text: 'see https://example.org', linkPreview: preview },
  contact: { contacts: { contacts: [{ displayName: 'Ada', vcard }] } },
  contacts: { contacts: { displayName: '2 contacts', contacts: [{ displayName: 'Ada', vcard }, { displayName: 'Bob', vcard }] } },
  location: { location: place },
  reaction: { react: { text: '👍', key: theirs } },
  'reaction taken back': { react: { text: '', key: inGroup } },
  revoke: { delete: own },
  'revoke as admin': { delete: inGroup },
  edit: { text: 'better', edit: own },
  timer: { disappearingMessagesInChat: true },
  'timer off': { disappearingMessagesInChat: false },
  'group invite': { groupInvite: { inviteCode: 'CODE', inviteExpiration: NOW + 86400, text: 'join us', jid: group, subject: 'Crew' } },
  pin: { pin: inGroup, type: 1, time: 86400 },
  unpin: { pin: inGroup, type: 2 },
  'button reply': { buttonReply: { displayText: 'Yes', id: 'yes' }, type: 'plain' },
  'template reply': { buttonReply: { displayText: 'Yes', id: 'yes', index: 1 }, type: 'template' },
  'list reply': { listReply: { title: 'Tea', listType: 1, singleSelectReply: { selectedRowId: 'tea' } } },
  event: { event: { name: 'Tea', description: 'with cake', startDate: new RealDate((NOW + 3600) * 1000), endDate: new RealDate((NOW + 7200) * 1000), location: place, extraGuestsAllowed: true } },
  'poll of one': { poll: { name: 'Tea?', values: ['Yes', 'No'], selectableCount: 1 } },
  'poll of any': { poll: { name: 'Which?', values: ['A', 'B', 'C'] } },
  'poll of two': { poll: { name: 'Which?', values: ['A', 'B', 'C'], selectableCount: 2 } },
  'poll of an announcement group': { poll: { name: 'Tea?', values: ['Yes', 'No'], selectableCount: 1, toAnnouncementGroup: true } },
  album: { album: { expectedImageCount: 2, expectedVideoCount: 1 } },
  'share number': { sharePhoneNumber: true },
  'request number': { requestPhoneNumber: true },
  'limit sharing': { limitSharing: true },
  image: { image: file, caption: 'look', jpegThumbnail: jpeg, width: 640, height: 480 },
  'image of an album': { image: file, jpegThumbnail: jpeg, width: 640, height: 480, albumParentKey: own },
  video: { video: file, caption: 'look', jpegThumbnail: jpeg, seconds: 3, width: 640, height: 480 },
  gif: { video: file, gifPlayback: true, jpegThumbnail: jpeg },
  'video note': { video: file, ptv: true, jpegThumbnail: jpeg },
  audio: { audio: file, seconds: 3, mimetype: 'audio/mpeg' },
  'voice note': { audio: file, ptt: true, seconds: 3, waveform: Buffer.alloc(64, 50) },
  sticker: { sticker: file, isAnimated: true, width: 512, height: 512 },
  document: { document: file, mimetype: 'application/pdf', fileName: 'a.pdf', jpegThumbnail: jpeg },
  'document with a caption': { document: file, mimetype: 'application/pdf', fileName: 'a.pdf', caption: 'read' },
  'view once': { image: file, viewOnce: true, jpegThumbnail: jpeg, width: 640, height: 480 },
  product: {
    product: { productImage: file, productId: '1', title: 'Tea', description: 'green', currencyCode: 'EUR', priceAmount1000: 2500, retailerId: 'r', url: 'https://example.org/tea', productImageCount: 1 },
    businessOwnerJid: ada, body: 'best', footer: 'tea'
  }
}
const cases = []
const add = (name, message) => cases.push({ name, message: encode(message) })
for (const [name, content] of Object.entries(kinds)) add(name, await generateWAMessageContent(content, options))

const styled = { ...options, backgroundColor: '#ff336699', font: 2 }
add('text of a status', await generateWAMessageContent({ text: 'hello' }, styled))
const quoted = { key: inGroup, message: { extendedTextMessage: { text: 'first', contextInfo: { mentionedJid: [me] } } } }
const from = async (chat, content, extra) =>
  generateWAMessageFromContent(chat, await generateWAMessageContent(content, options), { userJid: me, ...extra }).message
add('answer', await from(group, { text: 'second' }, { quoted }))
add('answer in private', await from(ada, { text: 'second' }, { quoted }))
add('text that disappears', await from(ada, { text: 'soon gone' }, { ephemeralExpiration: 86400 }))
const forwarded = (message, key, force) => generateWAMessageContent({ forward: { key, message }, force }, options)
add('forward', await forwarded({ conversation: 'pass it on' }, theirs))
add('forward again', await forwarded({ extendedTextMessage: { text: 'pass it on', contextInfo: { forwardingScore: 4, isForwarded: true, mentionedJid: [me] } } }, theirs))
add('forward of an own message', await forwarded({ conversation: 'pass it on' }, own))
add('forward of an own message by force', await forwarded({ conversation: 'pass it on' }, own, true))

const write = (name, value) => writeFileSync(join(here, '..', name), JSON.stringify(value, null, 1) + '\n')
write('content.json', {
  origin: `baileys ${version}: generateWAMessageContent, generateWAMessageFromContent`,
  now: NOW,
  secret: Buffer.from(seed('random')).toString('hex'),
  cases
})

// --- secrets ---
const seal = (plaintext, { use, id, creator, actor, secret, iv }) => {
  const hmac = (key, data) => createHmac('sha256', key).update(data).digest()
  const key = hmac(hmac(Buffer.alloc(32), secret), Buffer.from(`${id}${creator}${actor}${use}\x01`))
  const cipher = createCipheriv('aes-256-gcm', key, iv)
  cipher.setAAD(Buffer.from(`${id}\0${actor}`))
  return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
}
const optionHash = option => createHash('sha256').update(option).digest()
const sealed = []
const secret = seed('message secret')
const iv = seed('iv', 12)
const id = '3EB0POLL'
for (const [creator, actor] of [[me, ada], ['100000000000001@lid', lid]]) {
  for (const options of [['Yes'], ['A', 'C'], []]) {
    const vote = proto.Message.PollVoteMessage.encode({ selectedOptions: options.map(optionHash) }).finish()
    const encPayload = seal(vote, { use: 'Poll Vote', id, creator, actor, secret, iv })
    const opened = decryptPollVote({ encPayload, encIv: iv }, { pollCreatorJid: creator, pollMsgId: id, pollEncKey: secret, voterJid: actor })
    const hashes = opened.selectedOptions.map(one => Buffer.from(one).toString('hex'))
    sealed.push({ use: 'Poll Vote', creator, actor, payload: encPayload.toString('hex'), options, hashes })
  }
  for (const response of [1, 2, 3]) {
    const answer = proto.Message.EventResponseMessage.encode({ response, timestampMs: NOW * 1000, extraGuestCount: 2 }).finish()
    const encPayload = seal(answer, { use: 'Event Response', id, creator, actor, secret, iv })
    const opened = decryptEventResponse({ encPayload, encIv: iv }, { eventCreatorJid: creator, eventMsgId: id, eventEncKey: secret, responderJid: actor })
    sealed.push({ use: 'Event Response', creator, actor, payload: encPayload.toString('hex'), response: opened.response, guests: opened.extraGuestCount, timestamp: Number(opened.timestampMs) })
  }
}
const pollMessage = { pollCreationMessage: { options: [{ optionName: 'A' }, { optionName: 'B' }, { optionName: 'C' }] } }
const votes = { [ada]: ['A', 'C'], '15550100003@s.whatsapp.net': ['C'], '15550100004@s.whatsapp.net': [] }
const pollUpdates = Object.entries(votes).map(([voter, options]) => ({
  pollUpdateMessageKey: { remoteJid: group, participant: voter },
  vote: { selectedOptions: options.map(optionHash) }
}))
write('secrets.json', {
  origin: `baileys ${version}: decryptPollVote, decryptEventResponse, getAggregateVotesInPollMessage`,
  id, secret: secret.toString('hex'), iv: iv.toString('hex'), sealed,
  tally: { votes, result: getAggregateVotesInPollMessage({ message: pollMessage, pollUpdates }, me) }
})
