// Writes the token dictionary to stdout or, with --digest, ../tokens.json with its SHA-256.
//
//   node tokens.mjs > ../../../src/motte/core/binary/tokens_v3.txt
//   node tokens.mjs --digest
//
// Baileys is taken from ../../interop/node_modules, or from $BAILEYS_NM.
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const here = path.dirname(fileURLToPath(import.meta.url))
const modules = process.env.BAILEYS_NM || path.join(here, '..', '..', 'interop', 'node_modules')
const constants = pathToFileURL(path.join(modules, 'baileys', 'lib', 'WABinary', 'constants.js')).href
const { SINGLE_BYTE_TOKENS, DOUBLE_BYTE_TOKENS } = await import(constants)
const { version } = JSON.parse(fs.readFileSync(path.join(modules, 'baileys', 'package.json')))

const words = [...SINGLE_BYTE_TOKENS.slice(1), ...DOUBLE_BYTE_TOKENS.flat()].join('\n')
if (process.argv.includes('--digest')) {
  const row = {
    origin: `baileys ${version}, WABinary/constants.js: all words joined by newlines, by generate/tokens.mjs`,
    sha256: createHash('sha256').update(words).digest('hex')
  }
  fs.writeFileSync(path.join(here, '..', 'tokens.json'), JSON.stringify(row, null, 2) + '\n')
} else {
  process.stdout.write(words + '\n')
}
