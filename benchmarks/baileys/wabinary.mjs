// (1) encodeBinaryNode / decodeBinaryNode
import { imp, main, bytes, prng, fixture } from './harness.mjs'
const { encodeBinaryNode, decodeBinaryNode } = await imp('baileys/lib/WABinary/index.js')

const r = prng(42)
const num = n => { let s = String(1 + r() % 9); while (s.length < n) s += String(r() % 10); return s }
const hex = n => { let s = ''; while (s.length < n) s += (r() & 15).toString(16).toUpperCase(); return s }

const msgIn = {
  tag: 'message',
  attrs: { from: '15550100001@s.whatsapp.net', type: 'text', id: '3EB0' + hex(18), notify: 'Alice Example', t: '1716300000', sender_lid: '173658291047365@lid' },
  content: [{ tag: 'enc', attrs: { v: '2', type: 'msg' }, content: bytes(200, 3) }]
}
const msgGroupIn = {
  tag: 'message',
  attrs: { from: '120363041234567890@g.us', type: 'text', id: '3A' + hex(18), notify: 'Bob', participant: '173658291047365:12@lid', participant_pn: '15550100001@s.whatsapp.net', addressing_mode: 'lid', t: '1716300001' },
  content: [{ tag: 'enc', attrs: { v: '2', type: 'skmsg' }, content: bytes(200, 4) }]
}
const fanout = {
  tag: 'message',
  attrs: { id: '3EB0' + hex(18), to: '120363041234567890@g.us', type: 'text', phash: '2:Ab3dEf9h', addressing_mode: 'lid' },
  content: [
    { tag: 'participants', attrs: {}, content: Array.from({ length: 500 }, (_, i) => ({ tag: 'to', attrs: { jid: i % 3 ? `${num(15)}:${1 + r() % 40}@lid` : `${num(15)}@lid` }, content: [{ tag: 'enc', attrs: { v: '2', type: i % 4 ? 'msg' : 'pkmsg' }, content: bytes(i % 4 ? 170 : 330, i + 11) }] })) },
    { tag: 'enc', attrs: { v: '2', type: 'skmsg' }, content: bytes(250, 5) },
    { tag: 'device-identity', attrs: {}, content: bytes(150, 6) }
  ]
}
const usync = {
  tag: 'iq',
  attrs: { from: 's.whatsapp.net', id: '12345.6789-12', type: 'result' },
  content: [{
    tag: 'usync', attrs: { sid: '12345.6789-13', index: '0', last: 'true', mode: 'query', context: 'message' },
    content: [
      { tag: 'result', attrs: {}, content: [{ tag: 'devices', attrs: {} }, { tag: 'lid', attrs: {} }] },
      { tag: 'list', attrs: {}, content: Array.from({ length: 500 }, () => ({ tag: 'user', attrs: { jid: `${num(12)}@s.whatsapp.net` }, content: [
        { tag: 'devices', attrs: {}, content: [
          { tag: 'device-list', attrs: { hash: '2:' + hex(8) }, content: [{ tag: 'device', attrs: { id: '0' } }, { tag: 'device', attrs: { id: String(1 + r() % 80), 'key-index': String(1 + r() % 40) } }, { tag: 'device', attrs: { id: String(1 + r() % 80), 'key-index': String(1 + r() % 40) } }] },
          { tag: 'key-index-list', attrs: { ts: '17163000' + (10 + r() % 89) }, content: bytes(80, 1 + r() % 999) }] },
        { tag: 'lid', attrs: { val: `${num(15)}@lid` } }] })) }
    ]
  }]
}
export const nodes = { message: msgIn, groupmsg: msgGroupIn, fanout500: fanout, usync500: usync }
const toJson = n => ({ tag: n.tag, attrs: n.attrs, content: Array.isArray(n.content) ? n.content.map(toJson) : n.content === undefined ? null : { b64: n.content.toString('base64') } })
const tasks = {}
for (const [k, node] of Object.entries(nodes)) {
  const wire = encodeBinaryNode(node)
  fixture(`node_${k}.bin`, () => wire)
  fixture(`node_${k}.json`, () => JSON.stringify(toJson(node)))
  const big = wire.length > 2000
  tasks[`wabinary.encode.${k}`] = { sync: true, bytes: wire.length, run: () => encodeBinaryNode(node), chunk: big ? 1 : 256 }
  tasks[`wabinary.decode.${k}`] = { bytes: wire.length, run: () => decodeBinaryNode(wire) }
}
await main(tasks)
