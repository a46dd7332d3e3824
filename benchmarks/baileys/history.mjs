// A chunk of history with 20,000 messages in 200 chats, from its deflated bytes to what Baileys' user gets: chats,
// contacts, messages and pairs of addresses.
import { imp, main, fixture, prng, bytes } from './harness.mjs'
import zlib from 'node:zlib'
import { promisify } from 'node:util'
const { proto } = await imp('baileys/WAProto/index.js')
const { processHistoryMessage } = await imp('baileys/lib/Utils/history.js')
const { silent } = await import('./harness.mjs')

const MESSAGES = 20000, CHATS = 200
const words = 'the of and a to in is you that it he was for on are as with his they at be this have from or one had by word but not what all were we when'.split(' ')
const make = () => {
  const random = prng(20), conversations = [], pushnames = [], phoneNumberToLidMappings = []
  const text = size => Array.from({ length: size }, () => words[random() % words.length]).join(' ')
  for (let c = 0; c < CHATS; c++) {
    const id = `${300000000000001 + c}@lid`, pnJid = `${15550150001 + c}@s.whatsapp.net`, messages = []
    for (let m = 0; m < MESSAGES / CHATS; m++) {
      const fromMe = random() % 3 === 0, n = c * 1000 + m
      const info = { key: { remoteJid: id, fromMe, id: '3EB0' + n.toString(16).toUpperCase().padStart(18, '0') }, messageTimestamp: 1700000000 - m * 60, message: { messageContextInfo: { messageSecret: bytes(32, n + 1) } } }
      if (fromMe) { info.status = 4; info.userReceipt = [{ userJid: pnJid, receiptTimestamp: 1700000001 - m * 60 }] } else info.pushName = `Friend ${c}`
      const kind = random() % 20
      if (kind === 0) info.message.imageMessage = { url: `https://mmg.whatsapp.net/v/${n}.enc`, directPath: `/v/${n}.enc`, mimetype: 'image/jpeg', caption: text(6), mediaKey: bytes(32, n + 2), fileSha256: bytes(32, n + 3), fileEncSha256: bytes(32, n + 4), fileLength: 100000 + n, jpegThumbnail: bytes(600, n + 5), height: 1080, width: 810 }
      else if (kind < 5) info.message.extendedTextMessage = { text: text(12), contextInfo: { stanzaId: 'X' + n, participant: id, quotedMessage: { conversation: text(8) } } }
      else info.message.conversation = text(4 + random() % 20)
      messages.push({ message: info, msgOrderId: MESSAGES - m })
    }
    conversations.push({ id, pnJid, name: `Friend ${c}`, unreadCount: c % 4, conversationTimestamp: 1700000000, messages })
    pushnames.push({ id, pushname: `Friend ${c}` }); phoneNumberToLidMappings.push({ lidJid: id, pnJid })
  }
  const chunk = { syncType: 3, chunkOrder: 1, progress: 100, conversations, pushnames, phoneNumberToLidMappings }
  return zlib.deflateSync(proto.HistorySync.encode(proto.HistorySync.fromObject(chunk)).finish())
}
const inflate = promisify(zlib.inflate)
const blob = fixture('history_20000.bin', make)
await main({
  'history.20000': {
    per: MESSAGES,
    run: async () => {
      const made = processHistoryMessage(proto.HistorySync.decode(await inflate(blob)), silent)
      if (made.messages.length !== MESSAGES) throw new Error('messages are missing')
    }
  }
})
