import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Resvg } from '@resvg/resvg-js'

/** `npm run icons`: every size from icon.svg. electron-builder makes .ico and .icns from the largest. */

const folder = join(import.meta.dirname, 'icons')
const svg = readFileSync(join(import.meta.dirname, 'icon.svg'), 'utf8')
mkdirSync(folder, { recursive: true })
for (const size of [16, 24, 32, 48, 64, 128, 256, 512, 1024])
  writeFileSync(join(folder, `${size}x${size}.png`), png(svg, size))
// macOS colours a template itself: only its shape counts.
for (const [name, size] of [
  ['trayTemplate.png', 18],
  ['trayTemplate@2x.png', 36],
] as const)
  writeFileSync(join(folder, name), png(svg, size))

function png(source: string, width: number): Buffer {
  return new Resvg(source, { fitTo: { mode: 'width', value: width } }).render().asPng()
}
