// Writes ../actions.json: the entries of app state that Baileys can make, as the mutations that it makes of them.
//
//   node actions.mjs          Baileys from ../../interop/node_modules, or from $BAILEYS_NM
//
// The time is fixed: every run writes the same bytes.
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const here = path.dirname(fileURLToPath(import.meta.url))
const modules = process.env.BAILEYS_NM || path.join(here, '..', '..', 'interop', 'node_modules')
const load = (name, file) => import(pathToFileURL(path.join(modules, name, file)).href)
const { chatModificationToAppPatch } = await load('baileys', 'lib/Utils/chat-utils.js')
const { proto } = await load('baileys', 'WAProto/index.js')
const { version } = JSON.parse(fs.readFileSync(path.join(modules, 'baileys', 'package.json')))

const NOW = 1764000000250
Date.now = () => NOW
const bob = '15550100002@s.whatsapp.net'
const group = '120363000000000001@g.us'
const lastMessages = [{ key: { remoteJid: bob, fromMe: false, id: 'A1' }, messageTimestamp: 1763999000 }]
const groupMessages = [{ key: { remoteJid: group, fromMe: false, id: 'A2', participant: bob }, messageTimestamp: 1763999001 }]
const own = { id: 'A3', fromMe: true }
const theirs = { id: 'A1', fromMe: false }

const CASES = {
  mute: [{ mute: 1764003600000 }, bob],
  mute_forever: [{ mute: -1 }, bob],
  unmute: [{ mute: null }, bob],
  archive: [{ archive: true, lastMessages }, bob],
  unarchive_group: [{ archive: false, lastMessages: groupMessages }, group],
  read: [{ markRead: true, lastMessages }, bob],
  unread: [{ markRead: false, lastMessages }, bob],
  delete_for_me: [{ deleteForMe: { key: own, timestamp: 1763999000, deleteMedia: false } }, bob],
  clear: [{ clear: true, lastMessages }, bob],
  pin: [{ pin: true }, bob],
  unpin: [{ pin: false }, bob],
  contact: [{ contact: { fullName: 'Bob Brown', firstName: 'Bob', lidJid: '100002@lid', saveOnPrimaryAddressbook: true } }, bob],
  contact_removed: [{ contact: null }, bob],
  no_link_previews: [{ disableLinkPreviews: { isPreviewsDisabled: true } }, ''],
  star: [{ star: { messages: [theirs], star: true } }, bob],
  unstar: [{ star: { messages: [own], star: false } }, bob],
  delete: [{ delete: true, lastMessages }, bob],
  push_name: [{ pushNameSetting: 'Alice' }, ''],
  quick_reply: [{ quickReply: { timestamp: '1764000000', shortcut: 'hi', message: 'Hello!' } }, ''],
  label: [{ addLabel: { id: '5', name: 'Paid', color: 3, deleted: false } }, ''],
  label_chat: [{ addChatLabel: { labelId: '5' } }, bob],
  unlabel_chat: [{ removeChatLabel: { labelId: '5' } }, bob],
  label_message: [{ addMessageLabel: { labelId: '5', messageId: 'A1' } }, bob],
  unlabel_message: [{ removeMessageLabel: { labelId: '5', messageId: 'A1' } }, bob]
}

const actions = Object.entries(CASES).map(([name, [change, jid]]) => {
  const patch = chatModificationToAppPatch(change, jid)
  const value = proto.SyncActionValue.encode(proto.SyncActionValue.fromObject(patch.syncAction)).finish()
  return {
    name, index: patch.index, collection: patch.type, version: patch.apiVersion, operation: patch.operation,
    value: Buffer.from(value).toString('base64')
  }
})
const origin = `chatModificationToAppPatch of baileys ${version}`
fs.writeFileSync(path.join(here, '..', 'actions.json'), JSON.stringify({ origin, now: NOW / 1000, actions }, null, 1) + '\n')
