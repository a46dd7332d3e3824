// Writes ../history.json: chunks of history of every kind, and what Baileys reads out of them.
//
//   node history.mjs         Baileys from ../../interop/node_modules, or from $BAILEYS_NM
//
// Nothing is random here, and nothing is compressed (level 0), so that every run and every zlib writes the same bytes.
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import zlib from 'node:zlib'

const here = path.dirname(fileURLToPath(import.meta.url))
const modules = process.env.BAILEYS_NM || path.join(here, '..', '..', 'interop', 'node_modules')
const load = file => import(pathToFileURL(path.join(modules, 'baileys', file)).href)
const { downloadAndProcessHistorySyncNotification } = await load('lib/Utils/history.js')
const { proto } = await load('WAProto/index.js')
const { version } = JSON.parse(fs.readFileSync(path.join(modules, 'baileys', 'package.json')))
const b64 = bytes => Buffer.from(bytes).toString('base64')
const secret = text => createHash('sha256').update(text).digest()

const bob = '100002@lid', bobPn = '15550100002@s.whatsapp.net', carol = '15550100003@s.whatsapp.net', carolLid = '100003@lid'
const dave = '100004@lid', davePn = '15550100004@s.whatsapp.net', club = '120363000000000001@g.us'
const said = (remoteJid, id, text, more = {}) => ({
  msgOrderId: 1,
  message: {
    key: { remoteJid, id, fromMe: !!more.mine, participant: more.by }, messageTimestamp: more.at || 1700000000,
    message: text && { conversation: text, messageContextInfo: { messageSecret: secret(id) } }, participant: more.by, ...more.info
  }
})
const receipt = { userReceipt: [{ userJid: davePn, receiptTimestamp: 1700000001 }], status: 4 }
const business = { messageStubType: proto.WebMessageInfo.StubType.BIZ_PRIVACY_MODE_TO_FB, messageStubParameters: ["Carol's Cakes"] }
const conversations = [
  { id: bob, name: 'Bob', displayName: 'Bob B.', pnJid: bobPn, unreadCount: 2, archived: true, conversationTimestamp: 1700000009,
    messages: [said(bob, 'A3', 'third', { at: 1700000009 }), said(bob, 'A2', 'second', { mine: true }), said(bob, 'A1', 'first', { info: { pushName: 'Bob' } })] },
  { id: carol, name: 'Carol', lidJid: carolLid, pinned: 1690000000, muteEndTime: 1900000000,
    messages: [said(carol, 'B1', 'hello'), said(carol, 'B2', null, { info: business })] },
  { id: dave, username: 'dave', messages: [said(dave, 'C1', 'hi', { mine: true, info: receipt })] },
  { id: club, name: 'Club', messages: [said(club, 'D1', 'all', { by: bob }), said(club, 'D2', 'mine', { mine: true })] }
]
const mappings = [{ pnJid: '15550100005@s.whatsapp.net', lidJid: '100005@lid' }]
const chunks = [
  { syncType: 0, chunkOrder: 1, progress: 0, conversations, phoneNumberToLidMappings: mappings },
  { syncType: 2, chunkOrder: 2, progress: 100, conversations: conversations.slice(0, 1) },
  { syncType: 3, chunkOrder: 1, progress: 40, conversations: conversations.slice(1) },
  { syncType: 6, chunkOrder: 1, progress: 100, conversations: conversations.slice(3) },
  { syncType: 4, chunkOrder: 1, pushnames: [{ id: bob, pushname: 'Bobby' }, { id: carolLid, pushname: 'C.' }] },
  { syncType: 5, chunkOrder: 1, pastParticipants: [{ groupJid: club, pastParticipants: [{ userJid: dave, leaveReason: 1, leaveTs: 1680000000 }, { userJid: bob, leaveReason: 0, leaveTs: 1670000000 }] }] },
  { syncType: 3, chunkOrder: 1, progress: 100 }
]

const made = []
for (const chunk of chunks) {
  const data = zlib.deflateSync(proto.HistorySync.encode(proto.HistorySync.fromObject(chunk)).finish(), { level: 0 })
  const read = await downloadAndProcessHistorySyncNotification({ initialHistBootstrapInlinePayload: data }, {}, undefined)
  made.push({
    data: b64(data), kind: proto.HistorySync.HistorySyncType[read.syncType], progress: read.progress ?? null,
    chats: read.chats.map(one => ({ id: one.id, unread: one.unreadCount || 0, archived: !!one.archived, pinned: one.pinned || null, muted: Number(one.muteEndTime) || null })),
    contacts: read.contacts.map(one => ({ id: one.id, name: one.name || null, notify: one.notify || null, verified: one.verifiedName || null, username: one.username || null })),
    messages: read.messages.map(one => ({ chat: one.key.remoteJid, id: one.key.id, from_me: !!one.key.fromMe, participant: one.key.participant || null,
      timestamp: Number(one.messageTimestamp), text: one.message?.conversation || null })),
    pairs: read.lidPnMappings.map(one => [one.pn, one.lid]),
    past: read.pastParticipants.flatMap(group => group.pastParticipants.map(one => [group.groupJid, one.userJid, Number(one.leaveTs), one.leaveReason]))
  })
}
fs.writeFileSync(path.join(here, '..', 'history.json'), JSON.stringify({
  origin: `Baileys ${version} (history), made by generate/history.mjs`, chunks: made
}, null, 1) + '\n')
