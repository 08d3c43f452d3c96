import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * The baseline: a page without any library that fetches the same rows and shows them in a list of fixed height, of
 * which only what is in view exists.
 */
export interface BareList {
  readonly url: string
  stop(): void
}

const page = `<!doctype html><meta charset="utf-8"><title>Bare list</title><link rel="icon" href="data:,">
<style>
  body { margin: 0 } .grid { height: 100vh; overflow: auto; position: relative }
  .grid-row { position: absolute; left: 0; right: 0; height: 32px; display: flex; gap: 12px }
</style>
<div class="grid" tabindex="0"><div class="grid-body"></div></div>
<script type="module" src="/list.js"></script>`

const script = `const { items } = await (await fetch('/rows')).json()
const grid = document.querySelector('.grid')
const body = document.querySelector('.grid-body')
const total = 100000
body.style.height = total * 32 + 'px'
const shown = new Map()
const draw = () => {
  const from = Math.max(0, Math.floor(grid.scrollTop / 32) - 12)
  const to = Math.min(total, from + Math.ceil(grid.clientHeight / 32) + 24)
  for (const [index, row] of shown) if (index < from || index >= to) { row.remove(); shown.delete(index) }
  for (let index = from; index < to; index += 1) {
    if (shown.has(index)) continue
    const row = document.createElement('div')
    row.className = 'grid-row'
    row.style.transform = 'translateY(' + index * 32 + 'px)'
    for (const value of Object.values(items[index % items.length]).slice(0, 6)) {
      const cell = document.createElement('span')
      cell.textContent = String(value)
      row.append(cell)
    }
    shown.set(index, row)
    body.append(row)
  }
}
grid.addEventListener('scroll', draw)
draw()`

/** @param rows a page of them, as the API answers it */
export async function serveBareList(rows: unknown): Promise<BareList> {
  const files: Readonly<Record<string, readonly [string, string]>> = {
    '/': ['text/html', page],
    '/list.js': ['text/javascript', script],
    '/rows': ['application/json', JSON.stringify(rows)],
  }
  const server = createServer((request, response) => {
    const file = files[request.url ?? '']
    if (file === undefined) return response.writeHead(404).end()
    return response.setHeader('content-type', file[0]).end(file[1])
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    stop() {
      server.closeAllConnections()
      server.close()
    },
  }
}
