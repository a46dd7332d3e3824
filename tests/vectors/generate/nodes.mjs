// Writes ../nodes.json: nodes as Baileys 7.0.0-rc14 encodes and decodes them.
//
//   node nodes.mjs            Baileys from ../../interop/node_modules, or from $BAILEYS_NM
//
// "encode": nodes, with the bytes that Baileys makes of them and what it reads back (when that differs).
// "decode": bytes made by hand, with the node that Baileys reads.
// "traps":  nodes that Baileys writes in a way that means something else; kept to show the difference.
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { deflateSync } from 'node:zlib'

const here = path.dirname(fileURLToPath(import.meta.url))
const modules = process.env.BAILEYS_NM || path.join(here, '..', '..', 'interop', 'node_modules')
const load = name => import(pathToFileURL(path.join(modules, 'baileys', 'lib', 'WABinary', name)).href)
const { encodeBinaryNode, decodeBinaryNode } = await load('index.js')
const { SINGLE_BYTE_TOKENS, DOUBLE_BYTE_TOKENS } = await load('constants.js')
const { version } = JSON.parse(fs.readFileSync(path.join(modules, 'baileys', 'package.json')))

const node = (tag, attrs = {}, content = undefined) => ({ tag, attrs, content })
const bytes = (n, seed = 1) => Buffer.from(Array.from({ length: n }, (_, i) => (i * 31 + seed * 17) & 255))
const hex = text => Buffer.from(text.replaceAll(' ', ''), 'hex')

// Long values are kept as their SHA-256; long contents made of one byte, or of equal children, as one and a count.
const digest = data => ({ length: data.length, sha256: createHash('sha256').update(data).digest('hex') })
const wireOf = data => (data.length > 3000 ? digest(data) : data.toString('hex'))
const contentOf = content => {
  if (content === undefined || content === null) return null
  if (typeof content === 'string') return { text: content }
  if (Array.isArray(content)) {
    const children = content.map(nodeOf)
    const alike = children.length > 20 && children.every(c => JSON.stringify(c) === JSON.stringify(children[0]))
    return alike ? { child: children[0], times: children.length } : children
  }
  const data = Buffer.from(content)
  if (data.length > 300 && data.every(b => b === data[0])) return { byte: data[0], times: data.length }
  return { hex: data.toString('hex') }
}
const nodeOf = n => ({ tag: n.tag, attrs: { ...n.attrs }, content: contentOf(n.content) })

