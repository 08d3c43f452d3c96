#!/usr/bin/env node
// The `bin` of package.json: builds the program once if that hasn't happened yet, and runs it in this process.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const entry = join(root, 'out', 'main', 'cli.js')

if (!existsSync(entry)) {
  process.stderr.write('hookbench: building it once …\n')
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  const built = spawnSync(npm, ['run', '--silent', 'build'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  if (built.status !== 0 || !existsSync(entry)) {
    process.stderr.write('hookbench: the build failed; run `npm ci`, then `npm run build`.\n')
    process.exit(3)
  }
}

await import(pathToFileURL(entry).href)
