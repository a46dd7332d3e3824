// Writes ../groups.json by running Baileys.
//
//   node groups.mjs          Baileys from ../../interop/node_modules, or from $BAILEYS_NM
//
// "requests": what the group methods of a real Baileys socket send, on a WebSocket that is none; stanza ids and the ids
// that it makes up are replaced by "ID". "group": what its extractGroupMetadata reads from a group.
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const modules = process.env.BAILEYS_NM ?? join(here, '../../interop/node_modules')
const load = path => import(pathToFileURL(join(modules, path)))
const { WebSocketClient } = await load('baileys/lib/Socket/Client/websocket.js')
const { extractGroupMetadata } = await load('baileys/lib/Socket/groups.js')
const { default: makeWASocket, initAuthCreds, decodeBinaryNode } = await load('baileys/lib/index.js')
const version = JSON.parse(readFileSync(join(modules, 'baileys/package.json'))).version

// --- the WebSocket that is none ---
const sent = []
let pending = []
let intro = true
Object.defineProperty(WebSocketClient.prototype, 'isOpen', { get: () => true })
WebSocketClient.prototype.connect = function () {}
WebSocketClient.prototype.close = async function () {}
WebSocketClient.prototype.send = function (data, done) {
  const frame = Buffer.from(data).subarray(intro ? 4 : 0)
  intro = false
  pending.push(decodeBinaryNode(frame.subarray(3)).then(node => sent.push(node)))
  done?.()
  return true
}
const silent = { level: 'silent', child: () => silent, trace() {}, debug() {}, info() {}, warn() {}, error() {} }
const me = { id: '15550100001:3@s.whatsapp.net', lid: '100000000000001:3@lid', name: 'Ada' }
const sock = makeWASocket({
  auth: { creds: { ...initAuthCreds(), me }, keys: { get: async () => ({}), set: async () => {} } },
  logger: silent,
  version: [2, 3000, 1],
  fireInitQueries: false,
  defaultQueryTimeoutMs: undefined
})

const plain = content => {
  if (content === undefined || content === null) return null
  if (typeof content === 'string') return { text: content }
  if (Array.isArray(content)) return content.map(nodeOf)
  return { hex: Buffer.from(content).toString('hex') }
}
const prefix = sock.generateMessageTag().split('-')[0]
const fixed = value => (value.startsWith(`${prefix}-`) || /^3EB0[0-9A-F]{18,}$/.test(value) ? 'ID' : value)
const nodeOf = node => ({
  tag: node.tag,
  attrs: Object.fromEntries(Object.entries(node.attrs).filter(([, v]) => v !== undefined).map(([k, v]) => [k, fixed(String(v))])),
  content: plain(node.content)
})
const settle = async () => {
  for (let i = 0; i < 40; i++) await new Promise(resolve => setImmediate(resolve))
  await Promise.all(pending)
  pending = []
}
const request = async action => {
  await settle()
  sent.length = 0
  Promise.resolve(action()).catch(() => {})
  await settle()
  return nodeOf(sent.find(node => node.attrs.xmlns === 'w:g2'))
}

const GROUP = '120363000000000001@g.us'
const BOB = '100000000000002@lid'
const methods = {
  get: () => sock.groupMetadata(GROUP),
  all: () => sock.groupFetchAllParticipating(),
  create: () => sock.groupCreate('Chess', [BOB]),
  leave: () => sock.groupLeave(GROUP),
  add: () => sock.groupParticipantsUpdate(GROUP, [BOB], 'add'),
  remove: () => sock.groupParticipantsUpdate(GROUP, [BOB], 'remove'),
  promote: () => sock.groupParticipantsUpdate(GROUP, [BOB], 'promote'),
  demote: () => sock.groupParticipantsUpdate(GROUP, [BOB], 'demote'),
  subject: () => sock.groupUpdateSubject(GROUP, 'Go'),
  announcement: () => sock.groupSettingUpdate(GROUP, 'announcement'),
  not_announcement: () => sock.groupSettingUpdate(GROUP, 'not_announcement'),
  locked: () => sock.groupSettingUpdate(GROUP, 'locked'),
  unlocked: () => sock.groupSettingUpdate(GROUP, 'unlocked'),
  timer: () => sock.groupToggleEphemeral(GROUP, 86400),
  no_timer: () => sock.groupToggleEphemeral(GROUP, 0),
  member_add_mode: () => sock.groupMemberAddMode(GROUP, 'admin_add'),
  approval_mode: () => sock.groupJoinApprovalMode(GROUP, 'on'),
  invite_code: () => sock.groupInviteCode(GROUP),
  reset_invite_code: () => sock.groupRevokeInvite(GROUP),
  preview: () => sock.groupGetInviteInfo('CODE'),
  join: () => sock.groupAcceptInvite('CODE'),
  accept: () => sock.groupAcceptInviteV4(BOB, { groupJid: GROUP, inviteCode: 'CODE', inviteExpiration: 1700000000 }),
  revoke: () => sock.groupRevokeInviteV4(GROUP, BOB),
  join_requests: () => sock.groupRequestParticipantsList(GROUP),
  approve: () => sock.groupRequestParticipantsUpdate(GROUP, [BOB], 'approve'),
  reject: () => sock.groupRequestParticipantsUpdate(GROUP, [BOB], 'reject')
}
const requests = {}
for (const [name, action] of Object.entries(methods)) requests[name] = await request(action)

const ALICE = { jid: '100000000000001@lid', phone_number: '15550100001@s.whatsapp.net', type: 'superadmin' }
const node = {
  tag: 'iq',
  attrs: { id: '1', type: 'result', from: GROUP },
  content: [
    {
      tag: 'group',
      attrs: { id: '120363000000000001', subject: 'Chess', s_t: '1700000001', s_o: ALICE.jid, creation: '1700000000', creator: ALICE.jid, addressing_mode: 'lid', size: '2' },
      content: [
        { tag: 'participant', attrs: ALICE },
        { tag: 'participant', attrs: { jid: BOB, phone_number: '15550100002@s.whatsapp.net' } },
        { tag: 'description', attrs: { id: 'D1', participant: ALICE.jid, t: '1700000002' }, content: [{ tag: 'body', attrs: {}, content: Buffer.from('on Mondays') }] },
        { tag: 'locked', attrs: {} },
        { tag: 'announcement', attrs: {} },
        { tag: 'ephemeral', attrs: { expiration: '86400' } },
        { tag: 'member_add_mode', attrs: {}, content: Buffer.from('all_member_add') },
        { tag: 'membership_approval_mode', attrs: {}, content: [{ tag: 'group_join', attrs: { state: 'on' } }] },
        { tag: 'linked_parent', attrs: { jid: '120363000000000009@g.us' } }
      ]
    }
  ]
}
const vectors = {
  origin: `baileys ${version}: the group methods of a socket, extractGroupMetadata`,
  requests,
  group: { node: nodeOf(node), metadata: extractGroupMetadata(node) }
}
writeFileSync(join(here, '../groups.json'), JSON.stringify(vectors, null, 1) + '\n')
process.exit(0)