const written = [
  ['tag alone, a token', node('ping')],
  ['tag alone, not a token', node('zzz-unknown')],
  ['stream end', node('xmlstreamend')],
  ['tag of the double dictionaries', node('active', {}, [node('passive'), node('heartbeat')])],
  ['attributes of every token dictionary', node('iq', { type: 'get', xmlns: SINGLE_BYTE_TOKENS[40], ...Object.fromEntries(DOUBLE_BYTE_TOKENS.map((d, i) => [d[i * 70], d[255 - i]])) })],
  ['first and last token', node(SINGLE_BYTE_TOKENS[1], { [SINGLE_BYTE_TOKENS[235]]: DOUBLE_BYTE_TOKENS[3][255] }, [node(DOUBLE_BYTE_TOKENS[0][0])])],
  ['empty attribute', node('iq', { id: '' })],
  ['nibble, even', node('iq', { id: '123456-78.9012' })],
  ['nibble, odd', node('iq', { id: '123.456' })],
  ['nibble, one character', node('iq', { id: '-' })],
  ['nibble, longest', node('iq', { id: '8'.repeat(127) })],
  ['digits, too long to pack', node('iq', { id: '8'.repeat(128) })],
  ['hex, even', node('iq', { id: '3EB0C431A1B2' })],
  ['hex, odd', node('iq', { id: 'ABCDE' })],
  ['hex, longest', node('iq', { id: 'F'.repeat(127) })],
  ['lower-case hex is text', node('iq', { id: '3eb0c431' })],
  ['UTF-8', node('message', { notify: 'Zoë 👍 日本' })],
  ['text of 255 bytes', node('message', { notify: 'x'.repeat(255) })],
  ['text of 256 bytes', node('message', { notify: 'x'.repeat(256) })],
  ['text longer than a packed one', node('message', { notify: 'y'.repeat(5000) })],
  ['a phone number', node('message', { to: '15550100001@s.whatsapp.net' })],
  ['a device', node('message', { to: '15550100001:3@s.whatsapp.net' })],
  ['device 255', node('message', { to: '15550100001:255@s.whatsapp.net' })],
  ['a LID', node('message', { to: '173658291047365@lid' })],
  ['a LID device', node('message', { to: '173658291047365:12@lid' })],
  ['a hosted device', node('message', { to: '15550100001:99@hosted' })],
  ['a hosted LID device', node('message', { to: '173658291047365:99@hosted.lid' })],
  ['a hosted user without a device', node('message', { to: '15550100001@hosted' })],
  ['device 0 in text', node('message', { to: '15550100001:0@s.whatsapp.net' })],
  ['a group', node('message', { to: '120363041234567890@g.us' })],
  ['an old group', node('message', { to: '15550100001-1500000000@g.us' })],
  ['status', node('message', { to: 'status@broadcast' })],
  ['a newsletter', node('message', { to: '120363041234567890@newsletter' })],
  ['a bot', node('message', { to: '867051314767696@bot' })],
  ['a call', node('call', { to: 'ABCDEF0123@call' })],
  ['a legacy user', node('message', { to: '15550100001@c.us' })],
  ['the server as a pair', node('iq', { to: '@s.whatsapp.net' })],
  ['the server as a token', node('iq', { to: 's.whatsapp.net' })],
  ['a group server', node('iq', { to: '@g.us' })],
  ['a messenger user', node('message', { to: '100012345678901@msgr' })],
  ['an interop user', node('message', { to: '15550100001@interop' })],
  ['a user that is a token', node('message', { to: 'status@s.whatsapp.net' })],
  ['content: bytes', node('enc', { v: '2', type: 'msg' }, bytes(200))],
  ['content: no bytes', node('enc', {}, Buffer.alloc(0))],
  ['content: 255 bytes', node('enc', {}, bytes(255))],
  ['content: 256 bytes', node('enc', {}, bytes(256))],
  ['content: 70,000 bytes', node('enc', {}, Buffer.alloc(70000, 7))],
  ['content: 1,048,575 bytes', node('enc', {}, Buffer.alloc(1048575, 7))],
  ['content: 1,048,576 bytes', node('enc', {}, Buffer.alloc(1048576, 7))],
  ['content: a token', node('body', {}, 'read')],
  ['content: packed', node('body', {}, '1234.5')],
  ['content: a JID', node('body', {}, '15550100001:2@s.whatsapp.net')],
  ['content: text', node('body', {}, 'Hello there')],
  ['content: empty text', node('body', {}, '')],
  ['content: no children', node('list', {}, [])],
  ['content: 255 children', node('list', {}, Array.from({ length: 255 }, () => node('item', { id: '7' })))],
  ['content: 256 children', node('list', {}, Array.from({ length: 256 }, () => node('item', { id: '7' })))],
  ['content: 3,000 children', node('list', {}, Array.from({ length: 3000 }, () => node('item')))],
  ['127 attributes', node('iq', Object.fromEntries(Array.from({ length: 127 }, (_, i) => [`a${i}`, String(i)])))],
  ['128 attributes', node('iq', Object.fromEntries(Array.from({ length: 128 }, (_, i) => [`a${i}`, String(i)])))],
  ['nested', node('iq', { id: '1' }, [node('usync', { mode: 'query' }, [node('list', {}, [node('user', { jid: '15550100001@s.whatsapp.net' }, [node('devices')])])])])],
  ['a message', node('message', { id: '3EB0AF00112233445566', to: '15550100001@s.whatsapp.net', type: 'text' }, [node('participants', {}, [node('to', { jid: '15550100002:4@s.whatsapp.net' }, [node('enc', { v: '2', type: 'pkmsg' }, bytes(64, 3))])]), node('device-identity', {}, bytes(40, 4))])]
]

