// A real Baileys client, driven over JSON lines, for the interop tests.
//
//   node peer.mjs '{"url": "ws://127.0.0.1:1/ws/chat", "name": "Ann", "auth": "/folder"}'
//
// options    url, name (push name), auth (folder of Baileys' own useMultiFileAuthState; memory when absent),
//            config (anything else for makeWASocket), reconnect (close codes that reconnect by themselves; 515 always does,
//            as Baileys' documentation tells its users), keepSent (false: getMessage knows nothing), limit (seconds to live),
//            media (`https://127.0.0.1:1`: where files are that have no URL, as those of history and app state)
// stdin      {"id": 1, "do": "send", "args": [...]}       one of `commands` below, or any method of Baileys' socket
// stdout     {"reply": 1, "result": ...} | {"reply": 1, "error": "...", "code": 428}
//            {"event": "messages.upsert", "data": ...}    every event of Baileys, as it comes; of `creds.update`, which holds
//                                                         keys, only {"event": "me", "data": its own contact}
// Bytes are {"type": "Buffer", "data": base64} in both directions. Logs go to stderr. Ends when stdin does.
import fs from 'node:fs'
import path from 'node:path'
import { createCipheriv, createHmac, randomBytes } from 'node:crypto'
import readline from 'node:readline'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

// libsignal reports on the console when sessions close: stdout is for JSON lines only.
for (const level of ['log', 'info', 'warn', 'error', 'debug', 'trace']) console[level] = (...words) => process.stderr.write(words.map(String).join(' ') + '\n')

const modules = process.env.BAILEYS_NM || path.join(import.meta.dirname, 'node_modules')
const require = createRequire(path.join(modules, 'baileys', 'package.json'))
const baileys = await import(pathToFileURL(require.resolve('baileys')).href)
const { makeWASocket, useMultiFileAuthState, initAuthCreds, BufferJSON, DisconnectReason } = baileys

const options = { reconnect: [], keepSent: true, limit: 300, config: {}, ...JSON.parse(process.argv[2], BufferJSON.reviver) }
setTimeout(() => { process.stderr.write(`peer: over its limit of ${options.limit} s\n`); process.exit(3) }, options.limit * 1000).unref()

// Baileys looks for files without a URL on WhatsApp's host, and takes no other.
if (options.media) {
  const real = globalThis.fetch
  globalThis.fetch = (url, ...rest) => real(String(url).replace('https://mmg.whatsapp.net', options.media), ...rest)
}

const plain = (key, value) => typeof value === 'bigint' ? Number(value) : value instanceof Error ? fault(value) : BufferJSON.replacer(key, value)
const say = value => process.stdout.write(JSON.stringify(value, plain) + '\n')
const fault = error => ({ code: error?.output?.statusCode ?? error?.code ?? null, message: String(error?.message ?? error), data: error?.data ?? null })

const loud = process.env.PEER_LOG === '1'
const logger = { level: loud ? 'trace' : 'silent', child: () => logger }
for (const level of ['trace', 'debug', 'info', 'warn', 'error', 'fatal']) {
  logger[level] = (...words) => { if (loud) process.stderr.write(`${level} ${words.map(word => typeof word === 'string' ? word : JSON.stringify(word, plain)).join(' ')}\n`) }
}

// ---- where the keys live: a folder as Baileys keeps it, or memory; both can list their names ------------------------

const folderAuth = async folder => {
  const { state, saveCreds } = await useMultiFileAuthState(folder)
  const names = type => fs.readdirSync(folder).filter(file => file.startsWith(`${type}-`)).map(file => file.slice(type.length + 1, -'.json'.length))
  return { state, saveCreds, names }
}

const memoryAuth = () => {
  const types = new Map()
  const table = type => types.get(type) ?? types.set(type, new Map()).get(type)
  const get = async (type, ids) => Object.fromEntries(ids.filter(id => table(type).has(id)).map(id => [id, table(type).get(id)]))
  const set = async data => {
    for (const type in data) for (const [id, value] of Object.entries(data[type])) value == null ? table(type).delete(id) : table(type).set(id, value)
  }
  return { state: { creds: initAuthCreds(), keys: { get, set } }, saveCreds: async () => {}, names: type => [...table(type).keys()] }
}

// ---- the client ------------------------------------------------------------------------------------------------------

const auth = options.auth ? await folderAuth(options.auth) : memoryAuth()
const sent = new Map()
let socket = null

const textOf = message => message?.conversation || message?.extendedTextMessage?.text || message?.editedMessage?.message?.protocolMessage?.editedMessage?.conversation || null

// `text` and `kind` spare the tests from walking through the message.
const describe = message => ({ ...message, text: textOf(message.message), kind: Object.keys(message.message ?? {}).filter(key => key !== 'messageContextInfo')[0] ?? null })

const start = () => {
  socket = makeWASocket({
    auth: auth.state, logger, waWebSocketUrl: options.url, pushName: options.name,
    getMessage: async key => options.keepSent ? sent.get(key.id) : undefined,
    ...options.config
  })
  const mine = socket
  mine.ev.process(async events => {
    for (const [event, data] of Object.entries(events)) {
      if (event === 'creds.update') {
        await auth.saveCreds()
        if (data.me) say({ event: 'me', data: data.me })
      } else if (event === 'messages.upsert') say({ event, data: { ...data, messages: data.messages.map(describe) } })
      else say({ event, data })
    }
    const update = events['connection.update']
    if (update?.connection !== 'close' || mine !== socket) return
    const { code } = fault(update.lastDisconnect?.error)
    if (code === DisconnectReason.restartRequired || options.reconnect.includes(code)) start()
  })
}

// A message that went through JSON, with its bytes as bytes again.
const whole = message => ({ ...message, message: baileys.proto.Message.fromObject(message.message) })

// Baileys wants dates in events, which JSON does not have: they come in milliseconds.
const dated = content => content.event
  ? { ...content, event: { ...content.event, startDate: new Date(content.event.startDate), endDate: content.event.endDate && new Date(content.event.endDate) } }
  : content

// Votes and answers to events are encrypted with the secret of their message. Baileys opens them, but makes none.
const POLL_VOTE = 'Poll Vote', EVENT_RESPONSE = 'Event Response'
const seal = (plaintext, use, id, { secret, creator, actor }) => {
  const hmac = (key, data) => createHmac('sha256', key).update(data).digest()
  const key = hmac(hmac(Buffer.alloc(32), secret), Buffer.from(`${id}${creator}${actor}${use}\x01`))
  const encIv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, encIv).setAAD(Buffer.from(`${id}\0${actor}`))
  return { encPayload: Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]), encIv }
}
const unseal = {
  [POLL_VOTE]: (sealed, id, { secret, creator, actor }) =>
    baileys.decryptPollVote(sealed, { pollCreatorJid: creator, pollMsgId: id, pollEncKey: secret, voterJid: actor }),
  [EVENT_RESPONSE]: (sealed, id, { secret, creator, actor }) =>
    baileys.decryptEventResponse(sealed, { eventCreatorJid: creator, eventMsgId: id, eventEncKey: secret, responderJid: actor })
}

const commands = {
  send: async (jid, content, extra) => {
    const message = await socket.sendMessage(jid, dated(content), extra)
    sent.set(message.key.id, message.message)
    return message.key
  },
  // Sends content that `sendMessage` would first look something up for (a group invite: the group's picture).
  relay: async (jid, content) => {
    const inner = await baileys.generateWAMessageContent(content, { logger })
    const message = baileys.generateWAMessageFromContent(jid, inner, { userJid: auth.state.creds.me.id })
    await socket.relayMessage(jid, message.message, { messageId: message.key.id })
    return message.key
  },
  vote: async (jid, key, options, parties) => {
    const vote = baileys.proto.Message.PollVoteMessage.encode({ selectedOptions: options }).finish()
    const sealed = seal(vote, POLL_VOTE, key.id, parties)
    return socket.relayMessage(jid, { pollUpdateMessage: { pollCreationMessageKey: key, vote: sealed, senderTimestampMs: Date.now() } }, {})
  },
  respond: async (jid, key, response, parties) => {
    const answer = baileys.proto.Message.EventResponseMessage.encode({ ...response, timestampMs: Date.now() }).finish()
    const sealed = seal(answer, EVENT_RESPONSE, key.id, parties)
    return socket.relayMessage(jid, { encEventResponseMessage: { eventCreationMessageKey: key, ...sealed } }, {})
  },
  unseal: async (use, sealed, id, parties) => unseal[use](sealed, id, parties),
  names: async type => auth.names(type),
  get: async (type, ids) => auth.state.keys.get(type, ids),
  // Forgets every session with a user ("15550100001" or "123_1"), which the next message to or from it must heal.
  forget: async user => {
    const ids = auth.names('session').filter(name => name.startsWith(`${user}.`))
    await auth.state.keys.set({ session: Object.fromEntries(ids.map(id => [id, null])) })
    return ids
  },
  // Forgets the stored keys of any kind whose names start so (sender keys of a group: "1203…@g.us").
  forgetKeys: async (type, start) => {
    const ids = auth.names(type).filter(name => name.startsWith(start))
    await auth.state.keys.set({ [type]: Object.fromEntries(ids.map(id => [id, null])) })
    return ids
  },
  // The decrypted bytes of the media in a message, as `messages.upsert` gave it.
  download: async message => baileys.downloadMediaMessage(whole(message), 'buffer', {}),
  // The decrypted bytes of the larger picture of a link's preview; the message as `messages.upsert` gave it.
  downloadPreview: async message => {
    const { mediaKey, thumbnailDirectPath } = whole(message).message.extendedTextMessage
    const pieces = await baileys.downloadContentFromMessage({ mediaKey, directPath: thumbnailDirectPath }, 'thumbnail-link', {})
    return Buffer.concat(await pieces.toArray())
  },
  // Asks the phone to upload a message's media again; the message with its new path.
  reupload: async message => socket.updateMediaMessage(whole(message)),
  creds: async () => auth.state.creds,
  me: async () => auth.state.creds.me ?? null,
  lid: async pn => socket.signalRepository.lidMapping.getLIDForPN(pn),
  devices: async jids => socket.getUSyncDevices(jids, false, false),
  close: async () => { const old = socket; socket = null; await old?.end(undefined) },
  drop: async () => socket.ws.socket.terminate(),
  reconnect: async () => start()
}

const answer = async ({ id, do: name, args = [] }) => {
  try {
    const run = commands[name] ?? socket?.[name]
    if (typeof run !== 'function') throw new Error(`no such command: ${name}`)
    say({ reply: id, result: (await run(...args)) ?? null })
  } catch (error) {
    const { code, message, data } = fault(error)
    say({ reply: id, error: message, code, data })
  }
}

process.on('unhandledRejection', error => process.stderr.write(`peer: unhandled ${error?.stack ?? error}\n`))
readline.createInterface({ input: process.stdin })
  .on('line', line => { if (line.trim()) void answer(JSON.parse(line, BufferJSON.reviver)) })
  // Not in the middle of writing: Baileys overwrites its files in place, and a test may go on from them.
  .on('close', () => auth.saveCreds().finally(() => process.exit(0)))
start()