const compressed = n => Buffer.concat([Buffer.from([2]), deflateSync(encodeBinaryNode(n).subarray(1))])
const read = [
  ['compressed', compressed(node('iq', { type: 'result', id: '1.2-3' }, [node('list', {}, Array.from({ length: 50 }, () => node('item', { jid: '15550100001@s.whatsapp.net' })))]))],
  ['compressed, other flags set', Buffer.concat([Buffer.from([0xff]), compressed(node('ping')).subarray(1)])],
  ['not compressed, other flags set', Buffer.concat([Buffer.from([0xfd]), encodeBinaryNode(node('ping')).subarray(1)])],
  ['attribute: list-empty is empty text', hex('00 f8 03 04 08 00')],
  ['tag as raw text', hex('00 f8 01 fc 02 6869')],
  ['text of BINARY_20', hex('00 f8 03 04 08 fd 000002 6869')],
  ['text of BINARY_20, high bits set', hex('00 f8 03 04 08 fd f00002 6869')],
  ['text of BINARY_32', hex('00 f8 03 04 08 fe 00000002 6869')],
  ['content of BINARY_20', hex('00 f8 02 04 fd 000002 6869')],
  ['content of BINARY_32', hex('00 f8 02 04 fe 00000002 6869')],
  ['a long list of few', hex('00 f9 0003 04 08 fc 01 78')],
  ['content: a long list of few', hex('00 f8 02 04 f9 0001 f8 01 08')],
  ['hex, odd', hex('00 f8 03 04 08 fb 82 abcf')],
  ['hex, filler 0', hex('00 f8 03 04 08 fb 82 abc0')],
  ['packed, nothing', hex('00 f8 03 04 08 ff 00')],
  ['packed, 127 bytes', hex('00 f8 03 04 08 ff 7f' + '12'.repeat(127))],
  ['messenger JID', hex('00 f8 03 04 08 f6 ff 04 12345678 0102 fc 04 6d736772')],
  ['interop JID with server', hex('00 f8 03 04 08 f5 ff 04 12345678 0003 0005 fc 07 696e7465726f70')],
  ['interop JID without server, last', hex('00 f8 03 04 08 f5 ff 04 12345678 0003 0005')],
  ['AD JID, user as text', hex('00 f8 03 04 08 f7 00 01 fc 03 616263')],
  ['AD JID, hosted', hex('00 f8 03 04 08 f7 80 63 ff 02 1234')],
  ['AD JID, hosted LID', hex('00 f8 03 04 08 f7 81 63 ff 02 1234')],
  ['JID pair, server as text', hex('00 f8 03 04 08 fa ff 02 1234 fc 03 6c6964')]
]

const traps = [
  ['agent in a phone-number JID', node('message', { to: 'user_1:2@s.whatsapp.net' })],
  ['underscore without device', node('message', { to: 'user_1@s.whatsapp.net' })],
  ['device 300', node('message', { to: '15550100001:300@s.whatsapp.net' })],
  ['messenger device', node('message', { to: '100012345678901:2@msgr' })],
  ['interop device', node('message', { to: '5-15550100001:2@interop' })],
  ['a group with a device', node('message', { to: '120363041234567890:2@g.us' })],
  ['an e-mail address', node('message', { notify: 'anna@example.org' })],
  ['two at signs', node('message', { notify: 'a@b@lid' })]
]

const out = { origin: `baileys ${version}, encodeBinaryNode and decodeBinaryNode, by generate/nodes.mjs`, encode: [], decode: [], traps: [] }
for (const [name, n] of written) {
  const wire = encodeBinaryNode(n)
  const back = nodeOf(await decodeBinaryNode(wire))
  const same = JSON.stringify(back) === JSON.stringify(nodeOf(n))
  out.encode.push({ name, node: nodeOf(n), wire: wireOf(wire), ...(same ? {} : { read_back: back }) })
}
for (const [name, wire] of read) out.decode.push({ name, wire: wire.toString('hex'), node: nodeOf(await decodeBinaryNode(wire)) })
for (const [name, n] of traps) out.traps.push({ name, node: nodeOf(n), baileys_wire: encodeBinaryNode(n).toString('hex'), baileys_reads: nodeOf(await decodeBinaryNode(encodeBinaryNode(n))) })

const lines = key => `  "${key}": [\n` + out[key].map(row => '    ' + JSON.stringify(row)).join(',\n') + '\n  ]'
fs.writeFileSync(path.join(here, '..', 'nodes.json'), `{\n  "origin": ${JSON.stringify(out.origin)},\n${['encode', 'decode', 'traps'].map(lines).join(',\n')}\n}\n`)
